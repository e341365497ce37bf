"""Owns Wine's session: kept alive while tests run, so that programs start soon, and ended after them.

On Windows there is nothing to keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from support import living
from support.launch import PATIENCE_SECONDS, Conversation
from support.places import base_python

#: Wine ends a session with its last program: this one waits until it is told to end.
_IDLE = "import sys; print('idle', flush=True); sys.stdin.read()"


@contextmanager
def session() -> Iterator[None]:
    """Holds a session; at its end nothing that the tests started may live."""
    before = set(living.alive())
    idle = Conversation(base_python(), "-c", _IDLE)
    idle.until_told("idle")

    def left() -> list[living.WindowsProcess]:
        return [each for each in living.alive() if each not in before and each.pid != idle.process.pid]

    try:
        yield
        living.until_gone(left, PATIENCE_SECONDS)
    finally:
        stayed = left()
        for process in stayed:
            process.kill()
        idle.end()
