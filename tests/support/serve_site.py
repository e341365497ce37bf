"""Owns the stand-in under test: ``iisgate serve`` with its site, its lines, an HTTP client.

Does not own what is served.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support import processes, programs
from support.gate_site import SITES
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


class ServeSite:
    """A folder with a site, its rendezvous folder, and what was started for it."""

    def __init__(self, source: Path | str, copy: bool = True) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="iisgate-"))
        source = SITES / source if isinstance(source, str) else source
        self.path = self.folder / "site" if copy else source
        if copy:
            shutil.copytree(source, self.path)
        self.run = self.folder / "run"
        self.run.mkdir(mode=0o700)
        self.env = {
            **programs.environment(),
            "XDG_RUNTIME_DIR": str(self.run),
            "IISGATE_PYTHON": sys.executable,
            "PYTEST_CURRENT_TEST": "",
            "COLUMNS": "200",
        }
        self.serving: list[Serve] = []

    def serve(self, *arguments: str, env: Mapping[str, str] | None = None, dir: bool = True,
              port: int | None = 0) -> Serve:
        words = [*([str(self.path)] if dir else []), *([f"--port={port}"] if port is not None else [])]
        serve = Serve(self, [*words, *arguments], env or {})
        self.serving.append(serve)
        return serve

    def request(self, *arguments: str, dir: bool = True, env: Mapping[str, str] | None = None
                ) -> subprocess.CompletedProcess[bytes]:
        """``iisgate request``, to its end."""
        words = [str(programs.iisgate()), "request", *arguments, *([f"--dir={self.path}"] if dir else [])]
        environment = {**os.environ, **self.env, **(env or {}), processes.MARK_NAME: processes.MARK}
        return subprocess.run(words, capture_output=True, env=environment, cwd=self.folder, timeout=60, check=False)

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def processes(self) -> dict[int, str]:
        mark = f"XDG_RUNTIME_DIR={self.run}".encode()
        found = {}
        for pid, command in processes.ours().items():
            try:
                environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if mark in environment:
                found[pid] = command
        return found

    def workers(self) -> list[int]:
        return [pid for pid, command in self.processes().items() if "-m iisgate worker" in command]

    def gates(self) -> list[int]:
        return [pid for pid, command in self.processes().items() if " fcgi" in command]

    def close(self) -> None:
        for serve in self.serving:
            processes.stop(serve.process)
        for pid in self.workers():
            # A grace is tested elsewhere; here nobody waits for it.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        try:
            until(f"nothing of {self.folder} lives", lambda: not self.processes())
        except AssertionError:
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)
            raise
        shutil.rmtree(self.folder, ignore_errors=True)

    def tell(self) -> str:
        return "\n".join(serve.text[-6000:] for serve in self.serving)


class Serve:
    """One run of the stand-in."""

    def __init__(self, site: ServeSite, arguments: list[str], env: Mapping[str, str]) -> None:
        self.said = site.folder / f"said-{len(site.serving)}"
        with self.said.open("wb") as out:
            self.process = processes.start([str(programs.iisgate()), "serve", *arguments], env={**site.env, **env},
                                           stdout=out, stderr=out, cwd=site.folder)
        self._port = 0

    @property
    def text(self) -> str:
        return self.said.read_text(errors="replace")

    @property
    def port(self) -> int:
        def probe() -> int:
            found = re.search(r"http://[^/\s]+:(\d+)/", self.text)
            if not found and self.process.poll() is not None:
                raise AssertionError(f"it ended with {self.process.returncode}: {self.text}")
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

    def wait_end(self, seconds: float = 20) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end: {self.text[-3000:]}") from None


@contextmanager
def served(source: Path | str, *arguments: str, copy: bool = True, env: Mapping[str, str] | None = None
           ) -> Iterator[Serve]:
    """A site that is served, and ended afterwards."""
    site = ServeSite(source, copy)
    try:
        yield site.serve(*arguments, env=env)
    finally:
        site.close()


def handler(script_processor: str, path: str = "*", name: str = "it") -> str:
    """A ``web.config`` with one FastCGI handler."""
    escaped = script_processor.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return (f'<configuration><system.webServer><handlers>\n<add name="{name}" path="{path}" verb="*" '
            f'modules="FastCgiModule" scriptProcessor="{escaped}" resourceType="Unspecified" requireAccess="Script" '
            "/>\n</handlers></system.webServer></configuration>\n")
