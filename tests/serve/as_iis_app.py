"""The app of the tests of ``--as-iis``: tells through FIFOs what it sees of bodies and of clients that go.

Owns its routes and nothing about how it is served.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl


def tell(path: str, text: str = ".") -> None:
    """Tells the test that this place was reached."""
    with open(path, "wb", buffering=0) as fifo:
        fifo.write(text.encode())


class Pieces:
    """A body of ``count`` pieces that waits for the test after the first. ``close`` tells how many were taken."""

    def __init__(self, query: dict[str, str]) -> None:
        self.query = query
        self.piece = b"x" * int(query["size"])
        self.taken = 0

    def __iter__(self) -> Pieces:
        return self

    def __next__(self) -> bytes:
        if self.taken == 1:
            with open(self.query["wait"], "rb", buffering=0) as fifo:
                tell(self.query["told"])
                fifo.read(1)
        if self.taken == int(self.query["count"]):
            raise StopIteration
        self.taken += 1
        return self.piece

    def close(self) -> None:
        tell(self.query["closed"], str(self.taken))


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    query = dict(parse_qsl(environ["QUERY_STRING"]))
    path = environ["PATH_INFO"]
    if path == "/pieces":
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return Pieces(query)
    if path == "/unread":
        tell(query["told"])
    elif path == "/upload":
        first = environ["wsgi.input"].read(10)
        tell(query["told"], f"{len(first)}")
        try:
            found = f"{len(environ['wsgi.input'].read())} more"
        except OSError as error:
            found = f"{type(error).__name__}: {error}"
        tell(query["closed"], found)
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"pid": os.getpid(), "path": path}).encode()]
