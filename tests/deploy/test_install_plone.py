"""Owns that Plone is installed from one file without any network, and upgraded while it is served.

Takes ten minutes, and pip fetches 229 wheels for it first: ``IISGATE_LONG=1`` runs it. ``IISGATE_PLONE_WHEELS`` names a
folder that has them already.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import plone, programs
from support.installing import Target

pytestmark = pytest.mark.long("takes ten minutes")

def test_plone_needs_no_network_and_is_upgraded_while_it_is_served(tmp_path: Path) -> None:
    project = plone.with_wheels(tmp_path / "plone")
    target = Target(tmp_path)
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "UV_OFFLINE": "1"} | programs.environment()
    try:
        file = tmp_path / "plone.zip"
        built = target.run("package", "build", project, "--out", file, seconds=plone.SECONDS)
        assert built.returncode == 0, built.stderr
        words = ["--health-timeout=600"]
        done = target.install(file, f"--python={sys.executable}", *words, environment=False, env=nowhere,
                              seconds=plone.SECONDS)
        assert done.returncode == 0 and "GET /: 200" in done.stderr, done.stderr
        # Not the tests' own Python, but the one that the release was given.
        bare = {"IISGATE_PYTHON": "", "PYTHONPATH": ""}
        serve = target.site.serve(str(target.path), dir=False, env=bare)
        connection = serve.connect(seconds=300)
        assert "Plone behind FastCGI" in serve.ask("GET", "/", on=connection).text
        # The live release has the database open: the new one is tried on a copy.
        made = target.path / "releases" / "1" / ".venv"
        target.borrowed = Path(shutil.copytree(made, tmp_path / "env", symlinks=True))
        done = target.install(file, *words, seconds=plone.SECONDS)
        assert done.returncode == 0 and "on a copy of it" in done.stderr, done.stderr
        assert serve.ask("GET", "/", on=connection).status == 200
        assert target.releases() == [1, 2] and not (target.path / "data" / ".rehearsal").exists()
        assert (target.path / "releases" / "2" / "var").resolve() == target.path / "data" / "var"
        target.end_all()
        # The administrator, of whom the installation told nobody the password, gets a new one.
        words = [made / "bin" / "python", target.path / "releases" / "2" / "make_site.py", "--password", "known"]
        env = os.environ | {"PYTHONPATH": ""}
        told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=plone.SECONDS, env=env)
        assert "has the password that was given" in told.stdout
    finally:
        target.close()
