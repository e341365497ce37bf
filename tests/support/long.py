"""Owns leaving out tests that take minutes: those marked as ``long``, with the reason. A plugin of pytest.

They are not skipped, for nothing is missing for them.
"""

from __future__ import annotations

import os

import pytest

LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long(why): takes minutes, and runs when IISGATE_LONG=1 asks for it")
    config.stash[LEFT_OUT] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is marked, unless it is asked for."""
    if os.environ.get("IISGATE_LONG") == "1":
        return
    marked = {item: marker for item in items if (marker := item.get_closest_marker("long"))}
    items[:] = [item for item in items if item not in marked]
    config.hook.pytest_deselected(items=list(marked))
    config.stash[LEFT_OUT] += [f"{item.nodeid}, which {marker.args[0]}" for item, marker in marked.items()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for left_out in config.stash[LEFT_OUT]:
        terminalreporter.write_line(f"left out: {left_out}: IISGATE_LONG=1 runs it")
