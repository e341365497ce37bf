"""Owns one worker under test: started with its own socket and log, reached by our client.

Does not own what it serves: apps are in ``fixtures/apps``, or written by the test.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from support import processes, programs
from support.fcgi_client import Address, Client, Closed, Response
from support.logs import Log
from support.waiting import until


class Worker:
    """``python -m iisgate worker`` at a Unix socket."""

    def __init__(
        self,
        target: str | None,
        *arguments: str,
        site: Path = programs.APPS,
        env: Mapping[str, str] | None = None,
        endpoint: str | None = None,
        log: bool = True,
    ) -> None:
        # Short, for a socket's path has 107 bytes at most.
        self.folder = Path(tempfile.mkdtemp(prefix="iisgate-"))
        self.address: Address = self.folder / "s"
        self.log = Log(self.folder / "worker.log")
        if endpoint and endpoint.startswith("tcp:"):
            host, _, port = endpoint.removeprefix("tcp:").rpartition(":")
            self.address = (host, int(port))
        command: Sequence[str] = [
            *programs.worker_command(),
            *([target] if target else []),
            f"--site={site}",
            f"--endpoint={endpoint or f'unix:{self.address}'}",
            *([f"--log={self.log.path}"] if log else []),
            *arguments,
        ]
        environment = {**programs.environment(), **(env or {})}
        self.stderr = (self.folder / "stderr").open("wb")
        self.process = processes.start(command, env=environment, stderr=self.stderr, stdout=self.stderr)

    def told(self) -> str:
        """All that it said, wherever."""
        return (self.folder / "stderr").read_text(errors="replace") + self.log.text()

    def _try_connect(self) -> Client | None:
        if self.process.poll() is not None:
            raise AssertionError(f"the worker ended with {self.process.returncode}: {self.told()}")
        try:
            return Client.connect(self.address)
        except OSError:
            return None

    def connect(self) -> Client:
        return until("the worker accepts connections", self._try_connect)

    def ask(self, method: str = "GET", path: str = "/", query: str = "", body: bytes = b"",
            **more: str | bytes) -> Response:
        """One request on a connection of its own."""
        with self.connect() as client:
            try:
                return client.ask(method, path, query, body, keep=False, **more)
            except Closed as closed:
                # Most likely it could not load its app: its log has the reason.
                print(f"the worker closed the connection; its log ends: {self.told()[-3000:]}")
                raise closed

    def wait_end(self, seconds: float = 20) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the worker did not end: {self.told()}") from None

    def stop(self) -> int:
        status = processes.stop(self.process)
        self.stderr.close()
        return status

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if error is not None:
            print(f"─── the worker's log ───\n{self.told()[-6000:]}")
        shutil.rmtree(self.folder, ignore_errors=True)
