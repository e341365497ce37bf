"""Owns deciding when a worker is replaced: files that changed, one that was touched, requests, memory, age;
and when it makes room because the site is offline.

Does not own how that is done (native), nor what is done about a single request (`iisgate.limits`).
"""

from __future__ import annotations

import os
import random
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from iisgate import _native
from iisgate.debugging import Debugging
from iisgate.errors import LoadError

#: Files whose change replaces the worker where nothing else is said.
RELOAD_INCLUDE = ("*.py", "*.config", "pyproject.toml")

#: wfastcgi's default: these files, when changed, restart the worker.
RESTART_FILE_REGEX = r".*((\.py)|(\.config))$"

#: Touched, it replaces the worker, as Passenger's users know it.
RESTART_FILE = Path("tmp", "restart.txt")

#: While it is there the site is offline, as ASP.NET Core's users know it.
OFFLINE_FILE = "app_offline.htm"

#: Seconds between a changed file and the worker's replacement: whoever writes one file often writes more,
#: and none of them at once.
SETTLE_SECONDS = 0.1

#: Seconds until a worker that could not be replaced is tried to be once more, at first and at most.
RETRY_SECONDS = 10.0
RETRY_SECONDS_MAX = 600.0

#: Limits are exceeded by so much at random, so that several workers are not replaced all at once.
JITTER = 0.1

MIB = 1024 * 1024


class Server(Protocol):
    """What is asked of the native half."""

    def replace(self) -> bool: ...
    def refusal(self) -> str | None: ...
    def requests(self) -> int: ...
    def give_way(self) -> None: ...


@dataclass(frozen=True)
class Rules:
    """When a worker is to be replaced; ``None`` for never."""

    max_requests: int | None = None
    max_memory_mib: int | None = None
    max_age: float | None = None
    regex: re.Pattern[str] | None = None
    include: tuple[re.Pattern[str], ...] = ()
    exclude: tuple[re.Pattern[str], ...] = ()

    def watches(self) -> bool:
        return bool(self.regex or self.include)

    def names(self, path: str, site: Path) -> bool:
        """Whether the change of a file counts."""
        if self.regex and self.regex.match(path):
            return True
        relative = os.path.relpath(path, site).replace(os.sep, "/")
        return any(each.fullmatch(relative) for each in self.include) and not any(
            each.fullmatch(relative) for each in self.exclude
        )


def with_jitter(limit: int) -> int:
    """The limit, or up to a tenth more."""
    return limit + random.randint(0, int(limit * JITTER))


def glob(pattern: str) -> re.Pattern[str]:
    """Understands ``*``, ``?`` and ``**``; a pattern without a slash means names in any folder."""
    pattern = pattern.replace("\\", "/").removeprefix("./")
    text = "" if "/" in pattern else "(?:.*/)?"
    for part in re.split(r"(\*\*/|\*\*|\*|\?)", pattern.removeprefix("/")):
        text += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part) or re.escape(part)
    return re.compile(text, re.IGNORECASE if os.name == "nt" else 0)


def globs(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(glob(pattern) for pattern in patterns)


def regex(text: str | None) -> re.Pattern[str] | None:
    """wfastcgi's setting; empty for none."""
    if not text:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        raise LoadError(f"WSGI_RESTART_FILE_REGEX is no regular expression: {error}", text) from None


@dataclass
class Recycling:
    """One worker's replacement. Looked after by one thread; a second one watches files."""

    server: Server
    site: Path
    rules: Rules
    #: Whether it may end by itself, for its gates start another one when they are asked.
    may_leave: bool
    debugging: Debugging | None = None
    #: Whether it ends anyway.
    is_over: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_asked: bool = False
    #: What else came up since it was asked for.
    _again: str | None = None
    _not_before: float = 0.0
    _retry_seconds: float = RETRY_SECONDS

    def __post_init__(self) -> None:
        self._touched = _stamp(self.site / RESTART_FILE)
        self._begun = time.monotonic()
        self._begins_beyond = False
        age = self.rules.max_age
        self._age = age * (1 + random.random() * JITTER) if age else None

    def watch(self, configured_by: str | None) -> None:
        """Begins to watch files: before the app is read, so that no change is missed.

        What the site's own files said when the worker was planned, ``configured_by`` stands for.
        """
        if not self.rules.watches():
            return
        watcher = _native.Watcher(self.site, poll=os.environ.get("IISGATE_WATCH") == "poll")

        def run() -> None:
            for path in watcher:
                if self.rules.names(path, self.site):
                    threading.Event().wait(SETTLE_SECONDS)
                    self.replace(f"{path} has changed")

        threading.Thread(target=run, name="iisgate-watch", daemon=True).start()
        if configured_by not in (None, _native.configuration_stamp(self.site)):
            self.replace("the configuration has changed since the worker was planned")

    def begin(self) -> None:
        """The app is loaded, and nothing has been asked of it."""
        mib, most = _native.memory() / MIB, self.rules.max_memory_mib
        if most and mib > most:
            # Any other worker would begin so, too: replacing it would never end.
            self._begins_beyond = True
            text = f"max-memory is {most} MiB, and the app needs {mib:.0f} MiB before the first request: not obeyed"
            _native.log("warning", text)

    def replace(self, why: str) -> None:
        """Wants another worker."""
        if self.is_over:
            return
        with self._lock:
            if self._is_asked:
                self._again = why
                return
            self._is_asked = True
            self._again = None
        _native.log("info", f"{why}: the worker is replaced")
        self.server.replace()

    def look(self) -> None:
        """Does what is due."""
        if why := self.server.refusal():
            self._refused(why)
        if self.may_leave and (self.site / OFFLINE_FILE).is_file():
            _native.log("info", f"{self.site / OFFLINE_FILE} is there: the app is offline and the worker ends")
            self.may_leave = False
            self.server.give_way()
            return
        if self.debugging and (why := self.debugging.look()):
            self.replace(why)
        touched = _stamp(self.site / RESTART_FILE)
        if touched != self._touched:
            self._touched = touched
            if touched is not None:
                self.replace(f"{self.site / RESTART_FILE} was touched")
        elif time.monotonic() >= self._not_before and (reason := self._limit()):
            self._not_before = time.monotonic() + self._retry_seconds
            self._retry_seconds = min(self._retry_seconds * 2, RETRY_SECONDS_MAX)
            self.replace(reason)

    def _refused(self, why: str) -> None:
        _native.log("error", f"the new worker cannot serve: {why}. The one that runs goes on")
        if self.debugging:
            self.debugging.refused(why)
        with self._lock:
            self._is_asked = False
            again = self._again
        if again:
            self.replace(again)

    def _limit(self) -> str | None:
        """What the worker has had too much of."""
        requests = self.server.requests()
        if self.rules.max_requests and requests >= self.rules.max_requests:
            return f"{requests} requests are answered"
        most = None if self._begins_beyond else self.rules.max_memory_mib
        if most and (mib := _native.memory() / MIB) > most:
            return f"{mib:.0f} MiB of memory are more than {most}"
        if self._age and (age := time.monotonic() - self._begun) > self._age:
            return f"it is {age:.0f} s old"
        return None


def _stamp(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def care(seconds: float, wait: Callable[[float], bool], *looks: Callable[[], None]) -> None:
    """Looks after a worker until it ends, every so many seconds and whenever there is news."""
    while wait(seconds):
        for look in looks:
            look()
