"""Owns what stands in for ``sys.stdin``, ``sys.stdout`` and ``sys.stderr`` in a worker: nothing to read,
and text that goes to the log with the request's id, never to the web server.

Does not own the log nor putting lines together (native), nor the descriptors (`iisgate.descriptors`).
"""

from __future__ import annotations

import io
import sys
from typing import Literal, TextIO

from iisgate import _native


class LogBuffer(io.BufferedIOBase):
    """The binary side of a `LogStream`, as ``sys.stdout.buffer`` is."""

    def __init__(self, stream: LogStream) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, data: object, /) -> int:
        whole = bytes(data)  # type: ignore[call-overload]
        self._stream.write(whole.decode("utf-8", "backslashreplace"))
        return len(whole)

    def flush(self) -> None:
        self._stream.flush()


class LogStream(io.TextIOBase):
    """A text stream whose whole lines become log lines."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, level: str, descriptor: int) -> None:
        self._level = level
        self._descriptor = descriptor
        self.buffer = LogBuffer(self)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        """Descriptors 1 and 2 lead to the log as well, for child processes."""
        return self._descriptor

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        # Lone surrogates, which os.fsdecode makes, are no text.
        _native.write_text(self._level, text.encode("utf-8", "backslashreplace").decode())
        return len(text)

    def flush(self) -> None:
        """Does nothing: a line is told when it is whole, or when its request ends."""


def install() -> LogStream:
    """Replaces the interpreter's outputs; returns the one for ``wsgi.errors``."""
    sys.stdout = LogStream("info", 1)
    sys.stderr = LogStream("warning", 2)
    for name, descriptor in (("__stdout__", 1), ("__stderr__", 2)):
        # Without valid descriptors Python starts without them.
        if getattr(sys, name) is None:
            setattr(sys, name, _text(descriptor, "w"))
    return sys.stderr


def install_input() -> None:
    """Replaces the interpreter's input, when descriptor 0 is empty."""
    sys.stdin = _text(0, "r")
    if sys.__stdin__ is None:
        setattr(sys, "__stdin__", sys.stdin)  # noqa: B010


def _text(descriptor: int, mode: Literal["r", "w"]) -> TextIO:
    return open(descriptor, mode, encoding="utf-8", errors="backslashreplace", closefd=False)
