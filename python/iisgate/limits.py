"""Owns looking after requests that take too long, or that nobody waits for any more: the log tells where
the app is, the client gets its answer, the thread's place is filled by another one.

Does not own answering (native), nor replacing the worker (`iisgate.recycling`).
"""

from __future__ import annotations

import faulthandler
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Protocol

from iisgate import _native

#: Seconds that an app may go on with a request whose web server has gone, before its thread is given up: to
#: notice it, an app must send something, or come to its end.
DESERTED_SECONDS = 30.0

#: Threads that are given up while the worker stays, as a share of those that it may have: it is replaced
#: before it consists of them.
STUCK_SHARE = 4

#: Seconds beyond the time limit during which no Python code runs at all, for something holds the interpreter:
#: then nobody can be answered, and the worker is ended. Its gates answer, and start another one.
HELD_SECONDS = 30.0

#: Where the last words of such a worker go: descriptor 2 leads to the log.
_LAST_WORDS = 2


class Server(Protocol):
    """What is asked of the native half."""

    def calls(self) -> list[tuple[int, int, float, str, bool]]: ...
    def give_up(self, request: int) -> str: ...
    def let_stick(self, request: int) -> bool: ...
    def stuck(self) -> int: ...


class Loop(Protocol):
    """What is asked of the event loop of an ASGI app, whose threads only wait."""

    def stack(self, number: int) -> str: ...
    def given_up(self, number: int) -> None: ...


class Limits:
    """The time limits of one worker's requests; used by one thread."""

    def __init__(
        self,
        server: Server,
        threads: int,
        timeout: float | None,
        replace: Callable[[str], object],
        loop: Loop | None = None,
    ) -> None:
        self._server = server
        self._timeout = timeout
        self._replace = replace
        self._loop = loop
        self._stuck_max = max(1, threads // STUCK_SHARE)
        #: When it was noticed that nobody waits for a request.
        self._deserted: dict[int, float] = {}

    def look(self) -> None:
        """Does what is due."""
        if self._timeout:
            # Put off with each look: it comes when there are none any more.
            faulthandler.dump_traceback_later(self._timeout + HELD_SECONDS, exit=True, file=_LAST_WORDS)
        calls = self._server.calls()
        busy = {thread for _, thread, _, _, _ in calls}
        self._deserted = {
            request: since for request, since in self._deserted.items() if request in {call[0] for call in calls}
        }
        has_told_all = False
        for request, thread, seconds, place, is_deserted in calls:
            if is_deserted:
                self._look_at_deserted(request, thread, seconds, place)
            elif self._timeout and seconds >= self._timeout:
                others = set() if has_told_all else busy - {thread}
                has_told_all |= self._give_up(request, thread, place, others)

    def _give_up(self, request: int, thread: int, place: str, others: set[int]) -> bool:
        told = self._where(request, thread)
        if not self._loop:
            told = "\n".join([told, *(_stack(other) for other in sorted(others))])
        outcome = self._server.give_up(request)
        if outcome == "over":
            return False
        if self._loop:
            self._loop.given_up(request)
        what = "it is answered 504" if outcome == "answered" else "its answer had begun and is cut off"
        text = f"{place} takes longer than {self._timeout:g} s: {what}. The app is here:\n{told}"
        _native.log("error", text, request)
        self._server.let_stick(request)
        self._deserted[request] = time.monotonic()
        self._replace(f"a request did not end within {self._timeout:g} s")
        return True

    def _look_at_deserted(self, request: int, thread: int, seconds: float, place: str) -> None:
        now = time.monotonic()
        since = self._deserted.get(request)
        if since is None:
            self._deserted[request] = now
            text = f"{place}: the web server gave the request up after {seconds:.1f} s. The app is here:"
            _native.log("warning", f"{text}\n{self._where(request, thread)}", request)
        elif now - since >= DESERTED_SECONDS and self._server.let_stick(request):
            text = f"{place}: the app goes on although the web server gave the request up: its thread does not count"
            _native.log("warning", text, request)
            if (stuck := self._server.stuck()) >= self._stuck_max:
                self._replace(f"{stuck} threads are stuck in the app")


    def _where(self, request: int, thread: int) -> str:
        return self._loop.stack(request) if self._loop else _stack(thread)


def _stack(thread: int) -> str:
    """A thread's name and where it is, without our own frames."""
    frame = sys._current_frames().get(thread)
    name = next((each.name for each in threading.enumerate() if each.ident == thread), str(thread))
    if frame is None:
        return f"{name}: has ended"
    lines = traceback.format_stack(frame)
    ours = next((at for at, line in enumerate(lines) if "self._target(" in line), -1)
    return f"{name}:\n{''.join(lines[ours + 1 :])}".rstrip()
