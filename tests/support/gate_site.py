"""Owns a site with gates under test: its folder, its rendezvous folder, its log, its gates' pipes.

The test is the web server: a gate's pipe is a socket pair, as under IIS.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from support import looking, processes, programs, records
from support.fcgi_client import Client, Response
from support.logs import Log
from support.waiting import until

SITES = programs.REPOSITORY / "fixtures" / "sites"

#: Workers stay only so long after their last gate, so that tests end soon.
GRACE_SECONDS = 0.5


class Process:
    """Something that we started, and what it said."""

    def __init__(self, site: GateSite, argv: list[str], stdin: socket.socket | int, env: dict[str, str],
                 cwd: Path | None = None) -> None:
        site.count += 1
        self.said = site.folder / f"said-{site.count}"
        with self.said.open("wb") as out:
            self.process = processes.start(argv, env=site.env | env, stdin=stdin, stdout=out, stderr=out,
                                           cwd=cwd or site.folder)

    @property
    def text(self) -> str:
        return self.said.read_text(errors="replace")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def wait_end(self, seconds: float = 20) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end: {self.text[-3000:]}") from None


class Gate(Process):
    """A gate on a connected pipe; ``client`` is the web server's end."""

    def __init__(self, site: GateSite, arguments: list[str], env: dict[str, str], cwd: Path | None) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            super().__init__(site, [str(programs.iisgate()), "fcgi", *arguments], theirs, env, cwd)
        self.client = Client(ours)

    def facts(self, path: str = "/", query: str = "", **more: str) -> dict[str, Any]:
        return facts(self.client.ask("GET", path, query, **more))

    def pid(self) -> int:
        """The worker's."""
        return int(self.facts()["pid"])

    def begin(self, path: str, query: str = "") -> None:
        """Sends a whole request in one write and leaves its answer for later."""
        self.client.send(records.request(records.params("GET", path, query)))

    def hang_up(self) -> None:
        self.client.close()


class GateSite:
    """A copy of a site from ``fixtures/sites``."""

    def __init__(self, name: str = "gate", debug: bool = True) -> None:
        # Short, for a socket's path has 107 bytes at most.
        self.folder = Path(tempfile.mkdtemp(prefix="iisgate-"))
        self.path = self.folder / "site"
        shutil.copytree(SITES / name, self.path)
        self.run = self.folder / "run"
        self.run.mkdir(mode=0o700)
        self.log = Log(self.folder / "log")
        self.count = 0
        self.env = {
            **programs.environment(),
            "XDG_RUNTIME_DIR": str(self.run),
            "IISGATE_PYTHON": sys.executable,
            "IISGATE_LOG": str(self.log.path),
            # The environment is part of what a worker is shared by, and pytest changes this one.
            "PYTEST_CURRENT_TEST": "",
        }
        self._gates: list[Process] = []

    def gate(self, *arguments: str, target: str | None = "app:app", env: dict[str, str] | None = None,
             cwd: Path | None = None, site: Path | None | bool = True,
             grace: float | None = GRACE_SECONDS) -> Gate:
        chosen = self.path if site is True else site
        words = [
            *([target] if target else []),
            *([f"--site={chosen}"] if chosen else []),
            *([f"--grace={grace}"] if grace is not None else []),
            *arguments,
        ]
        gate = Gate(self, words, env or {}, cwd)
        self._gates.append(gate)
        return gate

    def fcgi(self, *arguments: str, stdin: socket.socket | int = subprocess.DEVNULL,
             env: dict[str, str] | None = None, target: str = "app:app") -> Process:
        """``iisgate fcgi`` with another descriptor 0: a listening socket, or nothing with ``--listen``."""
        words = [str(programs.iisgate()), "fcgi", target, f"--site={self.path}", f"--grace={GRACE_SECONDS}"]
        process = Process(self, [*words, *arguments], stdin, env or {})
        self._gates.append(process)
        return process

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        """Changes a file as an editor does: written beside it, moved over it."""
        path = self.path / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        beside = self.folder / "edited"
        beside.write_text(text.replace(old, new), encoding="utf-8")
        os.replace(beside, path)

    @property
    def rendezvous(self) -> Path:
        return self.run / "iisgate"

    def workers_started(self) -> list[int]:
        """Pids of all workers that were ever started, by the gates' log lines."""
        return [int(pid) for pid in re.findall(r" worker (\d+) is started for ", self.log.text())]

    def processes(self) -> dict[int, str]:
        """What lives and was started for this site."""
        return processes.ours_in(self.run)

    def workers(self) -> list[int]:
        """Pids of the workers that live."""
        return [pid for pid, command in self.processes().items() if "-m iisgate worker" in command]

    def wait_gone(self, seconds: float = 20) -> None:
        until(f"nothing of {self.path} lives", lambda: not self.processes(), seconds)

    def tell_logs(self) -> str:
        said = "".join(f"── {path.name}\n{path.read_text(errors='replace')[-2000:]}"
                       for path in sorted(self.folder.glob("said-*")) if path.stat().st_size)
        return f"── log\n{self.log.text()[-6000:]}\n{said[-6000:]}"

    def close(self) -> None:
        """Ends all gates as a web server does; their workers must end by themselves."""
        for gate in self._gates:
            if isinstance(gate, Gate):
                gate.hang_up()
            processes.stop(gate.process)
        try:
            self.wait_gone()
        except AssertionError:
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)
            raise
        shutil.rmtree(self.folder, ignore_errors=True)


def facts(response: Response) -> dict[str, Any]:
    """What ``fixtures/sites/gate`` told."""
    assert response.status == 200, response.stdout[:2000]
    found = json.loads(response.body)
    assert isinstance(found, dict)
    return found


def is_alive(pid: int) -> bool:
    """Whether anything of a process still runs: its first thread may be a zombie while others end."""
    try:
        threads = looking.threads(pid)
    except OSError:
        return False
    return looking.lives(pid) or len(threads) > 1


def watches(pid: int) -> bool:
    """Whether a process has an inotify instance that watches something."""
    return any("inotify wd:" in told for told in looking.descriptor_facts(pid))


def is_resting(pid: int) -> bool:
    """Whether every thread of a process sleeps, and none ran meanwhile."""

    def switches() -> list[str]:
        lines = [line for told in looking.thread_files(pid, "status") for line in told.splitlines()]
        return [line for line in lines if "ctxt_switches" in line or line.startswith("State:")]

    before = switches()
    return all("S (" in line for line in before if line.startswith("State:")) and before == switches()


def catches(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal: until then that ends it as it ends everybody."""
    status = looking.read(f"/proc/{pid}/status")
    mask = status.partition("SigCgt:")[2].split()
    return bool(mask) and bool(int(mask[0], 16) >> (number - 1) & 1)


def kill_at_rest(pid: int) -> None:
    """Kill -9 when the worker waits: what it answered, it knows to be answered."""
    until(f"process {pid} rests", lambda: is_resting(pid))
    kill(pid)


def kill(pid: int) -> None:
    """Kill -9, and waits until the process is no more."""
    os.kill(pid, signal.SIGKILL)
    until(f"process {pid} is gone", lambda: not is_alive(pid))
