"""Owns that the commands about configuration run on Windows: in a folder with blanks and letters beyond ASCII,
from the first ``init`` to a site that is served by an ``applicationHost.config``.

Does not own what they decide (``tests/serve/test_init*.py``, ``test_iis_install.py`` and tests beside the code), nor
IIS itself: what asks ``appcmd`` is tested against what a machine answered.
"""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import places
from support.launch import Argument, run_program
from support.paths import to_windows
from support.serving import served

APP = """\
import flask


def create_app():
    app = flask.Flask(__name__)

    @app.get("/")
    def home():
        return "Grüße aus dem Laden"

    return app
"""

CONFIG = places.FIXTURES / "config" / "iis10-arr-applicationHost.config"

#: Who may do what with a file, on Windows by its access list, under Wine by what stands for it.
OTHERS = "*S-1-5-19"


@dataclass
class Shop:
    """A site's folder, and a server's file that knows it."""

    folder: Path
    config: Path
    original: bytes

    def run(self, *arguments: Argument, status: int = 0) -> str:
        return run_program(places.IISGATE, *arguments, status=status, env={"IISGATE_PYTHON": python()})

    def iis(self, command: str, *arguments: Argument, status: int = 0) -> str:
        return self.run("iis", command, self.folder, "--apphostconfig", self.config, *arguments, status=status)


def python() -> Path:
    return places.venv_python(places.VENV)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    base = tmp_path_factory.mktemp("configuration")
    folder = base / "Mein Lädchen (日本)"
    (folder / "src" / "laden").mkdir(parents=True)
    (folder / "src" / "laden" / "__init__.py").write_text(APP, encoding="utf-8")
    (folder / "pyproject.toml").write_bytes("# Für uns\r\n[project]\r\nname = \"laden\"\r\n".encode())
    config = base / "Serverdaten ü" / "applicationHost.config"
    config.parent.mkdir()
    old = rb"%SystemDrive%\inetpub\wwwroot"
    original = CONFIG.read_bytes()
    assert original.count(old) == 1
    original = original.replace(old, to_windows(folder).encode())
    config.write_bytes(original)
    yield Shop(folder, config, original)


def test_a_folder_becomes_a_site(shop: Shop) -> None:
    planned = shop.run("init", shop.folder, "--dry-run")
    assert "+target = \"laden:create_app()\"" in planned and not (shop.folder / "web.config").exists()
    refused = shop.run("init", shop.folder, status=1)
    assert "--yes" in refused and not (shop.folder / "web.config").exists()
    made = shop.run("init", shop.folder, "--yes")
    assert f"made: {to_windows(shop.folder)}\\web.config" in made, made
    text = (shop.folder / "web.config").read_text(encoding="utf-8")
    # This very program, by the path that it has here.
    assert f"{to_windows(places.IISGATE)}|fcgi laden:create_app()" in text
    project = (shop.folder / "pyproject.toml").read_bytes().decode()
    assert project.startswith("# Für uns\r\n") and "\n" not in project.replace("\r\n", "")
    assert "Nothing to do" in shop.run("init", shop.folder)


def test_it_is_clean(shop: Shop) -> None:
    assert "0 errors, 0 warnings, 0 notes" in shop.run("check", shop.folder)
    broken = shop.folder / "alt ü"
    broken.mkdir()
    (broken / "web.config").write_text("<configuration><system.webServer><handler/></system.webServer></configuration>")
    told = shop.run("check", shop.folder, "-o", "json", status=1)
    findings = json.loads(told[: told.rindex("]") + 1])
    assert [(it["code"], Path(it["file"].replace("\\", "/")).parent.name) for it in findings] == [
        ("section-unknown", "alt ü")
    ]
    (broken / "web.config").unlink()


def test_the_server_takes_the_entry_and_serves_by_it(shop: Shop) -> None:
    assert "no <fastCgi> entry" in shop.iis("status", status=1)
    assert "maxInstances" in shop.iis("install", "--dry-run") and shop.config.read_bytes() == shop.original
    assert "proved:" in shop.iis("install", "--yes")
    assert "match to the letter" in shop.iis("status")
    shown = shop.run("config", "show", "--effective", "/", "--config", shop.config, "--section=handlers")
    assert "laden:create_app()" in shown and "web.config:" in shown
    variables = {"IISGATE_PYTHON": python()}
    with served(None, "--config", shop.config, "--site", "Default Web Site", env=variables) as serving:
        assert serving.get("/").ok().text == "Grüße aus dem Laden"
        assert serving.get("/src/laden/__init__.py").status == 404
    assert "written:" in shop.iis("uninstall", "--yes")
    assert shop.config.read_bytes() == shop.original


def test_what_others_may_do_with_a_file_stays(shop: Shop) -> None:
    file = shop.folder / "web.config"
    before = file.read_text(encoding="utf-8")
    file.write_text(before.replace(" responseBufferLimit=\"0\"", ""), encoding="utf-8")
    restrict(file)
    rights = rights_of(file)
    assert rights != rights_of(shop.folder / "pyproject.toml")
    assert "is mended" in shop.run("check", shop.folder, "--fix")
    assert "responseBufferLimit=\"0\"" in file.read_text(encoding="utf-8")
    assert rights_of(file) == rights
    shop.run("init", shop.folder, "--target", "laden:create_app(1)", "--yes")
    assert rights_of(file) == rights


def restrict(file: Path) -> None:
    if places.ON_WINDOWS:
        subprocess.run(["icacls", str(file), "/inheritance:d", "/grant", f"{OTHERS}:(R)"], check=True)
    else:
        file.chmod(0o600)


def rights_of(file: Path) -> str:
    if places.ON_WINDOWS:
        return subprocess.run(["icacls", str(file)], capture_output=True, text=True, check=True).stdout
    # Of an access list Wine keeps what three groups of bits can hold; those of others are exact.
    return oct(file.stat().st_mode & stat.S_IRWXO)


def test_codes_are_explained(shop: Shop) -> None:
    assert "500.19" in shop.run("explain", "500.19")
    assert "handler" in shop.run("explain", "processor-mismatch")


def test_without_iis_it_is_told_what_to_name(shop: Shop) -> None:
    told = shop.run("iis", "stop", shop.folder, status=1)
    assert "there is no IIS on this machine" in told and "--apphostconfig" in told
