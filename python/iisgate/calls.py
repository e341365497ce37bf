"""Owns which kind of app something is that can be called: WSGI, ASGI, or none, as an uncalled factory.

Does not call it.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from typing import Any

from iisgate.errors import LoadError

#: What an ASGI app is called with.
ASGI = ("scope", "receive", "send")

#: Says which kind the app is: ``wsgi``, ``asgi`` or ``asgi2``. Otherwise it is found out.
INTERFACE_VARIABLE = "IISGATE_INTERFACE"
INTERFACES = ("wsgi", "asgi", "asgi2")


def interface(app: Any) -> str:
    """Which of `INTERFACES` it is."""
    told = os.environ.get(INTERFACE_VARIABLE, "")
    if told in INTERFACES:
        return told
    if told:
        raise LoadError(f"{INTERFACE_VARIABLE} is {told!r}", f"it may be one of: {', '.join(INTERFACES)}", code="IG047",
                        place=f"{INTERFACE_VARIABLE}={told}")
    if inspect.isclass(app) and inspect.iscoroutinefunction(getattr(app, "__call__", None)):  # noqa: B004
        return "asgi2"
    return "asgi" if is_asgi(app) else "wsgi"


def of_one_call(app: Callable[..., Any]) -> Callable[..., Any]:
    """Makes an ASGI 3 app of an ASGI 2 app, which is called twice."""

    async def called(scope: Any, receive: Any, send: Any) -> None:
        await app(scope)(receive, send)

    return called


def check(app: Any, target: str) -> None:
    """Refuses what each request would fail with."""
    _, _, attribute = target.rpartition(":")
    if interface(app) != "wsgi":
        return
    wanted = _parameters(app)
    if wanted is None or _takes(wanted, 2):
        return
    names = ", ".join(wanted.parameters) or "no arguments"
    title = f"this is no WSGI app: it takes {names}, not environ and start_response"
    if _takes(wanted, 0) and attribute:
        raise LoadError(title, "it seems to be the factory that makes the app: put parentheses behind its name",
                        code="IG047", place=place(app), command=f"iisgate fcgi {target}()")
    raise LoadError(title, "name the app itself, or the factory with its parentheses", code="IG047", place=place(app),
                    command="iisgate fcgi module:create_app()")


def is_asgi(app: Any) -> bool:
    """ASGI 3 apps are coroutine functions, or objects whose ``__call__`` is one; some are neither, but take
    ASGI's arguments."""
    call = getattr(type(app), "__call__", None)  # noqa: B004
    if inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(call):
        return True
    wanted = _parameters(app)
    return wanted is not None and tuple(wanted.parameters) == ASGI


def place(app: Any) -> str:
    """Where it is defined: a function's or method's first line, else its class's file."""
    code = getattr(app, "__code__", None)
    if code is not None:
        return f"{code.co_filename}:{code.co_firstlineno}"
    kind = app if inspect.isclass(app) else type(app)
    try:
        file = inspect.getsourcefile(kind)
        return f"{file}:{inspect.getsourcelines(kind)[1]}"
    except (OSError, TypeError):
        return f"{kind.__module__}.{kind.__qualname__}"


def _parameters(app: Any) -> inspect.Signature | None:
    """The arguments that it takes itself, whatever it wraps; unknown for what is not written in Python."""
    try:
        return inspect.signature(app, follow_wrapped=False)
    except (TypeError, ValueError):
        return None


def _takes(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*([None] * count))
    except TypeError:
        return False
    return True
