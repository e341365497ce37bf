"""Owns ``iisgate package`` as a user meets it: a site is built, verified, looked into and unpacked.

Does not own the rules (tests of the crate), nor installing (``test_install``).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from support import programs

EXAMPLES = Path(__file__).parents[2] / "examples"


def package(*arguments: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    words = [str(programs.iisgate()), "package", *map(str, arguments)]
    environment = {**os.environ, "IISGATE_PYTHON": sys.executable}
    return subprocess.run(words, capture_output=True, text=True, env=environment, cwd=folder, timeout=120, check=False)


@pytest.mark.parametrize("example", ["flask", "django", "plone"])
def test_an_example_is_built_verified_and_unpacked(example: str, tmp_path: Path) -> None:
    file = tmp_path / "site.zip"
    built = package("build", EXAMPLES / example, "--out", file, "-o", "json")
    assert built.returncode == 0, built.stderr
    told = json.loads(built.stdout)
    assert told["sha1"] == hashlib.sha1(file.read_bytes()).hexdigest()
    verified = package("verify", file, "-o", "json")
    assert (verified.returncode, json.loads(verified.stdout)) == (0, []), verified.stderr
    unpacked = package("extract", file, "--to", tmp_path / "out", "--app")
    assert unpacked.returncode == 0, unpacked.stderr
    original = EXAMPLES / example / "web.config"
    assert (tmp_path / "out/web.config").read_bytes() == original.read_bytes()
    with zipfile.ZipFile(file) as zipped:
        assert zipped.testzip() is None and zipped.namelist()[:2] == ["Manifest.xml", "Parameters.xml"]


def test_values_are_judged_and_a_file_for_them_is_written(tmp_path: Path) -> None:
    site = tmp_path / "shop"
    site.mkdir()
    (site / "web.config").write_text("<configuration />")
    (site / ".env").write_text("SECRET=1")
    (site / "pyproject.toml").write_text(
        "[tool.iisgate.package.parameters.Mode]\nchoices = ['production', 'debug']\nenvironment = 'MODE'\n"
    )
    built = package("build", folder=site)
    assert built.returncode == 0, built.stderr
    assert "left out: .env looks like a secret" in built.stderr
    file = site / "dist/shop.zip"
    refused = package("params", file, "--set", "Mode=fast", "--set", "Mood=x")
    assert refused.returncode == 1
    assert "Mode: it must be one of: production, debug" in refused.stderr
    assert "there is no parameter Mood" in refused.stderr
    written = package("params", file, "-o", "set")
    (tmp_path / "set.xml").write_text(written.stdout.replace('"Mode" value=""', '"Mode" value="debug"'))
    accepted = package("params", file, "--set-file", tmp_path / "set.xml", "-o", "json")
    assert accepted.returncode == 0, accepted.stderr
    assert {it["name"]: it["value"] for it in json.loads(accepted.stdout)}["Mode"] == "debug"


def test_a_broken_package_is_told_and_explained(tmp_path: Path) -> None:
    file = tmp_path / "bad.zip"
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("Manifest.xml", '<MSDeploy.iisApp><iisApp path="a" /></MSDeploy.iisApp>')
        zipped.writestr("../../escaped.txt", "x")
    for command in (["verify", file], ["extract", file, "--to", tmp_path / "out"], ["list", file], ["params", file]):
        told = package(*command)
        assert told.returncode == 1
        assert "package-name-escapes" in told.stdout + told.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.zip"]
    assert not (tmp_path.parent / "escaped.txt").exists()
    assert package("verify", tmp_path / "none.zip").returncode == 2


def wheel(folder: Path, name: str, requires: str = "", tag: str = "py3-none-any") -> None:
    """A wheel with nothing in it but its metadata."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-1.0.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as zipped:
        zipped.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}")
        zipped.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        zipped.writestr(f"{info}/RECORD", "")


def test_wheels_are_those_of_the_server_and_not_of_this_machine(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheel(wheels, "shoplib", 'winonly; sys_platform == "win32"')
    wheel(wheels, "winonly", tag="cp312-cp312-win_amd64")
    wheel(wheels, "winonly", tag="cp311-cp311-manylinux_2_17_x86_64")
    site = tmp_path / "shop"
    site.mkdir()
    (site / "web.config").write_text("<configuration />")
    (site / "requirements.txt").write_text("shoplib\n")
    vendored = ["--vendor", "wheels", "--offline", "--find-links", wheels, "--out", tmp_path / "x.zip"]
    built = package("build", site, *vendored, "--python", "3.12", "-o", "json")
    assert built.returncode == 0, built.stderr
    assert json.loads(built.stdout)["wheels"] == 2
    with zipfile.ZipFile(tmp_path / "x.zip") as zipped:
        names = sorted(name for name in zipped.namelist() if name.endswith(".whl"))
    assert names == [
        "shop/wheels/shoplib-1.0-py3-none-any.whl",
        "shop/wheels/winonly-1.0-cp312-cp312-win_amd64.whl",
    ]
    (tmp_path / "x.zip").unlink()
    without = package("build", site, *vendored, "--python", "3.13")
    assert without.returncode == 2
    assert "winonly" in without.stderr and "hint:" in without.stderr
    assert [path.name for path in tmp_path.iterdir() if "x" in path.name] == [], "nothing is left of the attempt"
