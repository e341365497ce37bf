"""Owns what every Windows test gets: a session, and the proof that nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support import iis, places
from support.launch import Conversation
from support.session import session

pytest_plugins = ["support.long"]

# Not skipped tests: under Wine there can never be an IIS. The summary says so.
collect_ignore = [] if iis.is_there() else ["iis"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not iis.is_there():
        terminalreporter.write_line("left out: tests/windows/iis, for there is no IIS with its CGI feature here")
    if not places.IS_LONG:
        terminalreporter.write_line(
            "left out: the pool's rules in test_serve_rules.py, which take minutes; IISGATE_LONG=1 runs them"
        )


def pytest_configure() -> None:
    if not places.IISGATE.is_file():
        raise pytest.UsageError(f"{places.IISGATE} is missing: run `cargo xtask windows test`, which makes it")


class Shared(pytest.Module):
    """A file of the other suite, without the tests that are left out."""

    left_out: dict[str, str]

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        return (item for item in super().collect() if item.name not in self.left_out)


class WithShared(pytest.Module):
    """A module whose ``SHARED`` files, which are the other suite's, are collected below it: they see its fixtures."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        yield from super().collect()
        for path in self.obj.SHARED:
            shared = Shared.from_parent(self, path=path)
            shared.left_out = self.obj.LEFT_OUT
            yield shared


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    if module_path.name == "test_serve_rules.py":
        return WithShared.from_parent(parent, path=module_path)
    return None


@pytest.fixture(scope="session", autouse=True)
def windows_session() -> Iterator[None]:
    """Windows programs can be started, and none outlives the tests."""
    with session():
        yield


@pytest.fixture
def converse() -> Iterator[Callable[..., Conversation]]:
    """Starts Windows programs that end with the test."""
    started: list[Conversation] = []

    def start(*arguments: Any, **more: Any) -> Conversation:
        started.append(Conversation(*arguments, **more))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.kill()
