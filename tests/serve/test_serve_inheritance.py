"""Owns what reaches which path over HTTP: ``<location>``s, folders' own files, applications, virtual directories.

Every file of the site adds a header that says where it was written; so the headers of a response are its levels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from support.serve_site import NAMES_HAVE_CASE, Serve, ServeSite

SERVER = {"X-Server", "X-Site"}
ROOT = {*SERVER, "X-Root", "X-Not-For-Applications"}
FOLDER = {*SERVER, "X-Folder", "X-Not-For-Applications", "X-Step"}


def start(site: ServeSite) -> Serve:
    file = site.path / "applicationHost.config"
    file.write_text(file.read_text().replace("SITE", str(site.path)))
    return site.serve(f"--config={file}", dir=False)


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    site = ServeSite("inheritance")
    try:
        yield start(site)
    finally:
        site.close()


def levels(serve: Serve, path: str) -> set[str]:
    return {name for name in serve.get(path).headers if name.startswith("X-")}


@pytest.mark.parametrize("path, expected", [
    ("/a.txt", ROOT),
    ("/none", ROOT),
    ("/folder/two.txt", FOLDER),
    ("/folder/one.txt", FOLDER - {"X-Server"} | {"X-Location"}),
    ("/folder/one.txt/more", FOLDER - {"X-Server"} | {"X-Location"}),
    ("/folder/virtual", {*FOLDER, "X-Location"}),
    ("/folder/Virtual/x/y", {*FOLDER, "X-Location"}),
    ("/folder/virtually", FOLDER),
    ("/folder/sub/a.txt", {*FOLDER, "X-Sub"}),
    ("/folder/sub/none/none", {*FOLDER, "X-Sub"}),
])
def test_folders_and_locations(serve: Serve, path: str, expected: set[str]) -> None:
    assert levels(serve, path) == expected


def test_a_folder_by_a_name_of_another_case(serve: Serve) -> None:
    """Its file counts where names have no case, as on Windows; what is said from above counts everywhere."""
    assert levels(serve, "/FOLDER/none.txt") == ({*ROOT, "X-Folder"} if NAMES_HAVE_CASE else FOLDER)


@pytest.mark.parametrize("path, expected", [
    ("/media/a.txt", {*ROOT, "X-Media"}),
    ("/quiet/a.txt", {*ROOT, "X-Quiet"}),
    ("/quiet/sub/a.txt", {*ROOT, "X-Quiet"}),
])
def test_virtual_directories(serve: Serve, path: str, expected: set[str]) -> None:
    assert levels(serve, path) == expected
    assert serve.get(path).text == path[1:] + "\n"


@pytest.mark.parametrize("path, file, expected", [
    ("/shop/a.txt", "shop/a.txt", {*SERVER, "X-Root", "X-Shop"}),
    ("/SHOP/inner/a.txt", "shop/inner/a.txt", {*SERVER, "X-Root", "X-Shop", "X-Location"}),
    ("/folder/deep/a.txt", "deep/a.txt", {*SERVER, "X-Folder", "X-Step", "X-Deep"}),
])
def test_applications(serve: Serve, path: str, file: str, expected: set[str]) -> None:
    """They inherit what lies above them by URL, and not what says that it is not for them."""
    assert levels(serve, path) == expected
    assert serve.get(path).text == file + "\n"


def test_what_cannot_be_merged_concerns_its_path_alone(serve: Serve) -> None:
    answer = serve.get("/broken/x")
    assert answer.status == 500 and "duplicate &lt;add&gt;" in answer.text or "duplicate <add>" in answer.text
    assert serve.wait_line("/broken/x").startswith("500.19")
    assert serve.get("/a.txt").status == 200


DECLARED = """<configuration>
<configSections><sectionGroup name="system.webServer">
<section name="httpProtocol" overrideModeDefault="Deny" /></sectionGroup></configSections>"""


UNLOCK = '<location path="{}" overrideMode="{}"><system.webServer><httpProtocol /></system.webServer></location>'


@pytest.mark.parametrize("unlock, status", [
    ("", 500),
    (UNLOCK.format("", "Allow"), 200),
    (UNLOCK.format("Main", "Allow"), 200),
    (UNLOCK.format("Main", "Inherit"), 500),
    (UNLOCK.format("Other", "Allow"), 500),
])
def test_a_locked_section(make_site: Callable[..., ServeSite], unlock: str, status: int) -> None:
    site = make_site("inheritance")
    (site.path / "root/web.config").unlink()
    file = site.path / "applicationHost.config"
    text = re.sub(r"(?s)<application path=\"/(shop|folder).*?</application>", "", file.read_text())
    text = text.replace("<configuration>", DECLARED).replace("</configuration>", f"{unlock}</configuration>")
    file.write_text(text)
    serve = start(site)
    assert serve.get("/a.txt").status == 200
    answer = serve.get("/folder/sub/a.txt")
    assert answer.status == status
    if status == 500:
        for words in ("locked by applicationHost.config", "0x80070021", "appcmd unlock config", "web.config"):
            assert words in answer.text
        assert serve.wait_line("/folder/sub/a.txt").startswith("500.19")


def test_a_locked_section_of_an_application_is_told_at_the_start(make_site: Callable[..., ServeSite]) -> None:
    site = make_site("inheritance")
    file = site.path / "applicationHost.config"
    file.write_text(file.read_text().replace("<configuration>", DECLARED))
    serve = start(site)
    assert serve.wait_end() == 2
    assert "locked by applicationHost.config" in serve.text and "root/web.config" in serve.text.replace("\\", "/")


def test_changes_take_effect_at_once(make_site: Callable[..., ServeSite]) -> None:
    site = make_site("inheritance")
    serve = start(site)
    assert "X-Sub" in levels(serve, "/folder/sub/a.txt")
    (site.path / "root/folder/sub/web.config").unlink()
    assert "X-Sub" not in levels(serve, "/folder/sub/a.txt")
    root = site.path / "root/web.config"
    root.write_text(root.read_text().replace("folder/virtual", "folder/other"))
    assert levels(serve, "/folder/virtual") == FOLDER
    assert "X-Location" in levels(serve, "/folder/other")
    assert "X-Step" in levels(serve, "/folder/two.txt")


def test_nothing_of_it_is_called_not_simulated(serve: Serve) -> None:
    assert serve.port and "not simulated" not in serve.text
