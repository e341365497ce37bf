"""What each route answers: a page of facts, a form, and routes to try the server with."""

from __future__ import annotations

import hashlib
import logging
import os
import platform
import threading
import time
from collections.abc import Iterator
from typing import Any, BinaryIO, NoReturn, TypeVar

from pyramid.httpexceptions import HTTPBadRequest, HTTPFound
from pyramid.request import Request
from pyramid.response import FileResponse, Response
from pyramid.view import view_config

log = logging.getLogger(__name__)

Number = TypeVar("Number", int, float)

PIECE = 64 * 1024
BLOCK = bytes(range(256)) * (PIECE // 256)


def facts(request: Request) -> dict[str, str]:
    """What this request looks like from inside Python."""
    environ = request.environ
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


def asked(request: Request, name: str, otherwise: Number) -> Number:
    """A number from the query string, or the other one where none is readable."""
    try:
        return type(otherwise)(request.GET[name])
    except (KeyError, ValueError):
        return otherwise


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: stream.read(PIECE), b"")


def measured(stream: BinaryIO) -> tuple[int, str]:
    length, digest = 0, hashlib.sha256()
    for piece in pieces(stream):
        length += len(piece)
        digest.update(piece)
    return length, digest.hexdigest()


def text(body: str, status: int = 200) -> Response:
    return Response(body, status=status, content_type="text/plain", charset="utf-8")


@view_config(route_name="home", request_method="GET", renderer="templates/home.jinja2")
def home(request: Request) -> dict[str, Any]:
    log.info("home page for %s", request.remote_user or "anonymous")
    return {"facts": facts(request)}


@view_config(route_name="hello", request_method="GET")
def hello(request: Request) -> Response:
    return text("Hello, World!\n")


@view_config(route_name="environ", request_method="GET", renderer="json")
def environ(request: Request) -> dict[str, Any]:
    flags = ("wsgi.multithread", "wsgi.multiprocess")
    return {k: v for k, v in request.environ.items() if isinstance(v, str) or k in flags}


@view_config(route_name="echo", request_method="POST")
def echo(request: Request) -> Response:
    response = Response(app_iter=pieces(request.body_file))
    # The header as it came; `content_type` would drop its parameters.
    response.headers["Content-Type"] = (
        request.headers.get("Content-Type") or "application/octet-stream"
    )
    return response


@view_config(route_name="sha256", request_method=("POST", "PUT"), renderer="json")
def sha256(request: Request) -> dict[str, Any]:
    length, digest = measured(request.body_file)
    return {"length": length, "sha256": digest}


@view_config(route_name="stream", request_method="GET")
def stream(request: Request) -> Response:
    blocks = (BLOCK for _ in range(asked(request, "mib", 1) * 16))
    return Response(app_iter=blocks, content_type="application/octet-stream")


@view_config(route_name="slow", request_method="GET")
def slow(request: Request) -> Response:
    seconds = asked(request, "seconds", 1.0)
    time.sleep(seconds)
    return text(f"slept {seconds:g} in process {os.getpid()}\n")


@view_config(route_name="status", request_method="GET")
def status(request: Request) -> Response:
    code = int(request.matchdict["code"])
    if not 200 <= code <= 599:
        raise HTTPBadRequest("a status is a number from 200 to 599")
    # HTTP allows these two no body, and WebOb leaves that to the view.
    return text("" if code in (204, 304) else f"status {code}\n", code)


@view_config(route_name="error", request_method="GET")
def error(request: Request) -> NoReturn:
    # There is no exception view on purpose: this one leaves the app, and the server must cope.
    raise RuntimeError("boom with a secret")


@view_config(route_name="cookies", request_method="GET")
def cookies(request: Request) -> Response:
    response = text("two cookies\n")
    response.set_cookie("first", "one")
    response.set_cookie("second", "two", httponly=True)
    return response


@view_config(route_name="to_home", request_method="GET")
def to_home(request: Request) -> HTTPFound:
    # route_path knows SCRIPT_NAME, so this is right below a mount too.
    return HTTPFound(request.route_path("home"))


@view_config(route_name="form", request_method="GET", renderer="templates/form.jinja2")
def form(request: Request) -> dict[str, Any]:
    return {"received": None}


@view_config(route_name="form", request_method="POST", renderer="templates/form.jinja2")
def form_sent(request: Request) -> dict[str, Any]:
    name, content = request.POST.get("name"), request.POST.get("file")
    if name is None or not hasattr(content, "file"):
        raise HTTPBadRequest("the form has a name and a file")
    length, digest = measured(content.file)
    return {
        "received": {
            "Name": name,
            "File": content.filename,
            "Bytes": str(length),
            "SHA-256": digest,
        }
    }


@view_config(route_name="download", request_method="GET")
def download(request: Request) -> Response:
    # Given the request, FileResponse uses the server's wsgi.file_wrapper.
    sample = request.registry.settings["site.sample"]
    response = FileResponse(sample, request=request, content_type="text/plain")
    response.content_disposition = 'attachment; filename="sample.txt"'
    return response
