"""A small Flask site: one page of facts, and routes to try the server with.

Owns its routes and nothing about how it is served: any WSGI server may call ``app``.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import platform
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, g, redirect, render_template, request, send_file, url_for

app = Flask(__name__)

PIECE = 64 * 1024
BLOCK = bytes(range(256)) * (PIECE // 256)
SAMPLE = Path(__file__).with_name("files") / "sample.txt"

requests_seen = itertools.count(1)


@app.before_request
def count_request() -> None:
    # Threads share the counter; next() on itertools.count is one step, so no lock.
    g.request_number = next(requests_seen)


@app.after_request
def add_pid(response: Response) -> Response:
    response.headers["X-Pid"] = str(os.getpid())
    return response


def facts() -> dict[str, str]:
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
        "Requests in this process": str(g.request_number),
    }


def pieces_of_body() -> Iterator[bytes]:
    # The stream is taken now: when the pieces are asked for, `request` is gone.
    stream = request.stream
    return iter(lambda: stream.read(PIECE), b"")


def text(body: str, status: int = 200) -> Response:
    return Response(body, status, mimetype="text/plain")


@app.get("/")
def home() -> str:
    return render_template("home.html", facts=facts())


@app.get("/hello")
def hello() -> Response:
    return text("Hello, World!\n")


@app.get("/environ")
def environ() -> dict[str, Any]:
    flags = ("wsgi.multithread", "wsgi.multiprocess")
    return {k: v for k, v in request.environ.items() if isinstance(v, str) or k in flags}


@app.post("/echo")
def echo() -> Response:
    content_type = request.content_type or "application/octet-stream"
    return Response(pieces_of_body(), content_type=content_type)


@app.route("/sha256", methods=["POST", "PUT"])
def sha256() -> dict[str, Any]:
    length, digest = 0, hashlib.sha256()
    for piece in pieces_of_body():
        length += len(piece)
        digest.update(piece)
    return {"length": length, "sha256": digest.hexdigest()}


@app.get("/stream")
def stream() -> Response:
    mib = request.args.get("mib", 1, type=int)
    return Response((BLOCK for _ in range(mib * 16)), mimetype="application/octet-stream")


@app.get("/slow")
def slow() -> Response:
    seconds = request.args.get("seconds", 1.0, type=float)
    time.sleep(seconds)
    return text(f"slept {seconds:g} in process {os.getpid()}\n")


@app.get("/status/<int:code>")
def status(code: int) -> Response:
    if not 200 <= code <= 599:
        abort(400)
    return text(f"status {code}\n", code)


@app.get("/error")
def error() -> Response:
    raise RuntimeError("boom with a secret")


@app.get("/cookies")
def cookies() -> Response:
    response = text("two cookies\n")
    response.set_cookie("first", "one")
    response.set_cookie("second", "two", httponly=True)
    return response


@app.get("/redirect")
def to_home() -> Any:
    # url_for knows SCRIPT_NAME, so this is right below a mount too.
    return redirect(url_for("home"))


@app.route("/form", methods=["GET", "POST"])
def form() -> str:
    received = None
    if request.method == "POST":
        content = request.files["file"]
        digest, length = hashlib.sha256(), 0
        while piece := content.stream.read(PIECE):
            digest.update(piece)
            length += len(piece)
        received = {
            "Name": request.form["name"],
            "File": content.filename or "",
            "Bytes": str(length),
            "SHA-256": digest.hexdigest(),
        }
    return render_template("form.html", received=received)


@app.get("/download")
def download() -> Response:
    return send_file(SAMPLE, as_attachment=True)
