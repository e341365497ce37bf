"""Owns one request of an ASGI app: ``receive`` and ``send`` in the event loop, and the request's own thread, which
waits, tells the loop what has come, and sends.

Does not own the event loop (`iisgate.asgi`), nor the connection and what may be sent (native).
"""

from __future__ import annotations

import asyncio
import contextvars
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from http import HTTPStatus
from types import CoroutineType, FrameType
from typing import Any, Protocol

from iisgate import _native

Message = MutableMapping[str, Any]
App = Callable[
    [dict[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]

#: Bytes of an answer that wait to be sent before ``send`` waits, too. Uvicorn's and asyncio's bound is as high.
HELD_BYTES_MAX = 64 * 1024

#: Why a thread does not wait for the answer any more.
GIVEN_UP = "the web server has gone or gave the request up"

#: The number of the request that a task works on, for its lines in the log.
current: contextvars.ContextVar[int | None] = contextvars.ContextVar("iisgate_request", default=None)

#: Status lines by their numbers.
_STATUSES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}

#: What `Intake.wait` found.
_CALL, _BODY, _GONE, _OVER = range(4)


class Intake(Protocol):
    """What comes in: `_native.Intake`, or what stands in for it."""

    @property
    def number(self) -> int: ...
    def wait(self) -> int: ...
    def call(self) -> None: ...
    def want_body(self) -> None: ...
    def take(self) -> tuple[bytes, bool] | None: ...


class Request:
    """One request. Attributes are written by one of its two sides each: the loop's or the thread's."""

    def __init__(self, app: App, scope: dict[str, Any], intake: Intake, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._scope = scope
        self._intake = intake
        self._loop = loop
        # The loop's.
        self.task: asyncio.Task[None] | None = None
        self._head: tuple[str, list[tuple[str, str]]] | None = None
        self._given = 0
        self._is_complete = False
        self._has_ended = False
        self._error: BaseException | None = None
        self._has_body = True
        self._wants_room = False
        self._came = asyncio.Event()
        self._room = asyncio.Event()
        # The thread's.
        self._sent = 0
        self._has_left = False
        # Both sides': one puts in, the other takes out.
        self._outbox: deque[bytes] = deque()

    # ── in the event loop ────────────────────────────────────────────────────────────────────

    def begin(self) -> asyncio.Task[None]:
        """Calls the app."""
        current.set(self._intake.number)
        # The name is what asyncio's warnings tell.
        name = f"{self._scope['method']} {self._scope['path']}"
        self.task = self._loop.create_task(self._run(), name=name)
        return self.task

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self.receive, self.send)
        except BaseException as error:
            if self._is_complete or self._has_left:
                self._tell(error)
            else:
                self._error = error
        finally:
            self._has_ended = True
            if not self._is_complete:
                self._intake.call()

    def _tell(self, error: BaseException) -> None:
        """Logs what nobody answers for any more."""
        if isinstance(error, asyncio.CancelledError):
            return
        when = "had its answer" if self._is_complete else "had left"
        place = f"{self._scope['method']} {self._scope['path']}"
        told = "".join(traceback.format_exception(error))
        _native.log("error", f"{place}: the app failed after the client {when}\n{told}", self._intake.number)

    async def receive(self) -> Message:
        """ASGI's ``receive``: a piece of the body, read when it is asked for; then the end."""
        while self._has_body and not self._has_left:
            self._came.clear()
            try:
                found = self._intake.take()
            except OSError:
                # The thread finds the same, and says so.
                self._intake.call()
                break
            if found is not None:
                body, self._has_body = found
                return {"type": "http.request", "body": body, "more_body": self._has_body}
            self._intake.want_body()
            await self._came.wait()
        while not (self._has_left or self._is_complete):
            self._came.clear()
            await self._came.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """ASGI's ``send``: waits when the client reads more slowly than the app writes."""
        kind = message["type"]
        if self._head is None:
            if kind != "http.response.start":
                raise RuntimeError(f"the app sent {kind} before http.response.start")
            self._head = _head(message)
            return
        if kind != "http.response.body":
            raise RuntimeError(f"the app sent {kind}, where http.response.body is meant")
        if self._is_complete:
            raise RuntimeError("the app sent http.response.body after the last one, which had no more_body")
        body = message.get("body", b"")
        if type(body) is not bytes:
            body = bytes(memoryview(body))
        is_last = not message.get("more_body", False)
        if self._has_left:
            self._is_complete = is_last
            return
        self._outbox.append(body)
        self._given += len(body)
        # In this order: who sees it complete sees all of it.
        self._is_complete = is_last
        self._intake.call()
        if is_last:
            self._came.set()
        while not is_last and self._given - self._sent > HELD_BYTES_MAX and not self._has_left:
            self._room.clear()
            self._wants_room = True
            if self._given - self._sent > HELD_BYTES_MAX and not self._has_left:
                await self._room.wait()

    # ── in the request's thread ──────────────────────────────────────────────────────────────

    def answer(self, start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
        """Waits for the answer's beginning, and gives it as a WSGI app would."""
        while not self._outbox:
            if self._wait():
                raise _native.Disconnected(GIVEN_UP)
        assert self._head is not None
        try:
            start_response(*self._head)
        except BaseException:
            # It broke a rule: what is answered is not its own.
            self._leave()
            raise
        if self._is_complete:
            return [self._outbox[0] if len(self._outbox) == 1 else b"".join(self._outbox)]
        return self._rest()

    def _rest(self) -> Iterator[bytes]:
        try:
            while True:
                while self._outbox:
                    body = self._outbox.popleft()
                    yield body
                    self._sent += len(body)
                    if self._wants_room:
                        self._wants_room = False
                        self._let_know(self._room.set)
                if self._is_complete and not self._outbox:
                    return
                if self._wait():
                    return
        finally:
            if not self._is_complete:
                # The web server has gone, or what was promised is sent: nobody takes any more.
                self._leave()

    def _wait(self) -> bool:
        """Waits until there is something for this thread; whether the answer is complete already."""
        if self._has_ended and not self._outbox:
            if self._is_complete:
                return True
            raise self._error or RuntimeError("the app returned before its answer was complete")
        try:
            seen = self._intake.wait()
        except OSError:
            self._leave()
            raise
        if seen == _BODY:
            self._let_know(self._came.set)
        elif seen == _GONE:
            self._leave()
            raise _native.Disconnected(GIVEN_UP)
        return seen == _OVER

    def _leave(self) -> None:
        """Nobody waits for more of the answer: the app is told."""
        self._has_left = True
        self._let_know(self._came.set)
        self._let_know(self._room.set)

    def _let_know(self, call: Callable[[], object]) -> None:
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:
            # The loop is closed: the worker is ending.
            pass

    # ── from elsewhere ───────────────────────────────────────────────────────────────────────

    @property
    def is_awaited(self) -> bool:
        """Whether somebody waits for the answer, or for more of it."""
        return not (self._is_complete or self._has_left)

    def give_up(self) -> None:
        """The client was told that there will be no answer: the app is told, and then cancelled."""
        self._leave()
        self._intake.call()
        if self.task:
            self._let_know(self.task.cancel)

    def stack(self) -> str:
        """Where the app is, from the outermost call to where it waits."""
        frames: list[FrameType] = []
        coroutine: Any = self.task and self.task.get_coro()
        while isinstance(coroutine, CoroutineType) and coroutine.cr_frame:
            frames.append(coroutine.cr_frame)
            coroutine = coroutine.cr_await
        # The first is ours.
        summary = traceback.StackSummary.extract((frame, frame.f_lineno) for frame in frames[1:])
        return "".join(summary.format()).rstrip() or "(its task has not begun)"


def _head(message: Message) -> tuple[str, list[tuple[str, str]]]:
    """Status and headers as WSGI has them."""
    status = message["status"]
    line = _STATUSES.get(status) or f"{int(status)}"
    given = message.get("headers") or ()
    return line, [(bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in given]
