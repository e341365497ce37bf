"""Owns which code may ask for the time of day: none that limits, waits or measures.

Does not own how long anything may take. A clock that jumps cannot be had in a test without the right to set it, so
the places are watched.
"""

from __future__ import annotations

import re

from support.programs import REPOSITORY

#: Where the time of day is meant: what is shown to people, kept for later processes, or part of a name.
RUST = {
    "crates/cli/src/commands",  # what is shown
    "crates/front/src/certificate.rs",  # how long it holds
    "crates/front/src/respond.rs",  # a run's name
    "crates/gate/src/answer.rs",  # a number's first half
    "crates/gate/src/circumstances.rs",  # when a site was started
    "crates/gate/src/debug.rs",  # until when: a file, which outlives processes
    "crates/gate/src/recording",  # when it was recorded
    "crates/platform/src/log_file",  # a line's time
    "crates/python/src/journal.rs",  # a request's number
}
PYTHON = {
    "start_times.py",  # since when the process runs, told to people
    "telling.py",  # a line's time
}


def test_no_limit_is_measured_by_the_clock_on_the_wall() -> None:
    wrong = []
    for path in (REPOSITORY / "crates").rglob("*.rs"):
        name = path.relative_to(REPOSITORY).as_posix()
        if "/tests/" in name or path.name.endswith("tests.rs") or any(name.startswith(place) for place in RUST):
            continue
        code = path.read_text(encoding="utf-8").partition("#[cfg(test)]")[0]
        if re.search(r"\bSystemTime::now\(\)", code):
            wrong.append(name)
    for path in (REPOSITORY / "python" / "iisgate").glob("*.py"):
        if path.name not in PYTHON and re.search(r"\btime\.time\(|datetime\.now\(", path.read_text(encoding="utf-8")):
            wrong.append(path.name)
    assert wrong == [], "time.monotonic() and Instant do not jump"
