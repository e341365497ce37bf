"""Owns asking a stand-in: an HTTP client, the lines that it says, and a ``web.config`` to ask for.

Does not start it: on Unix ``serve_site`` does, for Windows programs the module of that name there.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from support.waiting import until


@dataclass
class Answer:
    """An HTTP response, read to its end."""

    status: int
    reason: str
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> dict[str, Any]:
        assert self.status == 200, f"{self.status}: {self.text[:2000]}"
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found


class Asking(ABC):
    """A stand-in that runs and can be asked."""

    _port = 0

    @property
    @abstractmethod
    def text(self) -> str:
        """All that it said so far."""

    @property
    @abstractmethod
    def returncode(self) -> int | None:
        """What it ended with, once it has."""

    @property
    def port(self) -> int:
        def probe() -> int:
            found = re.search(r"http://[^/\s]+:(\d+)/", self.text)
            if not found and self.returncode is not None:
                raise AssertionError(f"it ended with {self.returncode}: {self.text}")
            return int(found[1]) if found else 0

        if not self._port:
            self._port = until("it tells its address", probe)
        return self._port

    def wait_line(self, text: str) -> str:
        def probe() -> str | None:
            return next((line for line in self.text.splitlines() if text in line), None)

        return until(f"a line with {text!r}; it said: {self.text[-1500:]}", probe)

    def connect(self, seconds: float = 60) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        connection.connect()
        return connection

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None,
            on: http.client.HTTPConnection | None = None) -> Answer:
        """One request, on a connection of its own if none is given."""
        connection = on or self.connect()
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.reason, response.headers, response.read())
        finally:
            if on is None:
                connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def raw(self, data: bytes) -> socket.socket:
        """A connection on which these bytes were sent; the caller's to close."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        sock.sendall(data)
        return sock


def handler(script_processor: str, path: str = "*", name: str = "it") -> str:
    """A ``web.config`` with one FastCGI handler."""
    escaped = script_processor.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return (f'<configuration><system.webServer><handlers>\n<add name="{name}" path="{path}" verb="*" '
            f'modules="FastCgiModule" scriptProcessor="{escaped}" resourceType="Unspecified" requireAccess="Script" '
            "/>\n</handlers></system.webServer></configuration>\n")
