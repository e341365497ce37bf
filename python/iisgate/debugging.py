"""Owns debug mode in a worker: noticing that it was turned on or off, its end, waiting for a debugger.

Does not own the site's file that says it (native, ``gate::debug``), nor the developer's page (native), nor how a
worker is replaced (`iisgate.recycling`).
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from iisgate import _native

if TYPE_CHECKING:
    from socket import socket

#: The file in the site's folder by which debug mode is turned on.
FILE = ".iisgate-debug"

#: Seconds until a worker that could not be replaced is tried to be once more, at first and at most.
RETRY_SECONDS = 10.0
RETRY_SECONDS_MAX = 600.0

#: Seconds that calling whoever types ``iisgate debug`` may take: it is this machine.
CALL_SECONDS = 1.0

#: Seconds that a debugger is waited for: fewer than the gate waits for the worker, which serves meanwhile.
DEBUGGER_SECONDS = 240.0

#: Seconds between two looks whether one has come.
DEBUGGER_LOOK_SECONDS = 0.2


class Debugging:
    """A worker's debug mode, or that it has none; used by the thread that looks after the worker."""

    def __init__(self, site: Path, own: str | None) -> None:
        self._site = site
        self._own = own
        session, notice = _native.debug_mode(site)
        left = session[1] if session and session[0] == own else 0.0
        #: By the monotonic clock: a clock that is set back must not prolong it.
        self._end = time.monotonic() + left if own else None
        self._token = notice[1] if notice else ""
        self._caller: socket | None = None
        self._wanted = own
        self._not_before = 0.0
        self._retry_seconds = RETRY_SECONDS

    def look(self) -> str | None:
        """Why the worker is to be replaced, once in a while."""
        session, notice = _native.debug_mode(self._site)
        found = session[0] if session else None
        if self._end is not None and time.monotonic() >= self._end:
            self._end = None
            self._remove()
            found = found if found != self._own else None
        if notice and notice[1] != self._token:
            self._token = notice[1]
            self._call(*notice)
            if found == self._own:
                self._tell("stays")
        if found == self._own:
            return None
        now = time.monotonic()
        if found != self._wanted:
            self._retry_seconds = RETRY_SECONDS
        elif now < self._not_before:
            return None
        self._wanted = found
        self._not_before = now + self._retry_seconds
        self._retry_seconds = min(self._retry_seconds * 2, RETRY_SECONDS_MAX)
        return "debug mode is on" if found else "debug mode is over"

    def refused(self, why: str) -> None:
        """No other worker could be started."""
        self._tell(f"refused {' '.join(why.split())}")

    def replaced(self) -> None:
        """Another worker has taken over."""
        self._tell("replaced")

    def _call(self, port: int, token: str) -> None:
        import socket

        self._close()
        # Whoever typed the command may have gone.
        with contextlib.suppress(OSError):
            self._caller = socket.create_connection(("127.0.0.1", port), CALL_SECONDS)
            self._caller.sendall(f"{token} {os.getpid()}\n".encode())

    def _tell(self, text: str) -> None:
        if self._caller is not None:
            with contextlib.suppress(OSError):
                self._caller.sendall(f"{text}\n".encode())
            self._close()

    def _close(self) -> None:
        if self._caller is not None:
            self._caller.close()
            self._caller = None

    def _remove(self) -> None:
        """Tidies up, where the web server's user may: a file of the past says nothing anyway."""
        path = self._site / FILE
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if self._own and self._own in path.read_text(encoding="utf-8").splitlines():
                path.unlink()


def await_debugger(site: Path, own: str) -> None:
    """Waits for a debugger, if this debug mode wants one. That none can be had fails nothing."""
    session, _ = _native.debug_mode(site)
    if session is None or session[0] != own or session[2] is None:
        return
    port = session[2]
    try:
        import debugpy  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        command = f"{sys.executable} -m pip install debugpy"
        _native.log("warning", f"no debugger is waited for: debugpy is not in this Python\ncommand: {command}")
        return
    try:
        debugpy.listen(("127.0.0.1", port))
    except Exception as error:
        _native.log("warning", f"no debugger is waited for: debugpy cannot listen at 127.0.0.1:{port}: {error}")
        return

    def is_over() -> bool:
        session, _ = _native.debug_mode(site)
        return session is None or session[0] != own

    _native.log("info", f"waiting for a debugger at 127.0.0.1:{port}, {DEBUGGER_SECONDS:g} s at most")
    _cancel_later(debugpy.wait_for_client.cancel, debugpy.is_client_connected, is_over)
    debugpy.wait_for_client()
    has_come = debugpy.is_client_connected()
    _native.log("info", "the debugger has come" if has_come else "no debugger has come: the app starts without")


def _cancel_later(cancel: Callable[[], object], is_done: Callable[[], bool], is_over: Callable[[], bool]) -> None:
    """Ends the waiting when it takes too long, or debug mode is over."""
    end = time.monotonic() + DEBUGGER_SECONDS

    def run() -> None:
        pause = threading.Event()
        while not is_done():
            if time.monotonic() >= end or is_over():
                cancel()
                return
            pause.wait(DEBUGGER_LOOK_SECONDS)

    threading.Thread(target=run, name="iisgate-debugger", daemon=True).start()
