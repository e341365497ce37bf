"""Owns what all front ends have in common: an example behind them, HTTP before them.

Does not own any server's configuration.
"""

from __future__ import annotations

import http.client
import os
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import ClassVar

from support import processes, programs
from support.fronts.answers import Answer
from support.logs import Log
from support.waiting import until

Body = bytes | Iterable[bytes] | None


class Front:
    """A web server that serves one example."""

    name: ClassVar[str]
    #: Whether a visitor's connection can be kept for further requests.
    keeps_alive: ClassVar[bool] = True

    #: A path that is answered as soon as all is ready.
    ready_path: str = "/hello"

    def __init__(self, example: str, target: str | None = None) -> None:
        self.example = example
        self.target = target
        self.site = programs.APPS if target else programs.EXAMPLES / example
        self.folder = Path(tempfile.mkdtemp(prefix="iisgate-"))
        # Some servers take off root's rights before they start or reach us.
        self.folder.chmod(0o755)
        (self.folder / "run").mkdir(mode=0o700)
        self.log = Log(self.folder / "iisgate.log")
        self.port = processes.free_port()
        self.started: list[subprocess.Popen[bytes]] = []

    # ── our side ──

    def environment(self) -> dict[str, str]:
        return {
            **programs.environment(),
            "IISGATE_PYTHON": sys.executable,
            # Sockets of gates and workers: apart from those of whoever works on this machine.
            "XDG_RUNTIME_DIR": str(self.folder / "run"),
            "DJANGO_DB": str(self.folder / "db.sqlite3"),
            "DJANGO_MEDIA": str(self.folder / "media"),
        }

    def command(self, *arguments: str) -> list[str]:
        return [
            str(programs.iisgate()), "fcgi", f"--site={self.site}", f"--log={self.log.path}", "--grace=0.5",
            *([self.target] if self.target else []), *arguments,
        ]

    def script(self) -> Path:
        """The same as a file to start, for those that take no arguments or clear the environment."""
        path = self.folder / "site.fcgi"
        marks = {**self.environment(), processes.MARK_NAME: processes.MARK}
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in marks.items())
        path.write_text(f"#!/bin/sh\n{exports}exec {shlex.join(self.command())}\n")
        path.chmod(0o755)
        return path

    def start_supervisor(self, listen: str, *arguments: str) -> subprocess.Popen[bytes]:
        return self.run(self.command(f"--listen={listen}", *arguments))

    def run(self, command: list[str], **more: object) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as output:
            process = processes.start(
                command, env=self.environment(), stdout=output, stderr=output, **more  # type: ignore[arg-type]
            )
        self.started.append(process)
        return process

    def start(self) -> None:
        """Starts the server and what it needs."""
        raise NotImplementedError

    def __enter__(self) -> Front:
        if self.example == "django":
            self.migrate()
        try:
            self.start()
            until(f"{self.name} answers; {self.told()}", self._answers)
        except BaseException:
            print(self.told())
            self.__exit__()
            raise
        return self

    def migrate(self) -> None:
        command = [sys.executable, str(self.site / "manage.py"), "migrate", "--verbosity=0"]
        subprocess.run(command, env={**os.environ, **self.environment()}, check=True)

    def _answers(self) -> bool:
        for process in self.started:
            if process.poll() is not None:
                raise AssertionError(f"{process.args} ended: {process.returncode}: {self.told()}")
        try:
            return self.ask("GET", self.ready_path).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def __exit__(self, *_: object) -> None:
        # The front before what stands behind it.
        for process in reversed(self.started):
            processes.stop(process)
        # A worker outlives its last gate by a grace.
        until("nothing of it lives", lambda: not processes.ours_in(self.folder / "run"))
        shutil.rmtree(self.folder, ignore_errors=True)

    def told(self) -> str:
        """What all concerned have said."""
        texts = []
        for path in sorted(self.folder.glob("*")):
            if path.name in ("output", "error.log", "iisgate.log"):
                texts.append(f"─── {path.name} ───\n{path.read_text(errors='replace')[-4000:]}")
        return "\n".join(texts)

    # ── the visitor's side ──

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: Body = None, headers: Mapping[str, str] | None = None) -> Answer:
        """One request on a connection of its own."""
        connection = self.connection()
        return self.ask_on(connection, method, path, body, headers, connection.close)

    def ask_on(self, connection: http.client.HTTPConnection, method: str, path: str, body: Body = None,
               headers: Mapping[str, str] | None = None, close: object = None) -> Answer:
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        if not callable(close):
            close = lambda: None  # noqa: E731
        return Answer(response.status, response.getheaders(), response.read, close)

    def visit(self, method: str, path: str) -> http.client.HTTPResponse:
        """One request, and the response as the standard library sees it."""
        connection = self.connection()
        connection.request(method, path)
        return connection.getresponse()

    def hang_up_during_upload(self, path: str, length: int, piece: bytes) -> None:
        """Promises ``length`` bytes, sends a piece and goes away."""
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port)) as visitor:
            visitor.sendall(head.encode() + piece)

    def is_root(self) -> bool:
        return os.geteuid() == 0
