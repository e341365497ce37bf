"""A small FastAPI site: one page of facts, and routes to try the server with.

Owns its routes and nothing about how it is served: any ASGI server may call ``app``.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import platform
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Form, Request, Response, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates

HERE = Path(__file__).parent
PIECE = 64 * 1024
BLOCK = bytes(range(256)) * (PIECE // 256)
SAMPLE = HERE / "files" / "sample.txt"

requests_seen = itertools.count(1)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
    """What is done before the first request and after the last; requests find it in ``request.state``."""
    yield {"begun": time.time()}


app = FastAPI(title="FastAPI behind FastCGI", lifespan=lifespan)
# IIS sends these itself, by web.config; elsewhere, and for url_for, the app has them as well.
app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
templates = Jinja2Templates(directory=HERE / "templates")


@app.middleware("http")
async def add_pid(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    request.state.number = next(requests_seen)
    response = await call_next(request)
    response.headers["X-Pid"] = str(os.getpid())
    return response


def told(request: Request) -> dict[str, Any]:
    """What the web server told of a request: ``REMOTE_USER`` and all the others. Other servers have no such thing."""
    extensions: dict[str, Any] = request.scope.get("extensions") or {}
    environ: dict[str, Any] = extensions.get("iisgate", {}).get("environ", {})
    return environ


Told = Annotated[dict[str, Any], Depends(told)]


def page(request: Request, name: str, **values: Any) -> HTMLResponse:
    return templates.TemplateResponse(request, name, values)


@app.get("/")
async def home(request: Request, environ: Told) -> HTMLResponse:
    facts = {
        "Process id": str(os.getpid()),
        "Thread name": threading.current_thread().name,
        "Python version": platform.python_version(),
        "Server software": environ.get("SERVER_SOFTWARE", ""),
        "root_path": request.scope["root_path"],
        "path": request.scope["path"],
        "REMOTE_USER": environ.get("REMOTE_USER") or "anonymous",
        "Seconds since the startup": f"{time.time() - request.state.begun:.1f}",
        "Requests in this process": str(request.state.number),
    }
    return page(request, "home.html", facts=facts)


@app.api_route("/hello", methods=["GET", "HEAD"])
async def hello() -> PlainTextResponse:
    return PlainTextResponse("Hello, World!\n")


@app.get("/environ")
async def environ(environ: Told) -> dict[str, Any]:
    flags = ("wsgi.multithread", "wsgi.multiprocess")
    return {k: v for k, v in environ.items() if isinstance(v, str) or k in flags}


@app.post("/echo")
async def echo(request: Request) -> Response:
    # Not request.stream() into a StreamingResponse: that listens for the browser's leaving, and takes pieces away.
    content_type = request.headers.get("content-type", "application/octet-stream")
    return Response(await request.body(), media_type=content_type)


@app.api_route("/sha256", methods=["POST", "PUT"])
async def sha256(request: Request) -> dict[str, Any]:
    length, digest = 0, hashlib.sha256()
    async for piece in request.stream():
        length += len(piece)
        digest.update(piece)
    return {"length": length, "sha256": digest.hexdigest()}


@app.get("/stream")
async def stream(mib: int = 1) -> StreamingResponse:
    return StreamingResponse((BLOCK for _ in range(mib * 16)), media_type="application/octet-stream")


@app.get("/events")
async def events(seconds: float = 1) -> StreamingResponse:
    """Server-sent events, until the browser has gone."""

    async def lines() -> AsyncIterator[str]:
        for count in itertools.count(1):
            yield f"data: {count}\n\n"
            await asyncio.sleep(seconds)

    return StreamingResponse(lines(), media_type="text/event-stream")


@app.get("/slow")
async def slow(seconds: float = 1) -> PlainTextResponse:
    await asyncio.sleep(seconds)
    return PlainTextResponse(f"slept {seconds:g} in process {os.getpid()}\n")


@app.get("/blocking")
def blocking(seconds: float = 1) -> PlainTextResponse:
    """Not ``async``, for what can only wait in a thread: FastAPI has some for that."""
    time.sleep(seconds)
    return PlainTextResponse(f"slept {seconds:g} in {threading.current_thread().name}\n")


@app.get("/status/{code}")
async def status(code: int) -> PlainTextResponse:
    if not 200 <= code <= 599:
        return PlainTextResponse("200 to 599\n", 400)
    return PlainTextResponse(f"status {code}\n", code)


@app.get("/error")
async def error() -> None:
    raise RuntimeError("boom with a secret")


@app.get("/cookies")
async def cookies() -> PlainTextResponse:
    response = PlainTextResponse("two cookies\n")
    response.set_cookie("first", "one")
    response.set_cookie("second", "two", httponly=True)
    return response


@app.get("/redirect")
async def to_home(request: Request) -> RedirectResponse:
    # url_for knows root_path, so this is right below a mount too.
    return RedirectResponse(request.url_for("home"), 302)


@app.get("/form")
async def form(request: Request) -> HTMLResponse:
    return page(request, "form.html", received=None)


@app.post("/form")
async def received(request: Request, name: Annotated[str, Form()], file: UploadFile) -> HTMLResponse:
    digest, length = hashlib.sha256(), 0
    while piece := await file.read(PIECE):
        digest.update(piece)
        length += len(piece)
    facts = {"Name": name, "File": file.filename or "", "Bytes": str(length), "SHA-256": digest.hexdigest()}
    return page(request, "form.html", received=facts)


@app.get("/download")
async def download() -> FileResponse:
    return FileResponse(SAMPLE, filename=SAMPLE.name)
