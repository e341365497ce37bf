"""Owns how each FastCGI application of the tests is started: ours, wfastcgi, the C responder.

Does not own asking them.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from native.build import HERE, build
from native.client import Started
from support.paths import to_windows
from support.places import IISGATE, VENV, base_python

STRANGERS = HERE / "strangers"

#: Our workers stay so long after their last gate, so that tests end soon.
GRACE_SECONDS = 1


def site(name: str, folder: Path) -> Path:
    """A copy of one of our sites in ``folder``, so that what is written there does not stay."""
    return Path(shutil.copytree(HERE / "sites" / name, folder / name))


def responder(site: Path) -> Started:
    return Started(build("responder"), site)


def python_responder(site: Path) -> Started:
    """The responder with an interpreter in it."""
    home = base_python().parent
    library = next(home.glob("python3[0-9]*.dll"))
    surroundings = {"PYTHONHOME": home, "PYTHONPATH": site}
    return Started(build("python_responder"), site, f'"{to_windows(library)}"', surroundings)


def faulty(site: Path, answer: bytes) -> Started:
    """A FastCGI application that answers its first request with these bytes, and no other."""
    return Started(base_python(), site, f'"{to_windows(STRANGERS / "faulty.py")}" {answer.hex()}', end="close")


def telling(site: Path) -> Started:
    """One that answers its first request with headers about how it was started."""
    return Started(base_python(), site, f'"{to_windows(STRANGERS / "telling.py")}"', end="close")


def wfastcgi(site: Path) -> Started:
    """Unchanged, on the base Python, because the environment's python.exe would start it as a grandchild.

    It heeds the shutdown event only if somebody registered an exit task: so the pipe is closed.
    """
    packages = VENV / "Lib" / "site-packages"
    return Started(base_python(), site, "-m wfastcgi", {"PYTHONPATH": packages}, end="close")


def ours(site: Path, arguments: str = "") -> Started:
    """The gate; which app it serves it learns from the site's web.config, whose folder it learns from IIS."""
    words = f'fcgi --python "{to_windows(VENV)}" --grace {GRACE_SECONDS} {arguments}'
    return Started(IISGATE, site, words.strip(), {"IISGATE_LOG": site / "iisgate.log"})
