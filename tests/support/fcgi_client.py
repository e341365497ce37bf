"""Owns a FastCGI client for tests: one connection, records out, records and responses in.

Sends anything, also what no web server would; judges nothing but the frame of records.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from support import records
from support.records import Record
from support.waiting import DEADLINE_SECONDS

#: A socket path, or host and port.
Address = Path | tuple[str, int]


@dataclass
class Response:
    """What came for one request."""

    records: list[Record] = field(default_factory=list)
    app_status: int | None = None
    protocol_status: int | None = None

    def _stream(self, kind: int) -> bytes:
        return b"".join(record.content for record in self.records if record.kind == kind)

    @property
    def stdout(self) -> bytes:
        return self._stream(records.STDOUT)

    @property
    def stderr(self) -> bytes:
        return self._stream(records.STDERR)

    @property
    def is_ended(self) -> bool:
        return self.app_status is not None

    @property
    def head(self) -> bytes:
        head, blank, _ = self.stdout.partition(b"\r\n\r\n")
        assert blank, f"no blank line in the answer: {self.stdout[:200]!r}"
        return head

    @property
    def body(self) -> bytes:
        return self.stdout.partition(b"\r\n\r\n")[2]

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def headers(self) -> list[tuple[str, str]]:
        lines = self.head.decode("latin-1").split("\r\n")
        return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]

    def header(self, name: str) -> str | None:
        """The only value of a header."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came more than once: {values}"
        return values[0] if values else None

    @property
    def status(self) -> int:
        return int((self.header("Status") or "200").split()[0])


class Closed(Exception):
    """The other end closed the connection; what came before is in ``response``."""

    def __init__(self, response: Response | None = None) -> None:
        super().__init__("the connection was closed")
        self.response = response or Response()


class Client:
    """One connection."""

    def __init__(self, sock: socket.socket, seconds: float = DEADLINE_SECONDS) -> None:
        self.sock = sock
        self.sock.settimeout(seconds)
        self._buffer = bytearray()
        self._waiting: dict[int, list[Record]] = {}

    @classmethod
    def connect(cls, address: Address) -> Client:
        if isinstance(address, tuple):
            return cls(socket.create_connection(address))
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(address))
        return cls(sock)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.sock.close()

    def send(self, *parts: bytes) -> None:
        self.sock.sendall(b"".join(parts))

    def ask(self, method: str = "GET", path: str = "/", query: str = "", body: bytes = b"", id: int = 1,
            keep: bool = True, **more: str | bytes) -> Response:
        """One request and its response."""
        values = records.params(method, path, query, body, **more)
        self.send(records.request(values, body, id, keep))
        return self.response(id)

    def start(self, method: str = "GET", path: str = "/", query: str = "", id: int = 1, keep: bool = True,
              length: int = 0, **more: str | bytes) -> None:
        """BEGIN and PARAMS; the body is the caller's to send."""
        values = records.params(method, path, query, length, **more)
        parts = records.stream(records.PARAMS, records.pairs(values), id)
        self.send(records.begin(id, keep=keep), *parts)

    def body(self, data: bytes, id: int = 1, end: bool = False, **cut: int) -> None:
        self.send(*records.stream(records.STDIN, data, id, end=end, **cut))

    def end_body(self, id: int = 1) -> None:
        self.send(records.record(records.STDIN, b"", id))

    def _need(self, count: int) -> bool:
        while len(self._buffer) < count:
            data = self.sock.recv(256 * 1024)
            if not data:
                return False
            self._buffer += data
        return True

    def record(self) -> Record:
        """The next record of any kind."""
        if not self._need(8):
            assert not self._buffer, f"closed within a record: {bytes(self._buffer)!r}"
            raise Closed
        version, kind, id, length, padding, _ = struct.unpack(">BBHHBB", self._buffer[:8])
        assert version == 1, f"not FastCGI: {bytes(self._buffer[:40])!r}"
        assert self._need(8 + length + padding), "closed within a record"
        content = bytes(self._buffer[8 : 8 + length])
        del self._buffer[: 8 + length + padding]
        return Record(kind, id, content, padding)

    def records(self, id: int = 1) -> Iterator[Record]:
        """Records of one request up to END_REQUEST; those of others are kept for them."""
        while True:
            waiting = self._waiting.get(id)
            try:
                record = waiting.pop(0) if waiting else self.record()
            except ConnectionResetError:
                raise Closed from None
            if record.id != id:
                self._waiting.setdefault(record.id, []).append(record)
                continue
            yield record
            if record.kind == records.END:
                return

    def response(self, id: int = 1) -> Response:
        """The whole response, in memory."""
        found = Response()
        try:
            for record in self.records(id):
                found.records.append(record)
        except Closed:
            raise Closed(found) from None
        found.app_status, found.protocol_status = struct.unpack(">IB3x", found.records[-1].content)
        return found

    def read_until(self, mark: bytes, id: int = 1) -> bytes:
        """STDOUT up to and with ``mark``: what a visitor has seen by then."""
        seen = b""
        for record in self.records(id):
            assert record.kind == records.STDOUT, f"ended before {mark!r}: {seen!r} {record}"
            seen += record.content
            if mark in seen:
                return seen
        raise AssertionError("unreachable: END_REQUEST is asserted above")

    def is_closed(self) -> bool:
        """Waits for the other end to close; ``False`` if it sends something instead."""
        try:
            return not self._need(1)
        except ConnectionResetError:
            return True

    def abort(self, id: int = 1) -> None:
        self.send(records.abort(id))
