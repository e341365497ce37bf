"""Routes that each ask something different of the server; the same in all examples."""

import hashlib
import os
import time
from collections.abc import Iterator
from typing import NoReturn, TypeVar

from django.conf import settings
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

Number = TypeVar("Number", int, float)

PIECE = 64 * 1024
BLOCK = bytes(range(256)) * (PIECE // 256)
SAMPLE = settings.BASE_DIR / "files" / "sample.txt"


def text(body: str, status: int = 200) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="text/plain; charset=utf-8")


def asked(request: HttpRequest, name: str, otherwise: Number) -> Number:
    """A number from the query string, or the other one where none is readable."""
    try:
        return type(otherwise)(request.GET[name])
    except (KeyError, ValueError):
        return otherwise


def pieces_of_body(request: HttpRequest) -> Iterator[bytes]:
    # request.read() passes the stream on; request.body would hold all of it in memory.
    return iter(lambda: request.read(PIECE), b"")


@require_safe
def hello(request: HttpRequest) -> HttpResponse:
    return text("Hello, World!\n")


@require_safe
def environ(request: HttpRequest) -> JsonResponse:
    flags = ("wsgi.multithread", "wsgi.multiprocess")
    return JsonResponse({k: v for k, v in request.META.items() if isinstance(v, str) or k in flags})


@csrf_exempt  # Answers what it was sent and keeps nothing: there is nothing to forge.
@require_POST
def echo(request: HttpRequest) -> StreamingHttpResponse:
    content_type = request.META.get("CONTENT_TYPE") or "application/octet-stream"
    return StreamingHttpResponse(pieces_of_body(request), content_type=content_type)


@csrf_exempt  # As above.
@require_http_methods(["POST", "PUT"])
def sha256(request: HttpRequest) -> JsonResponse:
    length, digest = 0, hashlib.sha256()
    for piece in pieces_of_body(request):
        length += len(piece)
        digest.update(piece)
    return JsonResponse({"length": length, "sha256": digest.hexdigest()})


@require_safe
def stream(request: HttpRequest) -> StreamingHttpResponse:
    pieces = (BLOCK for _ in range(asked(request, "mib", 1) * 16))
    return StreamingHttpResponse(pieces, content_type="application/octet-stream")


@require_safe
def slow(request: HttpRequest) -> HttpResponse:
    seconds = asked(request, "seconds", 1.0)
    time.sleep(seconds)
    return text(f"slept {seconds:g} in process {os.getpid()}\n")


@require_safe
def status(request: HttpRequest, code: int) -> HttpResponse:
    if not 200 <= code <= 599:
        return HttpResponseBadRequest("a status is a number from 200 to 599\n")
    # HTTP allows these two no body, and Django leaves that to the view.
    return text("" if code in (204, 304) else f"status {code}\n", code)


@require_safe
def error(request: HttpRequest) -> NoReturn:
    raise RuntimeError("boom with a secret")


@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    response = text("two cookies\n")
    response.set_cookie("first", "one")
    response.set_cookie("second", "two", httponly=True)
    return response


@require_safe
def to_home(request: HttpRequest) -> HttpResponse:
    # By name: the address then begins with SCRIPT_NAME, and is right below a mount too.
    return redirect("home")


@require_safe
def download(request: HttpRequest) -> FileResponse:
    return FileResponse(SAMPLE.open("rb"), as_attachment=True)
