"""Owns ``iisgate fcgi`` as a web server starts it: with our socket as descriptor 0, or ``--listen``.

Does not own what is behind: the gate finds or starts its worker itself.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from support import processes, programs
from support.fcgi_client import Address, Client
from support.logs import Log
from support.waiting import until


class Machine:
    """A folder of its own for sockets and logs, so that nothing meets by accident."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="iisgate-"))
        (self.folder / "run").mkdir(mode=0o700)
        self.log = Log(self.folder / "log")
        self.started: list[Instance | Supervisor] = []

    def environment(self, more: Mapping[str, str]) -> dict[str, str]:
        return {**programs.environment(), "IISGATE_PYTHON": sys.executable,
                "XDG_RUNTIME_DIR": str(self.folder / "run"), **more}

    def instance(self, target: str | None, site: Path, *arguments: str, **env: str) -> Instance:
        """Starts a gate with a pipe of its own."""
        self.started.append(found := Instance(self, target, site, arguments, env))
        return found

    def supervisor(self, target: str | None, site: Path, *arguments: str, **env: str) -> Supervisor:
        self.started.append(found := Supervisor(self, target, site, arguments, env))
        return found

    def workers(self) -> set[int]:
        return {pid for pid, command in processes.ours().items() if " worker " in command and
                str(self.folder) in command}

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self.started:
            each.stop()
        until("the workers have ended with their gates", lambda: not self.workers())
        shutil.rmtree(self.folder, ignore_errors=True)


def _command(machine: Machine, target: str | None, site: Path, arguments: tuple[str, ...]) -> list[str]:
    log = [] if any(argument.startswith("--log") for argument in arguments) else [f"--log={machine.log.path}"]
    if "--own-log" in arguments:
        log = []
    rest = [argument for argument in arguments if argument != "--own-log"]
    return [str(programs.iisgate()), "fcgi", *([target] if target else []), f"--site={site}",
            "--grace=0.3", *log, *rest]


class Instance:
    """One gate, as IIS starts it."""

    def __init__(self, machine: Machine, target: str | None, site: Path, arguments: tuple[str, ...],
                 env: Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = processes.start(
                _command(machine, target, site, arguments), env=machine.environment(env), stdin=theirs,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )
        self.client = Client(ours)

    def stop(self) -> None:
        self.client.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        processes.stop(self.process)


class Supervisor:
    """``iisgate fcgi --listen``."""

    def __init__(self, machine: Machine, target: str | None, site: Path, arguments: tuple[str, ...],
                 env: Mapping[str, str]) -> None:
        self.address: Address = machine.folder / f"s{len(machine.started)}"
        self.output = machine.folder / f"output{len(machine.started)}"
        with self.output.open("wb") as output:
            self.process = processes.start(
                [*_command(machine, target, site, arguments), f"--listen=unix:{self.address}"],
                env=machine.environment(env), stdout=output, stderr=output,
            )

    def _try_connect(self) -> Client | None:
        assert self.process.poll() is None, f"ended: {self.output.read_text()}"
        try:
            return Client.connect(self.address)
        except OSError:
            return None

    def connect(self) -> Client:
        return until("the supervisor listens", self._try_connect)

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> int:
        return processes.stop(self.process)
