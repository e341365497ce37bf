"""Owns an ASGI app's lifespan (2.0): its startup before the first request, its shutdown after the last, the state
that requests get.

Does not own requests (`iisgate.asgi_request`), nor when the worker ends (`iisgate.worker`).
"""

from __future__ import annotations

import asyncio
import traceback
from typing import Any

from iisgate import _native
from iisgate.asgi_request import App, Message
from iisgate.errors import LoadError

#: Seconds that an app which said that its startup failed has to raise what it failed with.
RAISE_SECONDS = 5.0


class Lifespan:
    """One app's lifespan; used in the event loop alone."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.state: dict[str, Any] = {}
        self._task: asyncio.Task[None] | None = None
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._answered = asyncio.Event()
        self._answers: dict[str, str] = {}
        self._error: BaseException | None = None

    async def startup(self) -> None:
        """Runs the app's startup; apps without one are served as well.

        Raises `LoadError` when the app says that it failed.
        """
        self._task = asyncio.get_running_loop().create_task(self._run(), name="lifespan")
        await self._ask("startup")
        if "startup.failed" in self._answers:
            # Starlette tells the traceback, and then raises the exception itself.
            await asyncio.wait([self._task], timeout=RAISE_SECONDS)
            self._task.cancel()
            told = self._answers["startup.failed"].strip()
            error = self._error
            why = traceback.format_exception_only(error)[-1] if error else told.rpartition("\n")[2]
            raise LoadError(
                f"the ASGI app's startup failed: {why.strip() or 'it does not say why'}",
                "" if error else told,
                code="IG046",
                command="iisgate serve --debug",
            ) from error
        if "startup.complete" in self._answers:
            return
        # As the specification wants it, an app that raises here knows no lifespan; one that was on its way
        # into its startup would be served without it, so what it raised is told.
        error = self._error
        why = f": {type(error).__name__}: {error}" if error else ""
        _native.log("info", f"the app has no lifespan{why}")

    async def shutdown(self) -> None:
        """Runs the app's shutdown, if it waits for one."""
        if self._task is None or self._task.done():
            return
        await self._ask("shutdown")
        if told := self._answers.get("shutdown.failed"):
            _native.log("error", f"the ASGI app's shutdown failed\n{told}")
        elif self._error is not None:
            _native.log("error", f"the ASGI app's shutdown failed\n{''.join(traceback.format_exception(self._error))}")

    async def _ask(self, what: str) -> None:
        self._answered.clear()
        self._messages.put_nowait({"type": f"lifespan.{what}"})
        await self._answered.wait()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self._app(scope, self._messages.get, self._send)
        except BaseException as error:
            self._error = error
            if "startup.complete" in self._answers and self._answered.is_set():
                told = "".join(traceback.format_exception(error))
                _native.log("error", f"the ASGI app's lifespan ended before the worker did\n{told}")
        finally:
            self._answered.set()

    async def _send(self, message: Message) -> None:
        kind = str(message["type"]).removeprefix("lifespan.")
        if kind not in ("startup.complete", "startup.failed", "shutdown.complete", "shutdown.failed"):
            raise RuntimeError(f"the app sent {message['type']} in its lifespan")
        self._answers[kind] = message.get("message", "")
        self._answered.set()
