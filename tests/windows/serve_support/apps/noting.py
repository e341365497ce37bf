"""Owns the app that tells what it sees, and waits where a test wants it to.

All requests are in one process, so one request lets another go on: what was said with a name, ``told`` gives,
and waits for it if need be.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

VERSION = "one"

PIECE = 64 * 1024

#: How long one request waits for another: what a test waits for comes sooner, or never.
PATIENCE_SECONDS = 30

_said: dict[str, str] = {}
_has_said = threading.Condition()
_barriers: dict[int, threading.Barrier] = {}


def say(name: str, text: str = "said") -> None:
    with _has_said:
        _said[name] = text
        _has_said.notify_all()


def told(name: str) -> str:
    """What was said with that name; it is forgotten with that."""
    with _has_said:
        assert _has_said.wait_for(lambda: name in _said, PATIENCE_SECONDS), f"nobody said {name}"
        return _said.pop(name)


def pause(name: str) -> None:
    """Says that this place was reached, and waits until the test lets it go on."""
    say(f"{name} reached")
    told(f"{name} go")


def meet(count: int) -> None:
    """Waits until ``count`` requests are in here at the same time."""
    with _has_said:
        barrier = _barriers.setdefault(count, threading.Barrier(count))
    barrier.wait(PATIENCE_SECONDS)


def digest(stream: Any) -> dict[str, Any]:
    length, sha256 = 0, hashlib.sha256()
    while piece := stream.read(PIECE):
        length += len(piece)
        sha256.update(piece)
    return {"length": length, "sha256": sha256.hexdigest()}


class Pieces:
    """A body of ``count`` pieces that pauses after the first; it says how many were taken."""

    def __init__(self, name: str, size: int, count: int) -> None:
        self.name, self.piece, self.count = name, b"x" * size, count
        self.taken = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if self.taken == 1:
            pause(self.name)
        if self.taken == self.count:
            raise StopIteration
        self.taken += 1
        return self.piece

    def close(self) -> None:
        say(f"{self.name} ended", str(self.taken))


def upload(name: str, stream: Any) -> None:
    """Reads in two parts, and says what became of the second."""
    stream.read(10)
    say(f"{name} reached")
    try:
        ended = f"{len(stream.read())} more"
    except OSError as error:
        ended = f"{type(error).__name__}: {error}"
    say(f"{name} ended", ended)


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    query = dict(parse_qsl(environ["QUERY_STRING"]))
    name, what = query.get("name", ""), environ["PATH_INFO"].split("/")[1]
    octets = [("Content-Type", "application/octet-stream")]
    more: dict[str, Any] = {}
    if what == "pieces":
        start_response("200 OK", octets)
        return Pieces(name, int(query["size"]), int(query["count"]))
    if what == "bytes":
        start_response("200 OK", octets)
        return (bytes(range(256)) * (PIECE // 256) for _ in range(int(query["mib"]) * 16))
    if what == "environ":
        more["environ"] = {key: value for key, value in environ.items() if isinstance(value, str)}
    elif what == "digest":
        more = digest(environ["wsgi.input"])
    elif what == "upload":
        upload(name, environ["wsgi.input"])
    elif what == "hold":
        pause(name)
    elif what == "unread":
        say(f"{name} reached")
    elif what == "go":
        say(f"{name} go")
    elif what in ("reached", "ended"):
        more[what] = told(f"{name} {what}")
    elif what == "meet":
        meet(int(query["count"]))
    facts = {
        "pid": os.getpid(),
        "thread": threading.current_thread().name,
        "version": VERSION,
        "path": environ["PATH_INFO"],
        "mount": environ["SCRIPT_NAME"],
        "multiprocess": environ["wsgi.multiprocess"],
        "executable": sys.executable,
        "prefix": sys.prefix,
        "folder": os.getcwd(),
        "file": __file__,
    }
    body = json.dumps({**facts, **more}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
