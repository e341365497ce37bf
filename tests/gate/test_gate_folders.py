"""Owns where an app works and what it imports from: nothing of a site's folder is held by its workers.

Does not own every rule: see ``crates/gate/src/plan/folders.rs``.
"""

from __future__ import annotations

import shutil
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from support import looking
from support.fcgi_client import Client
from support.gate_site import GateSite, facts
from support.sites import web_config
from support.waiting import until

APP = """\
import json, os, sys
import neighbour

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    facts = {"cwd": os.getcwd(), "path": sys.path, "pid": os.getpid(), "neighbour": neighbour.__file__}
    return [json.dumps(facts).encode()]
"""
HANDLER = {"WSGI_HANDLER": "app.app"}
INI = "[app:main]\nuse = call:factory:main\n"
FACTORY = "import app\n\ndef main(global_config):\n    return app.app\n"


@pytest.fixture
def told(site: GateSite) -> GateSite:
    """A site whose app tells where it works."""
    site.write("app.py", APP)
    site.write("neighbour.py", "")
    (site.path / "data").mkdir()
    return site


def _is_sites(site: GateSite, found: dict[str, Any]) -> None:
    """Imports are the site's, and nobody else's, wherever the app works."""
    assert found["neighbour"] == str(site.path / "neighbour.py")
    assert found["path"][0] == str(site.path)
    assert found["path"].count(str(site.path)) == 1
    for folder in {"/", "", str(site.path / "data")} - {str(site.path)}:
        assert folder not in found["path"]


@pytest.mark.parametrize("target", ["app:app", "app.py:app", "app.app", None])
def test_an_app_works_where_no_site_is(told: GateSite, target: str | None) -> None:
    found = told.gate(target=target).facts()
    assert found["cwd"] == "/"
    _is_sites(told, found)


@pytest.mark.parametrize("where", [".", "data", "../site/data"])
def test_an_app_may_ask_for_a_folder(told: GateSite, where: str) -> None:
    told.write("pyproject.toml", f"[tool.iisgate]\nworking-directory = '{where}'\n")
    found = told.gate().facts()
    assert Path(found["cwd"]) == (told.path / where).resolve()
    _is_sites(told, found)


@pytest.mark.parametrize("where", ["web.config", "environment", "pyproject.toml"])
def test_a_site_that_came_from_wfastcgi_works_where_it_did(told: GateSite, where: str) -> None:
    env = {}
    if where == "web.config":
        told.write("web.config", web_config(HANDLER))
    elif where == "environment":
        env = HANDLER
    else:
        told.write("pyproject.toml", "[tool.iisgate.env]\nWSGI_HANDLER = 'app.app'\n")
    found = told.gate(target=None, env=env).facts()
    assert found["cwd"] == str(told.path)
    _is_sites(told, found)


def test_a_site_that_came_from_helicon_works_where_it_did(told: GateSite) -> None:
    pytest.importorskip("paste.deploy", reason="PasteDeploy is in tests/requirements.txt")
    told.write("shop.ini", INI)
    told.write("factory.py", FACTORY)
    found = told.gate(target=None, env={"WSGI_CONFIG_FILE": "%APPL_PHYSICAL_PATH%shop.ini"}).facts()
    assert found["cwd"] == str(told.path)
    _is_sites(told, found)


def test_a_server_of_our_own_works_in_its_site(told: GateSite) -> None:
    """Whoever starts ``--listen`` somewhere expects what every server does."""
    address = told.folder / "s"
    server = told.fcgi("--listen", f"unix:{address}")
    told.log.wait("listening at ")
    with Client.connect(address) as client:
        found = facts(client.ask())
    assert found["cwd"] == str(told.path)
    _is_sites(told, found)
    server.signal(signal.SIGTERM)
    assert server.wait_end() == 0


def test_a_listening_socket_of_a_web_server_does_not_change_it(told: GateSite) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(told.folder / "s"))
        listening.listen()
        told.fcgi(stdin=listening)
    with Client.connect(told.folder / "s") as client:
        assert facts(client.ask())["cwd"] == "/"


def test_nothing_of_the_site_is_held(told: GateSite) -> None:
    """So it can be moved away and replaced under Windows, where what is open or worked in cannot."""
    gate = told.gate()
    pid = gate.facts()["pid"]

    def held() -> list[str]:
        opened = [path for process in (pid, gate.process.pid) for path in looking.open_paths(process)]
        return [path for path in opened if path.startswith(f"{told.path}")]

    assert held() == []
    moved = told.folder / "moved"
    told.path.rename(moved)
    shutil.copytree(moved, told.path)
    assert gate.facts()["pid"] == pid


@pytest.mark.parametrize("where", ["nowhere", "app.py"])
def test_a_folder_that_is_none_is_told_and_mended(told: GateSite, where: str) -> None:
    said = told.write("pyproject.toml", f"[tool.iisgate]\nworking-directory = '{where}'\n")
    gate = told.gate("--debug")
    text = gate.client.ask().text
    assert f"there is no folder {told.path}/{where}" in text
    assert "[tool.iisgate] working-directory" in told.log.wait("it was named by")
    said.write_text("")
    until("the mended site serves", lambda: gate.client.ask().status == 200, pause=0.1)


@pytest.mark.parametrize("name", ["my site", "sité ø €", "100%", "日本"])
def test_a_site_may_have_any_name(told: GateSite, name: str) -> None:
    folder = told.folder / name
    shutil.copytree(told.path, folder)
    for gate in (told.gate(site=folder), told.gate(site=None, cwd=told.run)):
        found = gate.facts(APPL_PHYSICAL_PATH=f"{folder}/")
        assert found["neighbour"] == f"{folder}/neighbour.py"


@pytest.fixture
def without_its_python(site: GateSite) -> GateSite:
    """A virtual environment whose Python was uninstalled."""
    scripts = site.path / ".venv" / "bin"
    scripts.mkdir(parents=True)
    (scripts / "python").symlink_to("/no/such/python3.11")
    (site.path / ".venv" / "pyvenv.cfg").write_text("home = /no/such\nversion = 3.11.9\n")
    return site


@pytest.mark.parametrize("named", [None, ".venv", ".venv/bin/python"])
def test_a_virtual_environment_whose_python_is_gone(without_its_python: GateSite, named: str | None) -> None:
    """Another Python would only say that packages are missing."""
    site = without_its_python
    answer = site.gate("--debug", env={"IISGATE_PYTHON": named or ""}).client.ask()
    assert answer.status == 500
    log = site.log.wait(f"the Python behind the virtual environment {site.path}/.venv is gone")
    assert f'python -m venv --upgrade "{site.path}/.venv"' in log
