"""Owns that ``iisgate.exe package install`` ends in a site that answers through ``iisgate.exe serve``.

Does not own the steps in detail: ``tests/deploy``. There are no links under Wine, so data is only tried on Windows.
"""

from __future__ import annotations

import html
import shutil
from pathlib import Path

import pytest
import tomllib

from support import handmade, living, places
from support.launch import Argument, run_program
from support.paths import written
from support.serving import served

#: Long enough for Python to start under Wine on a busy machine.
SECONDS = 240.0

#: What a console on the server would not have.
BARE: dict[str, Argument] = {"IISGATE_PYTHON": "", "NO_COLOR": "1"}


#: A program that says its version and ends stands in for an installer.
FEED = """
title = "Sites of the tests"
id = "http://feeds.example.org/feed.xml"
updated = "2026-01-02T03:04:05Z"

[[product]]
id = "Tool"
version = "1.0"
file = "tool.exe"
arguments = "--version"
silent = true

[[product]]
id = "Shop"
version = "1.0"
file = "shop-one.zip"
depends = ["Tool"]
"""


def install(file: Path, target: Path, *words: Argument, status: int | None = 0, seconds: float = SECONDS,
            **env: Argument) -> str:
    """``iisgate package install``; gives what was said."""
    return run_program(places.IISGATE, "package", "install", file, "--to", target, "--yes", *words, seconds=seconds,
                       status=status, env={**BARE, **env})


def live(target: Path) -> int | None:
    found: int | None = tomllib.loads((target / "releases.toml").read_text("utf-8")).get("live")
    return found


def plain(folder: Path, version: str, **more: str | bytes) -> Path:
    """The little site without data."""
    return handmade.shop(folder, version, pyproject_dot_toml="[tool.iisgate.package]\ndata = []\n", **more)


def built(name: str, folder: Path, more: str = "") -> Path:
    """The package that ``iisgate.exe package build`` makes of an example, with nothing that would have to be linked."""
    left_out = shutil.ignore_patterns("__pycache__", "*.sqlite3", "var", "logs")
    project = Path(shutil.copytree(places.EXAMPLES / name, folder / name, ignore=left_out))
    with (project / "pyproject.toml").open("a") as file:
        file.write(f"\n[tool.iisgate.package]\ndata = []\n{more}")
    package = folder / f"{name}.zip"
    env = {**BARE, "IISGATE_PYTHON": places.VENV}
    run_program(places.IISGATE, "package", "build", project, "--out", package, env=env)
    return package


def test_flask_is_installed_and_answers(tmp_path: Path) -> None:
    target = tmp_path / "target site"
    said = install(built("flask", tmp_path), target, "--environment", places.VENV)
    assert "live: 1" in said, said
    config = (target / "releases" / "1" / "web.config").read_text("utf-8")
    assert "iisgate.exe|fcgi --site &quot;" in config, "this program, and a folder with a blank in its name"
    with served(target) as serving:
        assert serving.get("/hello").ok().text == "Hello, World!\n"


def test_django_is_installed_and_answers(tmp_path: Path) -> None:
    """Migrations and static files are made where the package goes."""
    target = tmp_path / "target"
    said = install(built("django", tmp_path), target, "--environment", places.VENV)
    release = target / "releases" / "1"
    assert "live: 1" in said and (release / "db.sqlite3").stat().st_size > 0, said
    with served(target) as serving:
        assert "<h1" in serving.get("/").ok().text
        assert serving.get("/static/admin/css/base.css").ok().headers["Content-Type"] == "text/css"


def test_a_command_that_is_late_ends_with_all_that_it_started(tmp_path: Path) -> None:
    """``cmd.exe`` waits for Python, which in an environment is two processes, the second one started by the first."""
    words = f'"{written(places.venv_python())}" -c "import threading; threading.Event().wait()"'
    manifest = f'<runCommand path="{html.escape(words)}" />'
    file = plain(tmp_path, "one", manifest=manifest)
    said = install(file, tmp_path / "target", "--environment", places.VENV, status=2)
    assert "did not end" in said or "more than the" in said, said
    living.until_gone(lambda: living.alive(told="threading.Event"))


def test_a_feed_is_installed_from(tmp_path: Path) -> None:
    """First a program that runs, then the package that needs it."""
    tool = shutil.copy(places.IISGATE, tmp_path / "tool.exe")
    plain(tmp_path, "one")
    (tmp_path / "feed.toml").write_text(FEED)
    feed = tmp_path / "feed.xml"
    run_program(places.IISGATE, "feed", "build", "--out", feed, env=BARE, cwd=tmp_path)
    words = ["--to", tmp_path / "target", "--yes", "--environment", places.VENV, "--feed", feed]
    said = run_program(places.IISGATE, "feed", "install", "Shop", *words, seconds=SECONDS, env=BARE)
    assert "runs" in said and "iisgate 0." in said and "installed: Tool, Shop" in said, said
    with served(tmp_path / "target") as serving:
        assert serving.get("/").ok().text.startswith("one hello")
    # What was promised is not what is there.
    Path(tool).write_bytes(b"another")
    run_program(places.IISGATE, "feed", "cache", "--clear", env=BARE)
    refused = run_program(places.IISGATE, "feed", "install", "Shop", *words, status=1, env=BARE)
    assert "Tool" in refused and "iisgate 0." not in refused, refused


@pytest.mark.long("takes minutes")
def test_plone_is_installed_and_answers(tmp_path: Path) -> None:
    """Its site is made by the package's own command. What Plone needs is there: see ``tests/deploy`` for its wheels."""
    file = built("plone", tmp_path, 'after = [{ run = "python make_site.py", timeout = 900 }]\n')
    target = tmp_path / "target"
    said = install(file, target, "--environment", places.PLONE, "--health-timeout=600", seconds=1800.0)
    assert "live: 1" in said, said
    with served(target, env=BARE) as serving:
        assert "Plone behind FastCGI" in serving.get("/").ok().text


@pytest.mark.long("takes a minute")
def test_a_release_is_served_until_another_one_answers(tmp_path: Path) -> None:
    target = tmp_path / "target"
    words = ["--environment", places.VENV]
    install(plain(tmp_path, "one"), target, *words)
    broken = install(plain(tmp_path, "two", app_dot_py="1 / 0\n"), target, *words, status=2)
    assert "ZeroDivisionError" in broken and "Release 1 is live" in broken
    assert [path.name for path in (target / "releases").iterdir() if path.name != ".lock"] == ["1"]
    # Cut off before the switch and after it.
    third = plain(tmp_path, "three")
    for point, expected in ((6, 1), (12, None)):
        install(third, target, *words, status=None, IISGATE_TEST_KILL_AT=str(point))
        assert live(target) in (expected, expected or live(target))
    install(third, target, *words)
    with served(target) as serving:
        assert serving.get("/").ok().text.startswith("three hello")
    back = run_program(places.IISGATE, "package", "rollback", target, seconds=SECONDS, env=BARE)
    assert "live:" in back
    living.until_gone(lambda: living.alive("iisgate.exe"))


@pytest.mark.long("takes a minute")
def test_an_environment_is_made_on_the_server(tmp_path: Path) -> None:
    """``python -m venv``, and pip without any network; iisgate's own package comes from beside the program."""
    target = tmp_path / "target"
    said = install(plain(tmp_path, "one", requirements_dot_txt=""), target, "--python", places.base_python())
    assert "live: 1" in said, said
    made = target / "releases" / "1" / ".venv"
    assert (made / "Lib" / "site-packages" / "iisgate" / "__init__.py").is_file()
    with served(target, env=BARE) as serving:
        assert serving.get("/").ok().text.startswith("one hello")
