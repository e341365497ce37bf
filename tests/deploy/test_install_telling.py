"""Owns what is told of an installation: what is live after a failure, why it failed, and no secret values.

Does not own what is told beforehand (``test_install``).
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from support import handmade
from support.handmade import shop
from support.installing import Target

SECRET = "geheim-1234"

#: The command is made of the password, and so is what stands in two files.
PARAMETERS = """<parameters>
  <parameter name="Login" defaultValue="" tags="Password">
    <parameterEntry kind="TextFile" scope="\\\\(app\\.py|web\\.config)$" match="@LOGIN@" />
  </parameter>
  <parameter name="Command" defaultValue="echo signing on with {Login}" tags="Hidden">
    <parameterEntry kind="ProviderPath" scope="runCommand" match="^COMMAND$" />
  </parameter>
  <parameter name="Shown" defaultValue="admin:{Login}" />
</parameters>
"""

APP = """def app(environ, start_response):
    start_response("200 OK", [])
    return [b"@LOGIN@"]
"""

SPEAKING = {
    "a release that works": ({}, 0, ""),
    "an app that tells it": ({"app.py": "raise RuntimeError('no user for @LOGIN@')\n"}, 2, "no user for (not shown)"),
    "a web.config that breaks by it": (
        {"web.config": "<configuration>\n  <add password=\"@LOGIN@ />\n</configuration>\n"}, 2, "web.config"),
}


@pytest.mark.parametrize("name", SPEAKING)
def test_values_of_secret_parameters_are_told_nowhere(name: str, target: Target, tmp_path: Path) -> None:
    more, status, said = SPEAKING[name]
    files = {"app.py": APP, "web.config": handmade.WEB_CONFIG, **more}
    file = handmade.package(tmp_path / "shop.zip", files, '<runCommand path="COMMAND" />', PARAMETERS)
    given = f"--set=Login={SECRET}"
    shown = target.run("package", "install", file, "--to", target.path, "--dry-run", given)
    assert shown.returncode == 0 and "echo signing on with (not shown)" in shown.stderr, shown.stderr
    done = target.install(file, given)
    assert done.returncode == status and said in done.stderr, done.stderr
    log = (target.path / "install.log").read_text()
    if name != "a web.config that breaks by it":
        assert log.count("signing on with (not shown)") == 3, "the command, its line in full, what it said"
    for text in (shown.stdout, shown.stderr, done.stdout, done.stderr, log):
        assert SECRET not in text
    if status == 0:
        assert target.get() == SECRET


def test_a_step_that_is_not_ours_does_not_tell_its_secret_path(target: Target, tmp_path: Path) -> None:
    parameters = PARAMETERS.replace('scope="runCommand"', 'scope="dbFullSql"')
    file = handmade.package(tmp_path / "shop.zip", {"app.py": APP}, '<dbFullSql path="COMMAND" />', parameters)
    refused = target.install(file, f"--set=Login={SECRET}")
    assert refused.returncode == 1 and "dbFullSql" in refused.stderr and SECRET not in refused.stderr


@pytest.fixture
def way(target: Target, tmp_path: Path) -> Path:
    """What is in the way of a target's last step: two releases are there."""
    for version in ("one", "two"):
        assert target.install(shop(tmp_path, version)).returncode == 0
    current = target.path / "current"
    current.unlink()
    (current / "of somebody else").mkdir(parents=True)
    return current


def test_a_failure_after_the_switch_is_told_with_the_new_release_live(
        target: Target, way: Path, tmp_path: Path) -> None:
    failed = target.install(shop(tmp_path, "three"), "--keep=1")
    assert failed.returncode == 2 and "current" in failed.stderr, failed.stderr
    assert "Release 3 is live;" in failed.stderr and "as it was before" not in failed.stderr
    assert target.get().startswith("three")
    assert f'iisgate package rollback "{target.path}" --to 3' in failed.stderr
    assert target.rollback("--to=3").returncode == 2, "it is in the way still"
    shutil.rmtree(way)
    done = target.rollback("--to=3")
    assert done.returncode == 0 and target.releases() == [3], done.stderr
    target.assert_tidy()


def test_going_back_twice_for_one_that_was_cut_off_goes_back_once(
        target: Target, way: Path, tmp_path: Path) -> None:
    assert target.install(shop(tmp_path, "three")).returncode == 2
    failed = target.rollback()
    assert failed.returncode == 2 and target.live() == 3, "first the other one is to be completed"
    shutil.rmtree(way)
    assert target.rollback("--to=3").returncode == 0
    way.unlink()
    way.mkdir()
    assert target.rollback().returncode == 2 and target.live() == 2
    way.rmdir()
    done = target.rollback()
    assert done.returncode == 0 and "is completed" in done.stderr and target.live() == 2, done.stderr
    target.assert_tidy()


def test_why_a_step_failed_is_told_though_it_cannot_be_taken_back(target: Target, tmp_path: Path) -> None:
    assert target.install(shop(tmp_path, "one")).returncode == 0
    beside = target.path / "releases.toml.new"
    app = f"import os\nos.mkdir({str(beside)!r})\nraise RuntimeError('the reason')\n"
    failed = target.install(shop(tmp_path, "two", app_dot_py=app))
    assert failed.returncode == 2, failed.stderr
    assert "the reason" in failed.stderr and f"cannot write {beside}" in failed.stderr
    assert "Release 1 is live, as it was before" in failed.stderr and target.get().startswith("one")
    beside.rmdir()
    assert target.install(shop(tmp_path, "three")).returncode == 0
    target.assert_tidy()
