"""Owns how a path is written on either side: this system's way, and Windows' way.

Knows nothing of which paths there are.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PureWindowsPath

from support.places import ON_WINDOWS

#: Where Wine shows the root of this system's files.
ROOT_DRIVE = "Z:"


def to_windows(path: str | os.PathLike[str]) -> str:
    r"""The path as Windows programs know it: ``/srv/my site`` is ``Z:\srv\my site`` under Wine."""
    if ON_WINDOWS:
        return str(Path(path).resolve())
    # Not resolved: a test may want a link to stay one.
    return ROOT_DRIVE + os.path.abspath(path).replace("/", "\\")


def from_windows(text: str, drive_c: Path | None = None) -> Path:
    r"""The path that a Windows program wrote; ``drive_c`` is where ``C:`` lies under Wine."""
    if ON_WINDOWS:
        return Path(text)
    path = PureWindowsPath(text)
    if path.drive.upper() == ROOT_DRIVE and path.root:
        return Path("/", *path.parts[1:])
    if path.drive.upper() == "C:" and path.root and drive_c:
        return drive_c.joinpath(*path.parts[1:])
    raise ValueError(f"not a path that is seen from here: {text}")


def written(value: str | os.PathLike[str]) -> str:
    """An argument or a variable's value: a path is written as Windows writes it, text stays as it is."""
    return value if isinstance(value, str) else to_windows(value)


def written_all(values: Mapping[str, str | os.PathLike[str]]) -> dict[str, str]:
    return {name: written(value) for name, value in values.items()}
