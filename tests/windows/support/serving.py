"""Owns the stand-in while tests ask it: ``iisgate.exe serve``, its lines, an HTTP client, its end.

Does not own what is served.
"""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import places
from support.launch import PATIENCE_SECONDS, Argument, Conversation

#: What a test that fails shows of what the stand-in said.
SHOWN_CHARACTERS = 6000

#: On Windows a console's word goes to a group of processes: this one is to be alone in its own.
_GROUP: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)} if places.ON_WINDOWS else {}
)

#: What ends a program at a console. (Ctrl-C cannot be sent to one group alone, Ctrl-Break can.)
_INTERRUPT: int = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT)


@dataclass(frozen=True)
class Answer:
    """An HTTP response, read to its end."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def ok(self) -> Answer:
        assert self.status == 200, f"{self.status}: {self.body[:3000].decode(errors='replace')}"
        return self

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ok().body)
        return found


class Serving:
    """One run of the stand-in. Its workers are of the tests' environment, unless ``env`` names another."""

    def __init__(self, *arguments: Argument, env: Mapping[str, Argument] | None = None) -> None:
        variables = {"IISGATE_PYTHON": places.VENV, **(env or {})}
        self._running = Conversation(places.IISGATE, "serve", *arguments, env=variables, **_GROUP)
        self._port = 0

    @property
    def port(self) -> int:
        """Where it listens, as soon as it says so."""
        if not self._port:
            line = self._running.until_told("http://")
            found = re.search(r"http://[^/\s]+:(\d+)/", line)
            assert found, f"no address: {line}"
            self._port = int(found[1])
        return self._port

    @property
    def process(self) -> subprocess.Popen[bytes]:
        return self._running.process

    def wait(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Waits until it has ended by itself, and said all; gives its exit status."""
        return self._running.end(seconds)

    def told(self) -> str:
        """All that it said so far: notes, a line for each request, what instances and workers log."""
        return self._running.told()

    def until_told(self, text: str, seconds: float = PATIENCE_SECONDS) -> str:
        """Waits until it said ``text``; gives the line that holds it."""
        return self._running.until_told(text, seconds)

    def connect(self) -> http.client.HTTPConnection:
        """A connection; the caller's to close."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        on: http.client.HTTPConnection | None = None,
    ) -> Answer:
        """One request, on a connection of its own if none is given."""
        connection = on or self.connect()
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            if on is None:
                connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def raw(self, data: bytes) -> socket.socket:
        """A connection on which these bytes were sent; the caller's to close."""
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)
        sock.sendall(data)
        return sock

    def instances(self, path: str) -> set[str]:
        """The instances that answered requests for ``path``."""
        found = re.findall(rf"^\d+[\d.]* +[A-Z]+ +{re.escape(path)} .* instance (\d+)", self.told(), re.MULTILINE)
        return set(found)

    def interrupt(self) -> None:
        """What Ctrl-C does at a terminal; does not wait."""
        self._running.process.send_signal(_INTERRUPT)

    def end(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Ends it as Ctrl-C does, if it has not ended yet; gives its exit status."""
        process = self._running.process
        if process.poll() is None:
            self.interrupt()
        try:
            # Not until nobody can write any more: under Wine workers hold what the tests read from.
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the stand-in did not end in {seconds:g} s; it said: {self.told()}") from None

    def kill(self) -> None:
        """Ends it as TerminateProcess does."""
        self._running.kill()


@contextmanager
def served(
    site: Path | None, *arguments: Argument, env: Mapping[str, Argument] | None = None
) -> Iterator[Serving]:
    """A site that is served at a free port, and ended afterwards; pytest shows of a test that fails what was said.

    Without a site's folder the ``arguments`` are to say what is served.
    """
    folder = [site] if site else []
    serving = Serving(*folder, "--port=0", *arguments, env=env)
    try:
        yield serving
    finally:
        try:
            serving.end()
        finally:
            print(serving.told()[-SHOWN_CHARACTERS:])
