"""Owns where things are: what was built for Windows, the Windows Python, its environments, the checkout.

Does not make any of it: ``cargo xtask windows test`` does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: Whether this is Windows itself. If not, Windows programs run under Wine.
ON_WINDOWS = sys.platform == "win32"

#: Whether tests that take minutes run, too.
IS_LONG = os.environ.get("IISGATE_LONG") == "1"

REPOSITORY = Path(__file__).resolve().parents[3]
FIXTURES = REPOSITORY / "fixtures"
APPS = FIXTURES / "apps"
EXAMPLES = REPOSITORY / "examples"

#: Where ``cargo xtask windows test`` put everything.
WINDOWS_DIR = Path(os.environ.get("IISGATE_WINDOWS_DIR") or REPOSITORY / "target" / "windows").resolve()

#: What was built: the executable and, beside it, the package folder.
DIST = WINDOWS_DIR / "dist"
IISGATE = DIST / "iisgate.exe"

#: The environment with iisgate, Flask, Django, Pyramid and wfastcgi; and the one with iisgate and Plone.
VENV = WINDOWS_DIR / "venv"
PLONE = WINDOWS_DIR / "plone"

#: Wine's prefix.
PREFIX = Path(os.environ.get("WINEPREFIX") or WINDOWS_DIR / "prefix").resolve()


def base_python() -> Path:
    """The Windows Python on which the environments stand."""
    if not ON_WINDOWS:
        return WINDOWS_DIR / "python" / "python.exe"
    for line in (VENV / "pyvenv.cfg").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "home":
            return Path(value.strip()) / "python.exe"
    raise AssertionError(f"{VENV} is no virtual environment")


def venv_python(venv: Path = VENV) -> Path:
    """An environment's ``python.exe``: on Windows a small program that starts the base Python."""
    return venv / "Scripts" / "python.exe"
