"""Owns a worker that is a web server's own child: a connected or listening socket as descriptor 0.

Does not own the client's side beyond connecting it.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from pathlib import Path

from support import processes, programs
from support.fcgi_client import Client
from support.logs import Log


class StdinWorker:
    """As IIS starts an instance: ``connected`` is our end of its pipe."""

    def __init__(self, target: str, *arguments: str, listening: bool = False, tcp: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="iisgate-"))
        self.log = Log(self.folder / "worker.log")
        self.client: Client
        self.path = self.folder / "s"
        if listening:
            theirs = socket.socket(socket.AF_UNIX)
            theirs.bind(str(self.path))
            theirs.listen()
        elif tcp:
            with socket.create_server(("127.0.0.1", 0)) as server:
                ours = socket.create_connection(server.getsockname())
                theirs = server.accept()[0]
            self.client = Client(ours)
        else:
            ours, theirs = socket.socketpair()
            self.client = Client(ours)
        with theirs:
            command = [*programs.worker_command(), target, f"--site={programs.APPS}", "--endpoint=stdin",
                       f"--log={self.log.path}", *arguments]
            self.process = processes.start(command, env=programs.environment(), stdin=theirs)

    def __enter__(self) -> StdinWorker:
        return self

    def __exit__(self, *_: object) -> None:
        processes.stop(self.process)
        if hasattr(self, "client"):
            self.client.close()
        shutil.rmtree(self.folder, ignore_errors=True)
