"""Owns reading logs that are still being written.

Does not own the form of a line: ``TIME LEVEL PID REQUEST TEXT`` is the worker's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from support.waiting import until

_LINE = re.compile(r"(?P<time>\S+Z) (?P<level>[A-Z]+) +(?P<pid>\d+) (?P<request>\S+) (?P<text>.*)")


@dataclass(frozen=True)
class Line:
    level: str
    request: str
    text: str


class Log:
    """A log file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def text(self) -> str:
        return self.path.read_text(encoding="utf-8", errors="replace") if self.path.exists() else ""

    def lines(self) -> list[Line]:
        """Lines of the worker's form; what children printed is only in :meth:`text`."""
        found = (_LINE.fullmatch(line) for line in self.text().splitlines())
        return [Line(m["level"], m["request"], m["text"]) for m in found if m]

    def times(self, *texts: str) -> list[datetime]:
        """When lines were written that hold one of ``texts``."""
        told = [line.split(" ", 1)[0] for line in self.text().splitlines() if any(text in line for text in texts)]
        return [datetime.fromisoformat(time.replace("Z", "+00:00")) for time in told]

    def wait(self, text: str) -> str:
        """Waits until the log holds ``text``, and gives all of it."""

        def probe() -> str | None:
            now = self.text()
            return now if text in now else None

        return until(f"{text!r} in the log {self.path}; it ends: {self.text()[-2000:]}", probe)

    def wait_line(self, text: str) -> Line:
        """Waits for a line of the worker's form that holds ``text``."""

        def probe() -> Line | None:
            return next((line for line in self.lines() if text in line.text), None)

        return until(f"a line with {text!r} in {self.path}", probe)
