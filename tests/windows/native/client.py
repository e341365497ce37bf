"""Owns running the IIS-shaped client, and its report as values.

Does not own the switches, which are told by ``iis_client/settings.c``, nor what is made of a report.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from native.build import build
from support.launch import Argument, run_program
from support.paths import written

#: Switches by name: ``True`` for a flag, a list for one that may be repeated, text, a number, or a path.
Switches = dict[str, Any]


REPORT_START = '{"ok"'


@dataclass(frozen=True)
class Started:
    """What IIS would start, in the words of its configuration, and the site's folder."""

    full_path: Path
    site: Path
    arguments: str = ""
    environment: Mapping[str, Argument] = field(default_factory=dict)
    #: How it is told to end: by the shutdown event, or, if it does not heed that, by closing the pipe.
    end: str = "event"


@dataclass(frozen=True)
class Instance:
    """What came of one process."""

    pid: int
    warmed: int
    done: int
    lost: int
    mismatched: int
    cut: int
    first_response_ms: float
    slowest_ms: float
    #: ``within the grace``, ``terminated``, ``killed``, ``early`` or ``not started``.
    ended: str
    ended_ms: float
    exit_code: int
    #: Collected headers: each with its values and how often they came.
    seen: dict[str, dict[str, int]]
    faults: list[str]


@dataclass(frozen=True)
class Report:
    """What came of a run."""

    #: Nothing was lost or wrong, all ended as they should, and no process is left in the job.
    ok: bool
    done: int
    lost: int
    mismatched: int
    #: Requests that the client itself cut short.
    cut: int
    seconds: float
    per_second: float
    instances: list[Instance]
    left_in_job: int | None = None
    left_ms: float = 0.0

    @property
    def faults(self) -> list[str]:
        return [fault for instance in self.instances for fault in instance.faults]

    def seen(self, header: str) -> Counter[str]:
        """How often each value of a collected header came, over all instances."""
        total: Counter[str] = Counter()
        for instance in self.instances:
            total.update(instance.seen.get(header, {}))
        return total


def words(given: Mapping[str, Any]) -> list[str]:
    """``expect_text="x"`` is ``--expect-text x``."""
    found = []
    for name, value in given.items():
        switch = f"--{name.replace('_', '-')}"
        if value is True:
            found.append(switch)
            continue
        for each in value if isinstance(value, list) else [value]:
            found += [switch, str(each) if isinstance(each, int) else written(each)]
    return found


def ask(started: Started, patience: float = 120.0, **given: Any) -> Report:
    """Starts, asks and ends processes as ``given`` says; ``patience`` are the seconds for the whole."""
    told = {"site": started.site, "end": started.end, **given}
    environment = [f"{name}={written(value)}" for name, value in started.environment.items()]
    told |= {"full_path": started.full_path, "arguments": started.arguments, "env": environment}
    text = run_program(build("iis_client"), *words(told), seconds=patience, status=None)
    # Before it there may be what Wine has to say.
    _, start, rest = text.partition(REPORT_START)
    if not start:
        raise AssertionError(f"iis_client did not report, but said: {text!r}")
    report = json.loads(start + rest)
    instances = [Instance(**instance) for instance in report.pop("instances")]
    return Report(**report, instances=instances)


def fine(started: Started, patience: float = 120.0, **given: Any) -> Report:
    """The same, and all must have gone well."""
    report = ask(started, patience, **given)
    assert report.ok, report
    return report
