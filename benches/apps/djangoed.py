"""Owns the measured Django app: one route that answers JSON, without middleware or database."""

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import path

settings.configure(ALLOWED_HOSTS=["*"], DEBUG=False, ROOT_URLCONF=__name__, SECRET_KEY="measured", MIDDLEWARE=[])
django.setup()


def item(request, number):
    """Answers with what the path and the query say."""
    tags = ["a", "b", "c"]
    return JsonResponse({"id": number, "name": "item", "q": request.GET.get("q", ""), "tags": tags})


urlpatterns = [path("item/<int:number>", item)]
app = get_wsgi_application()
