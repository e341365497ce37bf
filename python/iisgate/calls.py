"""Owns whether something that can be called is a WSGI app: ASGI apps and uncalled factories are told apart.

Does not call it.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

from iisgate.errors import LoadError

#: What an ASGI app is called with.
ASGI = ("scope", "receive", "send")


def check(app: Any, target: str) -> None:
    """Refuses what each request would fail with."""
    module, _, attribute = target.rpartition(":")
    if is_asgi(app):
        hint, command = _adapted(app, module)
        raise LoadError("this is an ASGI app; so far iisgate serves WSGI apps", hint, code="IG046", place=place(app),
                        command=command)
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
    if inspect.isclass(app) and inspect.iscoroutinefunction(getattr(app, "__call__", None)):  # noqa: B004
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


def _adapted(app: Any, module: str) -> tuple[str, str]:
    """What to do with an ASGI app."""
    name = type(app).__name__
    if name in ("WSGIMiddleware", "WsgiToAsgi"):
        return f"{name} makes an ASGI app of a WSGI one: name the WSGI app that was given to it", (
            "iisgate fcgi module:attr")
    if module.endswith("asgi"):
        wsgi = module[: -len("asgi")] + "wsgi"
        return "for a Django project use its wsgi.py; else a2wsgi.ASGIMiddleware makes a WSGI app of an ASGI one", (
            f"iisgate fcgi {wsgi}:application")
    return "a2wsgi.ASGIMiddleware makes a WSGI app of it: app = a2wsgi.ASGIMiddleware(app)", (
        f"{sys.executable} -m pip install a2wsgi")


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
