"""Owns noticing changed files where the system tells of none: the worker looks for itself.

Does not own what is done about a change: see ``test_gate_reload``.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from support import looking, programs
from support.gate_site import Gate, GateSite
from support.waiting import until

POLL = {"IISGATE_WATCH": "poll"}


def _is_told(pid: int) -> bool:
    """Whether the system tells a process of changes."""
    return any("inotify" in told for told in looking.descriptor_facts(pid))


def _other_pid(gate: Gate, pid: int) -> int:
    return until("another worker answers", lambda: (new := gate.pid()) != pid and new)


@pytest.mark.parametrize("how", ["edited", "edited below", "made", "removed", "older", "in the same second"])
def test_a_changed_file_is_found(site: GateSite, how: str) -> None:
    below = site.write("package/deep/module.py", "")
    gate = site.gate("--reload", env=POLL)
    pid = gate.pid()
    assert not _is_told(pid)
    app = site.path / "app.py"
    match how:
        case "edited":
            site.edit("app.py", '"one"', '"two"')
        case "edited below":
            below.write_text("# changed\n")
        case "made":
            site.write("package/new.py", "")
        case "removed":
            below.unlink()
        case "older":
            os.utime(app, (1, 1))
        case _:
            stat = app.stat()
            os.utime(app, ns=(stat.st_atime_ns, stat.st_mtime_ns // 10**9 * 10**9 + (stat.st_mtime_ns + 1) % 10**9))
    _other_pid(gate, pid)
    assert "has changed: the worker is replaced" in site.log.text()


def test_what_does_not_match_is_passed_by(site: GateSite) -> None:
    gate = site.gate("--reload", env=POLL)
    pid = gate.pid()
    site.write("notes.txt", "x")
    (site.path / "app.py").touch()
    _other_pid(gate, pid)
    assert "notes.txt has changed" not in site.log.text()


def test_links_in_circles_do_no_harm(site: GateSite) -> None:
    (site.path / "again").symlink_to(site.path)
    (site.path / "lost").symlink_to("/no/such/file")
    gate = site.gate("--reload", env=POLL)
    pid = gate.pid()
    (site.path / "app.py").touch()
    _other_pid(gate, pid)


@pytest.fixture
def python_without_inotify(tmp_path: Path) -> Path:
    """An interpreter that the system refuses to tell of changes, as it does when its limits are reached."""
    limit = "echo 0 > /proc/sys/user/max_inotify_instances"
    tried = subprocess.run(["unshare", "-Ur", "sh", "-c", limit], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        programs.missing("a user namespace", tried.stderr)
    script = tmp_path / "python"
    inner = f'{limit}; exec {shlex.quote(sys.executable)} "$@"'
    script.write_text(f"#!/bin/sh\nexec unshare -Ur sh -c {shlex.quote(inner)} sh \"$@\"\n")
    script.chmod(0o755)
    return script


def test_where_the_system_refuses_the_worker_looks_for_itself(site: GateSite, python_without_inotify: Path) -> None:
    gate = site.gate("--reload", env={"IISGATE_PYTHON": str(python_without_inotify)})
    pid = gate.pid()
    site.log.wait("the system does not tell which files change")
    site.edit("app.py", '"one"', '"two"')
    _other_pid(gate, pid)
    assert gate.facts()["version"] == "two"
