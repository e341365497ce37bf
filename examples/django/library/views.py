"""The pages a visitor sees: the books with the facts of the request, and the upload."""

import hashlib
import os
import platform
import threading

from django import forms
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from .models import Book, Document


class DocumentForm(forms.ModelForm):
    class Meta:
        model = Document
        fields = ["name", "file"]


def facts(request: HttpRequest) -> dict[str, str]:
    """What this request looks like from inside Python."""
    environ = request.META
    return {
        "Process id": str(os.getpid()),
        "Thread name": threading.current_thread().name,
        "Python version": platform.python_version(),
        "Server software": environ.get("SERVER_SOFTWARE", ""),
        "SCRIPT_NAME": environ.get("SCRIPT_NAME", ""),
        "PATH_INFO": environ.get("PATH_INFO", ""),
        "REMOTE_USER": environ.get("REMOTE_USER") or "anonymous",
        "wsgi.multithread": str(environ["wsgi.multithread"]),
        "Requests in this process": str(request.number),
    }


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    try:
        books = list(Book.objects.all())
    except OperationalError:
        # A newcomer who has not run `migrate` yet reads that on the page, not a 500.
        books = None
    return render(request, "library/home.html", {"facts": facts(request), "books": books})


@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    filled = DocumentForm(request.POST or None, request.FILES or None)
    received = None
    if filled.is_valid():
        digest = hashlib.sha256()
        for piece in filled.cleaned_data["file"].chunks():
            digest.update(piece)
        document = filled.save(commit=False)
        document.sha256 = digest.hexdigest()
        received = {
            "Name": document.name,
            # Asked before saving: the storage may give a file of the same name another one.
            "File": document.file.name,
            "Bytes": str(document.file.size),
            "SHA-256": document.sha256,
        }
        document.save()
        filled = DocumentForm()
    return render(request, "library/form.html", {"form": filled, "received": received})
