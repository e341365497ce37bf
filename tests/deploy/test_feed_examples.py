"""Owns that a feed of the examples' packages, each built by ``iisgate package build``, is installed from over HTTP.

Does not own feeds in detail: see ``test_feed``. Plone's part takes minutes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from support import feeds, plone, programs
from support.installing import Target

DESCRIPTION = """
title = "The examples"
id = "http://feeds.example.org/examples.xml"
updated = "2026-01-02T03:04:05Z"
download-url = "{file}"

[[product]]
id = "Flask"
version = "1.0"
file = "flask.zip"

[[product]]
id = "Django"
version = "1.0"
file = "django.zip"
depends = ["Flask"]

[[product]]
id = "Plone"
version = "1.0"
file = "plone.zip"
depends = ["Django"]
"""


def make(target: Target, folder: Path, of_plone: Path) -> Path:
    """The feed, and beside it the packages."""
    folder.mkdir()
    examples = programs.EXAMPLES
    for name, project in (("flask", examples / "flask"), ("django", examples / "django"), ("plone", of_plone)):
        built = target.run("package", "build", project, "--out", folder / f"{name}.zip", seconds=plone.SECONDS)
        assert built.returncode == 0, built.stderr
    (folder / "feed.toml").write_text(DESCRIPTION)
    done = feeds.run("build", "--out", "feed.xml", folder=folder)
    assert done.returncode == 0 and "(3 products)" in done.stderr, done.stderr
    judged = feeds.run("verify", "feed.xml", folder=folder)
    assert judged.returncode == 0, judged.stdout + judged.stderr
    return folder


def install(target: Target, url: str, product: str, *words: str, **env: str) -> str:
    """What ``iisgate feed install`` said."""
    more = {**target.env, "HOME": str(target.folder), "NO_PROXY": "127.0.0.1", **env}
    done = target.run("feed", "install", product, "--to", target.folder / "sites", "--yes", *words, "--feed",
                      f"{url}/feed.xml", env=more, seconds=plone.SECONDS)
    assert done.returncode == 0, done.stderr
    return done.stderr


def page(target: Target, product: str, path: str = "/") -> str:
    return target.run("request", "GET", path, "--dir", target.folder / "sites" / product, seconds=300).stdout


def installed(said: str) -> list[str]:
    return [line.removeprefix("install: ") for line in said.splitlines() if line.startswith("install: ")]


def test_django_comes_after_what_it_depends_on(target: Target, tmp_path: Path) -> None:
    folder = make(target, tmp_path / "served", programs.EXAMPLES / "plone")
    with feeds.web_server(folder) as url:
        said = install(target, url, "Django", f"--environment={target.borrowed}")
        assert installed(said) == ["Flask", "Django"], said
        # What is asked for by name is installed again, and what it needs is there.
        again = install(target, url, "Django", f"--environment={target.borrowed}")
    assert installed(again) == ["Django"] and "found: Flask 1.0 is live in" in again, again
    assert page(target, "Flask", "/hello") == "Hello, World!\n"
    assert "<h1" in page(target, "Django")
    assert not (target.folder / "sites" / "Plone").exists()


@pytest.mark.long("takes minutes")
def test_plone_comes_with_its_wheels_after_the_two(target: Target, tmp_path: Path) -> None:
    folder = make(target, tmp_path / "served", plone.with_wheels(tmp_path / "plone"))
    with feeds.web_server(folder) as url:
        said = install(target, url, "Django", f"--environment={target.borrowed}")
        # Its own environment, of what the package brings and nothing else.
        nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "UV_OFFLINE": "1"} | programs.environment()
        said += install(target, url, "Plone", f"--python={sys.executable}", **nowhere)
    assert installed(said) == ["Flask", "Django", "Plone"], said
    assert "Plone behind FastCGI" in page(target, "Plone")
