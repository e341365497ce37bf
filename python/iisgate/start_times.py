"""Owns measuring what the app's modules take when they are imported, for `iisgate status`.

Does not own importing them (`iisgate.loader`).
"""

from __future__ import annotations

import importlib._bootstrap_external as bootstrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

#: Modules that are told: who looks for a slow start looks at the first few.
SLOWEST = 5

#: Seconds below which a module is nobody's concern.
LEAST_SECONDS = 0.01


class Modules:
    """What each module took, without those that it imports."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        #: The time that a module's own imports took, for each that is being imported in a thread.
        self._inner: dict[int, list[float]] = {}

    def run(self, name: str, execute: Any, *arguments: Any) -> Any:
        """Executes a module."""
        inner = self._inner.setdefault(threading.get_ident(), [])
        inner.append(0.0)
        begun = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            whole = time.perf_counter() - begun
            self.seconds[name] = whole - inner.pop()
            if inner:
                inner[-1] += whole

    def slowest(self) -> list[tuple[str, float]]:
        """The slowest of them, the first one first."""
        told = [(name, round(seconds, 3)) for name, seconds in self.seconds.items() if seconds >= LEAST_SECONDS]
        return sorted(told, key=lambda each: -each[1])[:SLOWEST]


@contextmanager
def measured() -> Iterator[Modules]:
    """Measures the modules that are executed meanwhile, where this Python's import system lets us."""
    modules = Modules()
    loader: Any = getattr(bootstrap, "_LoaderBasics", None)
    before = getattr(loader, "exec_module", None)
    if before is None:
        yield modules
        return

    def exec_module(self: Any, module: ModuleType) -> Any:
        return modules.run(module.__name__, before, self, module)

    loader.exec_module = exec_module
    try:
        yield modules
    finally:
        loader.exec_module = before
