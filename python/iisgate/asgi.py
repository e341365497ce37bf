"""Owns serving an ASGI app: the event loop in a thread of its own, and the door by which serving threads hand
requests to it as if it were a WSGI app.

Does not own what one request does (`iisgate.asgi_request`), scopes (`iisgate.asgi_scope`), nor startup and shutdown
(`iisgate.asgi_lifespan`).
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import importlib
import os
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from iisgate import _native, asgi_scope
from iisgate.asgi_lifespan import Lifespan
from iisgate.asgi_request import App, Intake, Request, current
from iisgate.errors import LoadError

T = TypeVar("T")

#: Which event loop: asyncio's (default), ``uvloop``, ``winloop``, or ``module:factory``.
LOOP_VARIABLE = "IISGATE_EVENT_LOOP"

#: Seconds that what an app does after its answers, and then its shutdown, have when the worker ends.
BACKGROUND_SECONDS = 10.0
SHUTDOWN_SECONDS = 20.0

#: Seconds that cancelled tasks have to end.
CANCEL_SECONDS = 2.0

#: Functions in which an event loop waits for something to do.
_AT_REST = ("select", "_poll", "run_forever", "_run")

#: Seconds after which a startup that goes on is told.
STARTUP_SECONDS = 10.0


class Gateway:
    """An ASGI app that is being served. To the worker's threads it is a WSGI app."""

    def __init__(self, app: App, is_debugged: bool = False) -> None:
        self._app = app
        self._loop = _new_loop(os.environ.get(LOOP_VARIABLE, ""))
        self._loop.set_debug(is_debugged or self._loop.get_debug())
        self._lifespan = Lifespan(app)
        self._thread = threading.Thread(target=self._run, name="iisgate-loop", daemon=True)
        self._is_over = False
        #: What the app is doing, by number.
        self._requests: dict[int, Request] = {}

    def start(self) -> None:
        """Starts the event loop and runs the app's startup."""
        _native.follow(current)
        self._thread.start()
        startup = self._submit(self._lifespan.startup())
        try:
            startup.result(STARTUP_SECONDS)
        except concurrent.futures.TimeoutError:
            if not startup.done():
                text = f"the ASGI app's startup goes on after {STARTUP_SECONDS:g} s"
                _native.log("warning", f"{text}: no request is served before its end")
            startup.result()

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
    ) -> Iterable[bytes]:
        """Serves one request. Called by the thread that waits with it."""
        intake: Intake = environ.pop("iisgate.intake", None) or NoIntake()
        scope = asgi_scope.scope(environ, self._lifespan.state)
        request = Request(self._app, scope, intake, self._loop)
        self._loop.call_soon_threadsafe(self._begin, request, intake.number)
        return request.answer(start_response)

    def _begin(self, request: Request, number: int) -> None:
        self._requests[number] = request
        request.begin().add_done_callback(lambda _: self._requests.pop(number, None))

    # ── for those who look after requests ────────────────────────────────────────────────────

    def stack(self, number: int) -> str:
        """Where the app is with a request; and where the event loop is, if it does not wait."""
        request = self._requests.get(number)
        told = f"request {number} in the event loop:\n{request.stack() if request else '(not begun)'}"
        frame = sys._current_frames().get(self._thread.ident or 0)
        if frame is None or frame.f_code.co_name in _AT_REST:
            return told
        lines = traceback.format_stack(frame)
        ours = next((at for at, line in enumerate(lines) if "self._context.run" in line), -1)
        return f"{told}\nthe event loop does not wait, but is here:\n{''.join(lines[ours + 1 :])}".rstrip()

    def given_up(self, number: int) -> None:
        """A request has got its answer from us."""
        if request := self._requests.get(number):
            request.give_up()

    # ── the end ──────────────────────────────────────────────────────────────────────────────

    def close(self) -> None:
        """Waits for what the app does after its answers, runs its shutdown, ends the loop: each for a while."""
        self._end("tasks", self._finish(), BACKGROUND_SECONDS + CANCEL_SECONDS * 2)
        self._end("shutdown", self._lifespan.shutdown(), SHUTDOWN_SECONDS)
        self._end("asynchronous generators", self._loop.shutdown_asyncgens(), CANCEL_SECONDS)
        self._is_over = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CANCEL_SECONDS)

    def _end(self, what: str, end: Coroutine[Any, Any, None], seconds: float) -> None:
        try:
            self._submit(end).result(seconds)
        except concurrent.futures.TimeoutError:
            _native.log("warning", f"the ASGI app's {what} did not end within {seconds:g} s")
        except Exception:
            _native.log("error", f"the ASGI app's {what}\n{traceback.format_exc()}")

    async def _finish(self) -> None:
        """Waits for all tasks of requests."""
        for request in list(self._requests.values()):
            # The worker has waited for these in vain.
            if request.is_awaited:
                request.give_up()
        if tasks := self._tasks():
            await asyncio.wait(tasks, timeout=BACKGROUND_SECONDS)
        for task in (left := self._tasks()):
            task.cancel()
        if left:
            _native.log("warning", f"tasks that went on after their requests were cancelled: {len(left)}")
            await asyncio.wait(left, timeout=CANCEL_SECONDS)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [request.task for request in list(self._requests.values()) if request.task]

    # ── the loop ─────────────────────────────────────────────────────────────────────────────

    def _submit(self, what: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        return asyncio.run_coroutine_threadsafe(what, self._loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        while not self._is_over:
            try:
                self._loop.run_forever()
            except BaseException:
                # ``sys.exit()`` in a callback, say: other requests go on.
                _native.log("error", f"the event loop was interrupted and goes on\n{traceback.format_exc()}")


def _new_loop(name: str) -> asyncio.AbstractEventLoop:
    """An event loop as the setting names it."""
    module, _, factory = name.partition(":")
    if module in ("", "asyncio"):
        return asyncio.new_event_loop()
    try:
        made = getattr(importlib.import_module(module), factory or "new_event_loop")()
    except (ImportError, AttributeError) as error:
        raise LoadError(
            f"{LOOP_VARIABLE} names the event loop {name!r}, and there is none: {error}",
            "install it, or remove the setting: asyncio's own loop serves, too",
            code="IG046",
            place=f"{LOOP_VARIABLE}={name}",
            command=f"python -m pip install {module}",
        ) from error
    assert isinstance(made, asyncio.AbstractEventLoop)
    return made


class NoIntake:
    """Stands in for the connection of a request that has none: without a body, by a client that stays."""

    number = 0

    def __init__(self) -> None:
        self._called = threading.Event()

    def wait(self) -> int:
        self._called.wait()
        self._called.clear()
        return 0

    def call(self) -> None:
        self._called.set()

    def want_body(self) -> None:
        """There is none."""

    def take(self) -> tuple[bytes, bool]:
        return b"", False
