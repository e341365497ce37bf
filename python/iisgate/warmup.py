"""Owns asking the app for some URLs before the worker serves, so that no visitor waits for what is done
once: templates, connections, caches.

Does not own real requests (native).
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from iisgate import _native


def warm_up(app: Callable[..., Any], paths: Iterable[str], environ: dict[str, Any]) -> None:
    """Asks for each path. What goes wrong is told: a worker without its warm-up serves, too."""
    for path in paths:
        begun = time.perf_counter()
        try:
            status = _ask(app, path, environ)
        except Exception:
            _native.log("warning", f"warm-up: GET {path}: the app failed\n{traceback.format_exc()}")
            continue
        level = "info" if status[:1] in "123" else "warning"
        _native.log(level, f"warm-up: GET {path}: {status} in {time.perf_counter() - begun:.2f} s")


def _ask(app: Callable[..., Any], path: str, environ: dict[str, Any]) -> str:
    """The status of one answer, which is read to its end."""
    told: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], None]:
        told.append(status)
        return lambda data: None

    path, _, query = path.partition("?")
    request = {"PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": BytesIO(), **environ}
    body = app(request, start_response)
    try:
        for _ in body:
            pass
    finally:
        if close := getattr(body, "close", None):
            close()
    return told[-1] if told else "no status"


def environment(script_name: str, errors: Any, is_multithread: bool, is_multiprocess: bool) -> dict[str, Any]:
    """What is the same for all of these requests."""
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": script_name.rstrip("/"),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "localhost",
        "HTTP_USER_AGENT": "iisgate-warm-up",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": errors,
        "wsgi.multithread": is_multithread,
        "wsgi.multiprocess": is_multiprocess,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
