"""A small Pyramid site: builds the WSGI app from what the ini file says.

Owns the table of routes; what they do is in ``views``, mounting below a path in ``mounts``.
"""

from __future__ import annotations

import itertools
import logging
import os
from typing import Any

from pyramid.config import Configurator
from pyramid.events import NewRequest, NewResponse
from pyramid.router import Router
from pyramid.static import static_view

log = logging.getLogger(__name__)

# Threads share the counter; next() on itertools.count is one step, so no lock.
requests_seen = itertools.count(1)


def main(global_config: dict[str, str], **settings: Any) -> Router:
    config = Configurator(settings=settings)
    config.include("pyramid_jinja2")
    config.add_route("home", "/")
    config.add_route("hello", "/hello")
    config.add_route("environ", "/environ")
    config.add_route("echo", "/echo")
    config.add_route("sha256", "/sha256")
    config.add_route("stream", "/stream")
    config.add_route("slow", "/slow")
    config.add_route("status", r"/status/{code:\d+}")
    config.add_route("error", "/error")
    config.add_route("cookies", "/cookies")
    config.add_route("to_home", "/redirect")
    config.add_route("form", "/form")
    config.add_route("download", "/download")
    # A web server in front sends these files by itself; this is for when there is none,
    # and for the mounted app, whose files lie at another address than on disk.
    config.add_route("static", "/static/*subpath")
    config.add_view(static_view(settings["site.static"], use_subpath=True), route_name="static")
    config.scan(".views")
    config.add_subscriber(count_request, NewRequest)
    config.add_subscriber(add_pid, NewResponse)
    log.info("starting: %s", settings["site.title"])
    return config.make_wsgi_app()


def count_request(event: NewRequest) -> None:
    event.request.number = next(requests_seen)


def add_pid(event: NewResponse) -> None:
    event.response.headers["X-Pid"] = str(os.getpid())
