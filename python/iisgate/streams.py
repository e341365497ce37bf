"""Owns what stands in for ``sys.stdout`` and ``sys.stderr`` in a worker: text that goes to the log
with the request's id, never to the web server.

Does not own the log (native).
"""

from __future__ import annotations

import io
import sys
import threading

from iisgate import _native


class LogStream(io.TextIOBase):
    """A text stream whose whole lines become log lines."""

    encoding = "utf-8"
    errors = "backslashreplace"

    def __init__(self, level: str, descriptor: int) -> None:
        self._level = level
        self._descriptor = descriptor
        self._part = threading.local()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        """Descriptors 1 and 2 lead to the log as well, for child processes."""
        return self._descriptor

    def write(self, text: str, /) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        # print() writes its end separately: a line is logged when it is whole.
        whole, newline, rest = (getattr(self._part, "text", "") + text).rpartition("\n")
        self._part.text = rest
        if newline:
            _native.log(self._level, whole.encode("utf-8", "backslashreplace").decode())
        return len(text)

    def flush(self) -> None:
        rest = getattr(self._part, "text", "")
        if rest:
            self._part.text = ""
            _native.log(self._level, rest.encode("utf-8", "backslashreplace").decode())


def install() -> LogStream:
    """Replaces the interpreter's standard streams; returns the one for ``wsgi.errors``."""
    sys.stdout = LogStream("info", 1)
    sys.stderr = LogStream("warning", 2)
    sys.stdin = open("/dev/null", encoding="utf-8") if sys.platform != "win32" else open("nul", encoding="utf-8")
    return sys.stderr
