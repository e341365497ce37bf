"""Owns ``python -m iisgate``: which command is run by whom.

Does not own what the worker does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from support import programs
from support.sites import app, write
from support.worker import Worker


def test_as_on_windows_a_command_is_waited_for() -> None:
    """There a process cannot become another one; whoever waits for the command must wait for it."""
    child = "import sys; print('child read', repr(sys.stdin.read())); sys.exit(3)"
    code = f"import sys; from iisgate.__main__ import _run; sys.exit(_run([sys.executable, '-c', {child!r}]))"
    ended = subprocess.run([sys.executable, "-c", code], env={**os.environ, **programs.environment()}, input="told",
                           capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (3, "child read 'told'\n")


def test_the_launchers_variable_stays_with_the_worker(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    """On Windows it would make any Python that the app starts one of the worker's virtual environment."""
    site = write(tmp_path, {"app.py": app("", more="repr(os.environ.get('__PYVENV_LAUNCHER__'))")})
    assert start_worker("app:app", site=site, env={"__PYVENV_LAUNCHER__": sys.executable}).ask().text == "None"


def test_a_worker_without_a_gate_works_where_its_site_says(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    site = write(tmp_path, {"app.py": app("", more="os.getcwd()"), "data/x": "", "other/x": ""})
    assert start_worker("app:app", site=site).ask().text == str(site)
    write(site, {"pyproject.toml": "[tool.iisgate]\nworking-directory = 'data'\n"})
    assert start_worker("app:app", site=site).ask().text == f"{site}/data"
    worker = start_worker("app:app", f"--working-directory={site}/other", site=site)
    assert worker.ask().text == f"{site}/other"
