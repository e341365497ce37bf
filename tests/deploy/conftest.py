"""Owns what tests of installing have in common: an environment that needs no network, and a folder to install into.

Does not own the packages: see ``support.handmade``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support import installing
from support.installing import Target


@pytest.fixture(scope="session")
def borrowed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installing.environment(tmp_path_factory.mktemp("borrowed") / "env")


@pytest.fixture
def target(borrowed: Path) -> Iterator[Target]:
    target = Target(borrowed)
    yield target
    target.close()
