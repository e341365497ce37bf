"""Owns FastCGI records as bytes, after the specification and independent of our Rust code.

Does not own a connection: see ``fcgi_client``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR, DATA = range(1, 9)
GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE = 9, 10, 11

RESPONDER, AUTHORIZER, FILTER = 1, 2, 3
KEEP_CONN = 1
REQUEST_COMPLETE, CANT_MPX_CONN, OVERLOADED, UNKNOWN_ROLE = range(4)

#: Most content that is cut into one record when nothing else is asked for.
CONTENT_MAX = 65_528

Pairs = Mapping[str, str | bytes] | Iterable[tuple[str | bytes, str | bytes]]


@dataclass(frozen=True)
class Record:
    kind: int
    id: int
    content: bytes
    padding: int = 0

    def __repr__(self) -> str:
        return f"Record({self.kind}, id={self.id}, {self.content[:60]!r}…{len(self.content)})"


def record(kind: int, content: bytes = b"", id: int = 1, padding: int = 0) -> bytes:
    head = struct.pack(">BBHHBB", 1, kind, id, len(content), padding, 0)
    return head + content + b"\xaa" * padding


def begin(id: int = 1, role: int = RESPONDER, keep: bool = True) -> bytes:
    return record(BEGIN, struct.pack(">HB5x", role, KEEP_CONN if keep else 0), id)


def abort(id: int = 1) -> bytes:
    return record(ABORT, b"", id)


def _length(number: int) -> bytes:
    return bytes([number]) if number < 128 else struct.pack(">I", number | 0x8000_0000)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8")


def pairs(values: Pairs) -> bytes:
    """Name–value pairs; text is sent as UTF-8."""
    items = values.items() if isinstance(values, Mapping) else values
    encoded = ((_bytes(name), _bytes(value)) for name, value in items)
    return b"".join(_length(len(n)) + _length(len(v)) + n + v for n, v in encoded)


def unpairs(content: bytes) -> dict[str, str]:
    found, at = {}, 0
    while at < len(content):
        sizes = []
        for _ in range(2):
            size = content[at]
            if size >= 128:
                size = struct.unpack_from(">I", content, at)[0] & 0x7FFF_FFFF
                at += 3
            at += 1
            sizes.append(size)
        name, value = content[at : at + sizes[0]], content[at + sizes[0] : at + sum(sizes)]
        at += sum(sizes)
        found[name.decode()] = value.decode()
    return found


def stream(
    kind: int, content: bytes, id: int = 1, size: int = CONTENT_MAX, padding: int = 0, end: bool = True
) -> Iterator[bytes]:
    """Cuts content into records of ``size``, and ends the stream."""
    for at in range(0, len(content), size):
        yield record(kind, content[at : at + size], id, padding)
    if end:
        yield record(kind, b"", id)


def request(
    params: Pairs, body: bytes = b"", id: int = 1, keep: bool = True, size: int = CONTENT_MAX, padding: int = 0
) -> bytes:
    """A whole request."""
    return b"".join(
        (
            begin(id, keep=keep),
            *stream(PARAMS, pairs(params), id, size, padding),
            *stream(STDIN, body, id, size, padding),
        )
    )


def params(
    method: str = "GET", path: str = "/", query: str = "", body: bytes | int | None = None, **more: str | bytes | None
) -> dict[str, str | bytes]:
    """What a plain web server would send. ``more`` replaces and adds; ``None`` takes away."""
    length = body if isinstance(body, int) else len(body or b"")
    uri = path + (f"?{query}" if query else "")
    values: dict[str, str | bytes | None] = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "tests/1.0",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_URI": uri,
        "CONTENT_LENGTH": str(length) if length else "",
        "HTTP_HOST": "localhost",
    }
    values.update(more)
    return {name: value for name, value in values.items() if value is not None}
