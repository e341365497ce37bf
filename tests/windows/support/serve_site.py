"""Owns the stand-in under test, as the module of this name in ``tests/support`` does, for ``iisgate.exe``.

Tests of ``tests/serve`` that import it from here run against the Windows build: one definition, two runs. Does not own
how the stand-in is asked (``asking``). Names of files are this system's; where the stand-in says one, see ``shown``.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from support import living, places
from support.asking import Answer, Asking, handler
from support.latches import FileLatch as Latch
from support.launch import PATIENCE_SECONDS, Argument, windows_program
from support.paths import from_windows, to_windows
from support.serving import Serving

__all__ = [
    "NAMES_HAVE_CASE",
    "Answer",
    "Latch",
    "Serve",
    "ServeSite",
    "assert_private",
    "handler",
    "lives",
    "local_path",
    "program_of",
    "served",
    "shown",
]

SITES = places.FIXTURES / "sites"


#: Whether the stand-in looks for files with regard to the case of their names.
NAMES_HAVE_CASE = False


def local_path(text: str) -> Path:
    """A path that the stand-in wrote."""
    return from_windows(text, places.PREFIX / "drive_c")


def shown(path: Path) -> str:
    """A path as the stand-in reads and writes it."""
    return to_windows(path)


def program_of(script: Path) -> tuple[Path, str]:
    """What runs a Python script as a FastCGI application: a program and its arguments."""
    return places.base_python(), shown(script)


def lives(pid: int) -> bool:
    """Whether an application of ``fixtures/sites/limits`` lives: it keeps a file open that has its number."""
    if places.ON_WINDOWS:
        return any(each.pid == pid for each in living.alive())
    for link in glob.glob("/proc/*/fd/*"):
        try:
            if os.readlink(link).endswith(f"/alive-{pid}"):
                return True
        except OSError:
            # It has just gone.
            continue
    return False


def assert_private(folder: Path, site: ServeSite) -> None:
    """Nobody but the user may read what is in a folder: it is in the profile, whose permissions hold for it."""
    assert folder.parts[-4:] == ("AppData", "Local", "iisgate", "https"), folder


class ServeSite:
    """A folder with a site, and what was started for it."""

    def __init__(self, source: Path | str, copy: bool = True) -> None:
        self.before = {each.pid for each in living.alive()}
        self.folder = Path(tempfile.mkdtemp(prefix="iisgate-"))
        source = SITES / source if isinstance(source, str) else source
        self.path = self.folder / "site" if copy else source
        if copy:
            shutil.copytree(source, self.path)
        self.env: dict[str, Argument] = {"COLUMNS": "200"}
        self.serving: list[Serve] = []

    def serve(
        self, *arguments: str, env: Mapping[str, Argument] | None = None, dir: bool = True, port: int | None = 0
    ) -> Serve:
        words = [*([self.path] if dir else []), *([f"--port={port}"] if port is not None else []), *arguments]
        self.serving.append(Serve(self, words, env or {}))
        return self.serving[-1]

    def request(self, *arguments: str, dir: bool = True, env: Mapping[str, Argument] | None = None
                ) -> subprocess.CompletedProcess[bytes]:
        """``iisgate request``, to its end."""
        words: list[Argument] = ["request", *arguments, *([f"--dir={self.path}"] if dir else [])]
        variables = {"IISGATE_PYTHON": places.VENV, **self.env, **(env or {})}
        process = windows_program(places.IISGATE, *words, env=variables, stderr=subprocess.PIPE)
        out, errors = process.communicate(timeout=PATIENCE_SECONDS)
        return subprocess.CompletedProcess(words, process.returncode, out, errors)

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def processes(self) -> dict[int, str]:
        """What lives since this site was made. (No test makes two at once and asks.)"""
        return {each.pid: each.command_line for each in living.alive() if each.pid not in self.before}

    def close(self) -> None:
        for serve in self.serving:
            serve.running.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def tell(self) -> str:
        return "\n".join(serve.text[-6000:] for serve in self.serving)


class Serve(Asking):
    """One run of the stand-in."""

    def __init__(self, site: ServeSite, arguments: list[Argument], env: Mapping[str, Argument]) -> None:
        self.said = site.folder / f"said-{len(site.serving)}"
        self.running = Serving(*arguments, env={**site.env, **env})
        self.process = self.running.process

    @property
    def text(self) -> str:
        return self.running.told()

    @property
    def returncode(self) -> int | None:
        return self.process.poll()

    def wait_end(self, seconds: float = PATIENCE_SECONDS) -> int:
        return self.running.wait(seconds)


@contextmanager
def served(
    source: Path | str, *arguments: str, copy: bool = True, env: Mapping[str, Argument] | None = None
) -> Iterator[Serve]:
    """A site that is served, and ended afterwards."""
    site = ServeSite(source, copy)
    try:
        yield site.serve(*arguments, env=env)
    finally:
        site.close()
