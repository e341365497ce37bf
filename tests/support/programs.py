"""Owns finding what is tested and what it is tested with: iisgate, Python, the system's servers.

Does not start anything.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
APPS = REPOSITORY / "fixtures" / "apps"
EXAMPLES = REPOSITORY / "examples"


def environment() -> dict[str, str]:
    """What a child needs to import the package that these tests test, even from an empty environment."""
    if found := os.environ.get("PYTHONPATH"):
        return {"PYTHONPATH": found}
    if importlib.util.find_spec("iisgate") is None:
        return {"PYTHONPATH": str(REPOSITORY / "python")}
    return {}


def worker_command() -> list[str]:
    return [sys.executable, "-m", "iisgate", "worker"]


def iisgate() -> Path:
    """The native executable: ``IISGATE_EXE``, beside this Python, or what cargo built."""
    if named := os.environ.get("IISGATE_EXE"):
        return Path(named)
    beside = Path(sys.executable).with_name("iisgate")
    built = REPOSITORY / "target" / "debug" / "iisgate"
    for found in (beside, built):
        if found.is_file():
            return found
    missing("iisgate", f"neither {beside} nor {built}")


def system(*names: str) -> str:
    """A program of the system; without it the test is skipped, or failed where none may be."""
    for name in names:
        if found := shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"):
            return found
    missing(names[0], f"not installed: {' or '.join(names)}")


def missing(what: str, why: str) -> pytest.NoReturn:  # type: ignore[name-defined]
    if os.environ.get("IISGATE_REQUIRE_SYSTEM") == "1":
        pytest.fail(f"{what} is required: {why}", pytrace=False)
    pytest.skip(f"{what}: {why}")
