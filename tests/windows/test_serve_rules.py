"""Owns that ``iisgate.exe serve`` obeys IIS's rules as the stand-in on Linux does: the tests are the same.

Does not own those tests, which are in ``tests/serve``: what they import as ``support.serve_site`` starts the Windows
build here.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import places
from support.latches import FileLatch

SERVE = places.REPOSITORY / "tests" / "serve"

#: What conftest.py collects as if it stood here.
SHARED: list[Path] = [
    SERVE / f"test_serve_{subject}.py"
    for subject in ("filtering", "errors", "inheritance", "documents", "rewrite", "static", "static_headers",
                    "bindings", "https", "sign_on", *(("pool", "pool_time") if places.IS_LONG else ()))
]  # fmt: skip

#: Tests that are about this system alone, and why.
LEFT_OUT = {
    "test_a_program_that_cannot_be_started": "files have no mode on Windows",
    "test_a_monitored_file[beside the program]": "python.exe is the program, whose folder is everybody's",
    "test_a_monitored_file_does_not_end_a_request": "the same",
    "test_old_defaults_allow_four_instances": "its app waits by FIFOs; test_serve_ways asks in that way, too",
}

# What the tests ask for.
_spec = importlib.util.spec_from_file_location("conftest_of_serve", SERVE / "conftest.py")
assert _spec and _spec.loader
_conftest = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_conftest)
make_site, site = _conftest.make_site, _conftest.site


@pytest.fixture
def latch(tmp_path: Path) -> Iterator[Callable[[str], FileLatch]]:
    """Makes latches for Windows programs."""
    yield lambda name: FileLatch(tmp_path / name)
