"""Owns the comparison: requests a second of ours, of wfastcgi and of a C responder, side by side in one run.

All are started and asked by the same IIS-shaped client, over the pipe that IIS gives. They take turns in rounds, the
order changing from round to round, so that a slow minute of the machine meets all; told are medians, and the medians
of the rounds' ratios. Does not own what is measured: ``native`` has the client, the responder and the app.

    python bench.py [--rounds 5] [--seconds 2] [--cases hello,large] [--instances 1,4] [--only c,ours-4-workers]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from native import programs
from native.client import Started, Switches, ask
from support.places import IISGATE
from support.session import session

#: Who is compared, by name: how each is started for the site. Ratios are those of ``OURS``
#: (without it, of the last one) to the others.
CONTESTANTS: dict[str, Callable[[Path], Started]] = {
    "c": programs.responder,
    # What Python costs by itself: the same in C, calling the app.
    "c-python": programs.python_responder,
    "wfastcgi": programs.wfastcgi,
    "ours": programs.ours,
    # A Python for each of four instances, as wfastcgi and the responder have a process.
    "ours-4-workers": lambda site: programs.ours(site, "--workers 4"),
}
OURS = "ours"

#: What is asked; each response is checked.
CASES: dict[str, Switches] = {
    "hello": {"path": "/hello", "expect_text": "Hello, world!", "warm_up": 200},
    "large": {"path": "/large", "expect_file": "large", "warm_up": 100},
    "upload": {"path": "/upload", "method": "POST", "body": 1_048_576, "expect_text": "1048576", "warm_up": 10},
}
TITLES = {"hello": "hello, 13 bytes", "large": "64 KiB response", "upload": "1 MiB upload"}

#: More than any can do in the time, so that the time is what ends a measurement.
REQUESTS_MAX = 1_000_000

#: By case and number of instances: each contestant's requests a second, round by round.
Rates = dict[tuple[str, int], dict[str, list[float]]]


def measure(started: Started, case: str, instances: int, seconds: int) -> float:
    asked = dict(CASES[case])
    if "expect_file" in asked:
        asked["expect_file"] = started.site / str(asked["expect_file"])
    asked |= {"instances": instances, "seconds": seconds, "requests": REQUESTS_MAX}
    report = ask(started, 60.0 + 5 * seconds, **asked)
    if not report.ok:
        raise SystemExit(f"{started.full_path.name} failed at {case}: {report}")
    return report.per_second


def run(names: list[str], cases: list[str], instances: list[int], rounds: int, seconds: int) -> Rates:
    rates: Rates = {(case, count): {name: [] for name in names} for case in cases for count in instances}
    with tempfile.TemporaryDirectory() as folder:
        site = programs.site("measured", Path(folder))
        (site / "large").write_bytes(b"x" * 65_536)
        started = {name: CONTESTANTS[name](site) for name in names}
        for number in range(rounds):
            turn = names[number % len(names) :] + names[: number % len(names)]
            for (case, count), found in rates.items():
                for name in turn:
                    found[name].append(measure(started[name], case, count, seconds))
            sys.stderr.write(f"round {number + 1} of {rounds}\n")
    return rates


def table(rates: Rates, names: list[str]) -> str:
    """Markdown: a row for each case and number of instances."""
    chosen = OURS if OURS in names else names[-1]
    rivals = [name for name in names if name != chosen]
    head = ["case", "instances", *(f"{name} req/s" for name in names), *(f"{chosen} / {name}" for name in rivals)]
    rows = [head, ["---", *("---:" for _ in head[1:])]]
    for (case, count), found in rates.items():
        medians = [f"{statistics.median(found[name]):,.0f}" for name in names]
        ratios = [
            statistics.median(ours / theirs for ours, theirs in zip(found[chosen], found[rival], strict=True))
            for rival in rivals
        ]
        rows.append([TITLES[case], str(count), *medians, *(f"{ratio:.2f}" for ratio in ratios)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="of each measurement")
    parser.add_argument("--cases", type=lambda text: text.split(","), default=list(CASES))
    parser.add_argument("--instances", type=lambda text: [int(n) for n in text.split(",")], default=[1, 4])
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(CONTESTANTS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every round's figures there")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    if OURS in given.only and not IISGATE.is_file():
        raise SystemExit(f"{IISGATE} is missing: build it (cargo xtask windows build), or compare --only c,wfastcgi")
    with session():
        rates = run(given.only, given.cases, given.instances, given.rounds, given.seconds)
    sys.stdout.write(table(rates, given.only))
    if given.json:
        figures = [{"case": case, "instances": count, **found} for (case, count), found in rates.items()]
        given.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
