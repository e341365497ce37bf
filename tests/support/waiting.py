"""Owns waiting: for a condition with a deadline, for a byte through a FIFO.

The only place in the tests that pauses; tests themselves never sleep.
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

#: Long enough for a loaded machine, short enough that a hang is told before CI gives up.
DEADLINE_SECONDS = 20.0


def until(
    what: str, probe: Callable[[], T | None], seconds: float = DEADLINE_SECONDS, pause: float = 0.01
) -> T:
    """Calls ``probe`` until it gives something true; fails with ``what`` after ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(pause)


class Latch:
    """A FIFO through which an app is held back, or tells that it came somewhere.

    Opened for reading and writing at once, so that neither side ever blocks in ``open``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        self._fd = os.open(path, os.O_RDWR)

    def open(self) -> None:
        """Lets one who waits go on."""
        os.write(self._fd, b".")

    def wait(self, seconds: float = DEADLINE_SECONDS) -> bytes:
        """Waits until the app wrote something, and gives it."""
        if not select.select([self._fd], [], [], seconds)[0]:
            raise AssertionError(f"waited {seconds:g} s in vain for the app at {self.path.name}")
        return os.read(self._fd, 4096)

    def is_silent(self, seconds: float = 0.1) -> bool:
        """Whether nothing was written, and nothing is within ``seconds``."""
        return not select.select([self._fd], [], [], seconds)[0]

    def close(self) -> None:
        os.close(self._fd)
