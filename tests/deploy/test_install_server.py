"""Owns that a web server's configuration is switched from release to release.

Does not own the edits in detail, nor what appcmd is told (tests beside the code).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from support import installing, processes
from support.handmade import shop
from support.installing import Target


@pytest.fixture
def config(target: Target) -> Path:
    old = target.folder / "wwwroot"
    old.mkdir()
    (old / "index.html").write_text("the old site")
    file = target.folder / "applicationHost.config"
    file.write_text(installing.SERVER.replace("FOLDER", str(old)).replace("PORT", str(processes.free_port())))
    return file


def test_a_site_is_switched_to_each_release(target: Target, config: Path, tmp_path: Path) -> None:
    original = config.read_text()
    spot = ("--site=Shop", f"--apphostconfig={config}")

    def answer() -> str:
        serve = target.site.serve(f"--config={config}", "--site=Shop", dir=False, port=None)
        text = serve.get("/").text
        processes.stop(serve.process)
        return text

    done = target.install(shop(tmp_path, "one"), *spot)
    assert done.returncode == 0, done.stderr
    assert answer().startswith("one hello")
    first = config.read_text()
    assert f'physicalPath="{target.path}/releases/1"' in first and "--site" in first
    # Once told, the site needs no telling again.
    assert target.install(shop(tmp_path, "two")).returncode == 0
    assert answer().startswith("two hello")
    assert target.rollback().returncode == 0 and answer().startswith("one hello")

    broken = target.install(shop(tmp_path, "three", app_dot_py="1 / 0\n"))
    assert broken.returncode == 2 and answer().startswith("one hello")
    for version in ("four", "five"):
        assert target.install(shop(tmp_path, version), "--keep=2").returncode == 0
    now = config.read_text()
    assert now.count("<application fullPath") == 2, "entries of releases that are gone go, too"
    assert answer().startswith("five")
    # What was there before it all is there once more when the site is given up.
    gone = target.run("iis", "uninstall", target.path / "releases" / "5", "--apphostconfig", config, "--yes")
    assert gone.returncode == 0 and config.read_text() == original, gone.stderr


def test_without_a_folder_releases_lie_beside_the_site(target: Target, config: Path, tmp_path: Path) -> None:
    file = shop(tmp_path, "one")
    spot = ("--site=Shop/api", f"--apphostconfig={config}")
    unknown = target.run("package", "install", file, *spot, "--yes", f"--environment={target.borrowed}")
    assert unknown.returncode == 1 and "--to" in unknown.stderr, unknown.stderr
    spot = ("--site=shop", f"--apphostconfig={config}")
    done = target.run("package", "install", file, *spot, "--yes", f"--environment={target.borrowed}")
    assert done.returncode == 0, done.stderr
    assert (target.folder / "wwwroot-releases" / "releases" / "1").is_dir()
    assert (target.folder / "wwwroot" / "index.html").is_file()
    absent = target.install(file, "--site=Nobody", f"--apphostconfig={config}")
    assert absent.returncode == 1 and "it has: Shop" in absent.stderr and not target.path.exists()
