"""Owns the stand-in under test: ``iisgate serve`` with its site, its processes, its end.

Does not own what is served, nor how it is asked (``asking``). Tests that import this run against the Windows build,
too, where a module of the same name stands in its place: ``tests/windows/support/serve_site.py``.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from support import processes, programs
from support.asking import Answer, Asking, handler
from support.gate_site import SITES
from support.looking import lives
from support.waiting import Latch, until

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


#: Whether the stand-in looks for files with regard to the case of their names.
NAMES_HAVE_CASE = True


def local_path(text: str) -> Path:
    """A path that the stand-in wrote."""
    return Path(text)


def shown(path: Path) -> str:
    """A path as the stand-in reads and writes it."""
    return str(path)


def program_of(script: Path) -> tuple[Path, str]:
    """What runs a Python script as a FastCGI application: a program and its arguments."""
    script.write_text(f"#!{sys.executable}\n{script.read_text()}")
    script.chmod(0o755)
    return script, ""


def assert_private(folder: Path, site: ServeSite) -> None:
    """Nobody but the user may read what is in a folder, which is the site's own while it is tested."""
    assert folder.is_relative_to(site.folder)
    for path in (folder, *folder.glob("*.key")):
        assert path.stat().st_mode & 0o077 == 0, path


class ServeSite:
    """A folder with a site, its rendezvous folder, and what was started for it."""

    def __init__(self, source: Path | str, copy: bool = True) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="iisgate-"))
        source = SITES / source if isinstance(source, str) else source
        self.path = self.folder / "site" if copy else source
        if copy:
            shutil.copytree(source, self.path)
        self.run = self.folder / "run"
        self.run.mkdir(mode=0o700)
        self.env = {
            **programs.environment(),
            "XDG_RUNTIME_DIR": str(self.run),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "IISGATE_PYTHON": sys.executable,
            "PYTEST_CURRENT_TEST": "",
            "COLUMNS": "200",
        }
        self.serving: list[Serve] = []

    def serve(self, *arguments: str, env: Mapping[str, str] | None = None, dir: bool = True,
              port: int | None = 0) -> Serve:
        words = [*([str(self.path)] if dir else []), *([f"--port={port}"] if port is not None else [])]
        serve = Serve(self, [*words, *arguments], env or {})
        self.serving.append(serve)
        return serve

    def request(self, *arguments: str, dir: bool = True, env: Mapping[str, str] | None = None
                ) -> subprocess.CompletedProcess[bytes]:
        """``iisgate request``, to its end."""
        words = [str(programs.iisgate()), "request", *arguments, *([f"--dir={self.path}"] if dir else [])]
        environment = {**os.environ, **self.env, **(env or {}), processes.MARK_NAME: processes.MARK}
        return subprocess.run(words, capture_output=True, env=environment, cwd=self.folder, timeout=60, check=False)

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def processes(self) -> dict[int, str]:
        return processes.ours_in(self.run)

    def workers(self) -> list[int]:
        return [pid for pid, command in self.processes().items() if "-m iisgate worker" in command]

    def gates(self) -> list[int]:
        return [pid for pid, command in self.processes().items() if " fcgi" in command]

    def close(self) -> None:
        for serve in self.serving:
            processes.stop(serve.process)
        for pid in self.workers():
            # A grace is tested elsewhere; here nobody waits for it.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        try:
            until(f"nothing of {self.folder} lives", lambda: not self.processes())
        except AssertionError:
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)
            raise
        shutil.rmtree(self.folder, ignore_errors=True)

    def tell(self) -> str:
        return "\n".join(serve.text[-6000:] for serve in self.serving)


class Serve(Asking):
    """One run of the stand-in."""

    def __init__(self, site: ServeSite, arguments: list[str], env: Mapping[str, str]) -> None:
        self.said = site.folder / f"said-{len(site.serving)}"
        with self.said.open("wb") as out:
            self.process = processes.start([str(programs.iisgate()), "serve", *arguments], env={**site.env, **env},
                                           stdout=out, stderr=out, cwd=site.folder)

    @property
    def text(self) -> str:
        return self.said.read_text(errors="replace")

    @property
    def returncode(self) -> int | None:
        return self.process.poll()

    def wait_end(self, seconds: float = 20) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end: {self.text[-3000:]}") from None


@contextmanager
def served(source: Path | str, *arguments: str, copy: bool = True, env: Mapping[str, str] | None = None
           ) -> Iterator[Serve]:
    """A site that is served, and ended afterwards."""
    site = ServeSite(source, copy)
    try:
        yield site.serve(*arguments, env=env)
    finally:
        site.close()
