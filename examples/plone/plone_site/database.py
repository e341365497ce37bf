"""Owns the moment before Zope opens its database: is it there, and has the worker before this one let go of it?

A worker that is replaced finishes the requests it has; meanwhile its successor would find the file locked.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zc.lockfile import LockError, LockFile

#: Longer than a worker takes to end (30 s, and 5 s of grace), shorter than IIS waits for an answer (70 s).
PATIENCE_SECONDS = 45.0

PAUSE_SECONDS = 0.1


def composite_factory(loader: Any, global_conf: Mapping[str, str], app: str, database: str) -> Any:
    """For PasteDeploy: builds ``app``, another section of the file, as soon as ``database`` is free."""
    wait_for(Path(database))
    return loader.get_app(app, global_conf=global_conf)


def wait_for(database: Path) -> None:
    """Returns when nobody has the database open; after a while, too, for Zope tells best what is wrong then."""
    if not database.is_file():
        raise FileNotFoundError(f"there is no site yet at {database}: make it with `python make_site.py`")
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            LockFile(f"{database}.lock").close()
            return
        except LockError:
            time.sleep(PAUSE_SECONDS)
