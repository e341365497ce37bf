"""Owns installing packages in tests: an environment that needs no network, a target folder, a server's configuration.

Does not own the packages (``handmade``) nor what is asserted.
"""

from __future__ import annotations

import os
import signal
import site
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomllib

from support import processes, programs
from support.serve_site import ServeSite
from support.waiting import until

#: A web server's configuration with one site.
SERVER = """<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <configSections>
    <sectionGroup name="system.webServer">
      <section name="fastCgi" overrideModeDefault="Deny" />
      <section name="handlers" overrideModeDefault="Allow" />
    </sectionGroup>
  </configSections>
  <system.applicationHost>
    <sites>
      <site name="Shop" id="1">
        <application path="/" applicationPool="ShopPool">
          <virtualDirectory path="/" physicalPath="FOLDER" />
        </application>
        <bindings><binding protocol="http" bindingInformation="127.0.0.1:PORT:" /></bindings>
      </site>
    </sites>
  </system.applicationHost>
  <system.webServer>
    <fastCgi />
  </system.webServer>
</configuration>
"""


def environment(folder: Path) -> Path:
    """A virtual environment that has what this Python has, iisgate included, without any network."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=60)
    packages = next(folder.glob("lib/python3.*/site-packages"))
    ours = programs.environment().get("PYTHONPATH", "").split(os.pathsep)
    lines = [path for path in (*ours, *site.getsitepackages()) if path]
    (packages / "borrowed.pth").write_text("".join(f"{line}\n" for line in lines))
    return folder


class Target:
    """A folder to install into, and all that is asked of it."""

    def __init__(self, borrowed: Path) -> None:
        self.site = ServeSite("gate")
        self.folder = self.site.folder
        self.path = self.folder / "target"
        self.borrowed = borrowed
        left_out = ("IISGATE_PYTHON", "PYTHONPATH")
        self.env = {name: value for name, value in self.site.env.items() if name not in left_out}

    def run(self, *words: str | Path, env: Mapping[str, str] | None = None, seconds: float = 60
            ) -> subprocess.CompletedProcess[str]:
        """``iisgate WORDS``, as on a machine that knows nothing of this checkout."""
        left_out = ("IISGATE_PYTHON", "PYTHONPATH", "VIRTUAL_ENV")
        environment = {name: value for name, value in os.environ.items() if name not in left_out}
        environment |= {**self.env, processes.MARK_NAME: processes.MARK, **(env or {})}
        command = [str(programs.iisgate()), *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=environment,
                              stdin=subprocess.DEVNULL, cwd=self.folder, check=False)

    def install(self, file: Path, *words: str | Path, env: Mapping[str, str] | None = None,
                environment: bool = True, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        borrowed = [f"--environment={self.borrowed}"] if environment else []
        return self.run("package", "install", file, "--to", self.path, "--yes", *borrowed, *words, env=env,
                        seconds=seconds)

    def rollback(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return self.run("package", "rollback", self.path, *words, env=env)

    def get(self, path: str = "/") -> str:
        """What the live release answers."""
        done = self.run("request", "GET", path, "--dir", self.path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def state(self) -> dict[str, Any]:
        return tomllib.loads((self.path / "releases.toml").read_text())

    def live(self) -> int | None:
        return self.state().get("live") if (self.path / "releases.toml").is_file() else None

    def releases(self) -> list[int]:
        """The folders of releases that are there; nothing else may lie beside them."""
        names = [path.name for path in (self.path / "releases").iterdir() if path.name != ".lock"]
        return sorted(int(name) for name in names)

    def assert_tidy(self) -> None:
        """Nothing is under way and nothing is left over."""
        state = self.state()
        assert "unfinished" not in state, state
        assert self.releases() == sorted(release["number"] for release in state.get("release", []))
        known = {"releases", "releases.toml", "data", "install.log", "current"}
        assert {path.name for path in self.path.iterdir()} <= known
        data = self.path / "data"
        assert not data.is_dir() or {path.name for path in data.iterdir()} <= {"var", "instance", "db.sqlite3", "media"}

    def end_all(self) -> None:
        """Ends what serves it, workers included."""
        for serve in self.site.serving:
            processes.stop(serve.process)
        # Those of a process that was killed, as in a power cut, end by themselves after a grace.
        for pid in self.site.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        until("nothing lives", lambda: not self.site.processes())

    def close(self) -> None:
        self.end_all()
        self.site.close()
