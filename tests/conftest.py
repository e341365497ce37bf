"""Owns what every test gets: workers, latches, and the proof that nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import processes
from support.waiting import Latch
from support.worker import Worker

pytest_plugins = ["support.long"]

# They have a harness of their own: `cargo xtask windows test`.
collect_ignore = ["windows"]


@pytest.fixture(scope="session", autouse=True)
def no_process_is_left() -> Iterator[None]:
    """At the end of the session nothing that we started may live."""
    yield
    processes.stop_all()
    left = processes.kill_leftovers()
    assert not left, f"processes left behind: {left}"


@pytest.fixture
def start_worker() -> Iterator[Callable[..., Worker]]:
    """Starts workers that end with the test."""
    started: list[Worker] = []

    def start(*arguments: str, **more: object) -> Worker:
        worker = Worker(*arguments, **more)  # type: ignore[arg-type]
        started.append(worker)
        return worker

    yield start
    for worker in started:
        with worker:
            pass


@pytest.fixture
def latch(tmp_path: Path) -> Iterator[Callable[[str], Latch]]:
    """Makes FIFOs by which test and app wait for each other."""
    made: list[Latch] = []

    def make(name: str) -> Latch:
        made.append(Latch(tmp_path / name))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="module", params=["plain", "linted"])
def served(request: pytest.FixtureRequest) -> Iterator[Worker]:
    """A worker for the module's ``APP``, once as it is and once under ``wsgiref.validate``."""
    attribute = "app" if request.param == "plain" else "linted"
    with Worker(f"{request.module.APP}:{attribute}") as worker:
        yield worker
        # What the linter finds too late to raise it, it prints.
        assert "without being closed" not in worker.told()


@pytest.fixture(scope="module")
def plain(request: pytest.FixtureRequest) -> Iterator[Worker]:
    """A worker for the module's ``BROKEN`` app, which breaks rules that the linter would tell."""
    with Worker(f"{request.module.BROKEN}:app") as worker:
        yield worker
