"""Owns the MSI of ``iisgate package build --msi``: Windows Installer installs it, and with it the site.

Under Wine that is Wine's own ``msiexec``. Does not own what is in the MSI (``tests/deploy/test_channels.py``).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import channels, places
from support.launch import run_program
from support.paths import to_windows

#: Windows Installer takes its time, and what it starts makes a release and asks it for a page.
SECONDS = 240.0


@dataclass
class Machine:
    """Where things are on the machine that it is installed on."""

    drive: Path
    folder: Path

    @property
    def program_files(self) -> Path:
        return self.drive / "Program Files" / "little-shop"

    @property
    def msiexec(self) -> Path:
        return self.drive / ("Windows" if places.ON_WINDOWS else "windows") / "system32" / "msiexec.exe"

    def install(self, *words: str, status: int | None = 0) -> str:
        """``msiexec WORDS``, silently; what it logged."""
        log = self.folder / "msi.log"
        run_program(self.msiexec, *words, "/qn", "/l*v", log, seconds=SECONDS, status=status)
        return log.read_text("utf-16" if log.read_bytes()[:2] == b"\xff\xfe" else "utf-8", "replace")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    drive = Path(os.environ["SYSTEMDRIVE"] + "\\") if places.ON_WINDOWS else places.PREFIX / "drive_c"
    machine = Machine(drive, tmp_path)
    shutil.rmtree(machine.program_files, ignore_errors=True)
    yield machine
    shutil.rmtree(machine.program_files, ignore_errors=True)


def make(folder: Path, version: str) -> Path:
    """An MSI of a little site, made by the program that it carries."""
    site = channels.make_site(folder / version, version)
    msi = folder / f"shop-{version}.msi"
    run_program(
        places.IISGATE, "package", "build", site, "--out", folder / f"shop-{version}.zip", "--msi", msi,
        env={"IISGATE_PYTHON": places.base_python()},
    )  # fmt: skip
    return msi


@pytest.mark.skipif(
    places.ON_WINDOWS and "IISGATE_MSI" not in os.environ,
    reason="it installs a product on this machine: IISGATE_MSI=1 agrees to that",
)
def test_windows_installer_installs_the_site_and_its_next_version(machine: Machine, tmp_path: Path) -> None:
    sites = tmp_path / "the sites"
    words = (f"SITEDIR={to_windows(sites)}", f"IISGATEARGS=--environment {to_windows(places.VENV)}")

    first = to_windows(make(tmp_path, "1.0"))
    log = machine.install("/i", first, *words)
    assert (machine.program_files / "iisgate.exe").read_bytes() == places.IISGATE.read_bytes(), log
    assert (machine.program_files / "shop-1.0.zip").is_file()
    assert (sites / "releases" / "1" / "app.py").is_file(), log
    # What is logged comes apart.
    answer = run_program(places.IISGATE, "request", "GET", "/", "--dir", sites, stderr=subprocess.PIPE)
    assert answer.endswith("a shop")

    # Anybody may repair it, with whatever words: the files come back, and nothing is run.
    elsewhere = tmp_path / "elsewhere"
    (machine.program_files / "shop-1.0.zip").unlink()
    again = ("REINSTALL=ALL", "REINSTALLMODE=amus", f"SITEDIR={to_windows(elsewhere)}", "IISGATEARGS=--no-such")
    log = machine.install("/i", first, *again)
    assert (machine.program_files / "shop-1.0.zip").is_file(), log
    assert not elsewhere.exists() and not (sites / "releases" / "2").exists(), log

    # Where the site is, the next version knows of the first installation.
    next_version = make(tmp_path, "1.1")
    log = machine.install("/i", to_windows(next_version), words[1])
    assert sorted(path.name for path in machine.program_files.iterdir()) == ["iisgate.exe", "shop-1.1.zip"]
    assert (sites / "releases" / "2" / "app.py").is_file(), log
    assert not elsewhere.exists()

    machine.install("/x", to_windows(next_version))
    assert not (machine.program_files / "iisgate.exe").exists()
    assert (sites / "releases" / "2").is_dir(), "the site is the site's"
