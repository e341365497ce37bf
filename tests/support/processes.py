"""Owns starting and ending processes, and telling which of ours are still there.

Every process gets a mark in its environment and a session of its own, so that whatever it starts
can be found, too.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support import looking
from support.waiting import until

#: In the environment of everything that the tests start.
MARK_NAME = "IISGATE_TESTS"
MARK = uuid.uuid4().hex

_started: list[subprocess.Popen[bytes]] = []


def start(
    argv: Sequence[str | os.PathLike[str]], *, env: Mapping[str, str] | None = None, **more: Any
) -> subprocess.Popen[bytes]:
    """Starts a process that :func:`stop` or :func:`stop_all` will end."""
    environment = {**os.environ, **(env or {}), MARK_NAME: MARK}
    more.setdefault("stdin", subprocess.DEVNULL)
    process = subprocess.Popen(argv, env=environment, start_new_session=True, **more)
    _started.append(process)
    return process


def stop(process: subprocess.Popen[bytes], seconds: float = 15.0) -> int:
    """Ends a process as a service manager would: SIGTERM, then SIGKILL. Gives the exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
    if process in _started:
        _started.remove(process)
        _sessions.add(process.pid)
    return process.returncode


_sessions: set[int] = set()


def stop_all() -> None:
    for process in list(_started):
        stop(process)


def ours() -> dict[int, str]:
    """Processes that the tests started, directly or not, with their command lines."""
    mark = f"{MARK_NAME}={MARK}"
    sessions = _sessions | {process.pid for process in _started}
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        pid, fields = int(entry), looking.stat_fields(int(entry))
        if not fields or fields[0] in "ZX":
            continue
        if int(fields[3]) in sessions or mark in looking.environment(pid):
            found[pid] = looking.read(f"/proc/{pid}/cmdline").replace("\0", " ")
    return found


def ours_in(runtime: Path) -> dict[int, str]:
    """Those of ours that meet in that folder."""
    mark = f"XDG_RUNTIME_DIR={runtime}"
    return {pid: command for pid, command in ours().items() if mark in looking.environment(pid)}


def kill_leftovers() -> dict[int, str]:
    """After everything was stopped: waits for the last to go; kills and tells who stayed."""
    try:
        until("all processes of ours are gone", lambda: not ours(), seconds=10, pause=0.05)
    except AssertionError:
        left = ours()
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        return left
    return {}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
