"""Which address leads to which view."""

from django.contrib import admin
from django.contrib.staticfiles.views import serve
from django.urls import path

from library import probes, views

admin.site.site_header = "Django behind FastCGI"
admin.site.site_title = "Django behind FastCGI"

urlpatterns = [
    path("", views.home, name="home"),
    path("form", views.form, name="form"),
    path("admin/", admin.site.urls),
    path("hello", probes.hello, name="hello"),
    path("environ", probes.environ, name="environ"),
    path("echo", probes.echo, name="echo"),
    path("sha256", probes.sha256, name="sha256"),
    path("stream", probes.stream, name="stream"),
    path("slow", probes.slow, name="slow"),
    path("status/<int:code>", probes.status, name="status"),
    path("error", probes.error, name="error"),
    path("cookies", probes.cookies, name="cookies"),
    path("redirect", probes.to_home, name="to_home"),
    path("download", probes.download, name="download"),
    # Only reached before collectstatic: afterwards the web server finds the files by itself.
    path("static/<path:path>", serve, {"insecure": True}),
]
