"""Owns latches for Windows programs: files by which an app is held back, or tells that it came somewhere.

As ``support.waiting.Latch``, which is a FIFO, where Windows programs have none.
"""

from __future__ import annotations

from pathlib import Path

from support.waiting import DEADLINE_SECONDS, until


class FileLatch:
    """A name: what is told is appended to the file, and a file ``NAME.NUMBER`` lets one go on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = 0
        self._opened = 0

    def open(self) -> None:
        """Lets one who waits go on."""
        self._opened += 1
        Path(f"{self.path}.{self._opened}").touch()

    def _new(self) -> bytes:
        try:
            return self.path.read_bytes()[self._seen :]
        except FileNotFoundError:
            return b""

    def wait(self, seconds: float = DEADLINE_SECONDS) -> bytes:
        """Waits until the app wrote something, and gives it."""
        found = until(f"the app at {self.path.name}", self._new, seconds)
        self._seen += len(found)
        return found

    def is_silent(self) -> bool:
        """Whether nothing was written."""
        return not self._new()

    def close(self) -> None:
        """Nothing is held."""
