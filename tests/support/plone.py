"""Owns the example Plone as it is packaged: with the wheels of all that it needs.

Does not own what Plone does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from support import programs

#: Fetching, building or installing may take so long.
SECONDS = 1800

TABLE = """
[tool.iisgate.package]
name = "plone"
after = [{ run = "python make_site.py", timeout = 900 }]
"""


def with_wheels(folder: Path) -> Path:
    """A copy of the example. ``IISGATE_PLONE_WHEELS`` names a folder that has the wheels already."""
    kept = shutil.ignore_patterns("var", "logs", "__pycache__")
    shutil.copytree(programs.EXAMPLES / "plone", folder, ignore=kept)
    with (folder / "pyproject.toml").open("a") as file:
        file.write(TABLE)
    if wheels := os.environ.get("IISGATE_PLONE_WHEELS"):
        shutil.copytree(wheels, folder / "wheels")
    else:
        words = ["download", "-q", "-r", "requirements.txt", "-d", "wheels", "--only-binary", ":all:"]
        subprocess.run([sys.executable, "-m", "pip", *words], cwd=folder, check=True, timeout=SECONDS)
    return folder
