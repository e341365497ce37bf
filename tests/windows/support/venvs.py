"""Owns making virtual environments of the Windows Python for tests that want one of their own.

Does not install packages: what the tests want is in the environments of ``places``.
"""

from __future__ import annotations

from pathlib import Path

from support.launch import run_program
from support.paths import to_windows
from support.places import base_python


def make_venv(folder: Path, *packages: Path) -> Path:
    """Makes an environment in ``folder`` that also sees the ``packages``, folders of modules; gives its Python."""
    run_program(base_python(), "-m", "venv", "--without-pip", folder)
    site_packages = folder / "Lib" / "site-packages"
    if packages:
        lines = "".join(f"import site; site.addsitedir({to_windows(each)!r})\n" for each in packages)
        (site_packages / "of_the_tests.pth").write_text(lines, encoding="utf-8")
    return folder / "Scripts" / "python.exe"
