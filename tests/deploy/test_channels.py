"""Owns what is not ours looking at what ``iisgate package build`` makes for Windows' channels.

An MSI is opened by msitools; a winget manifest is held against a schema. Does not own installing the MSI
(``tests/windows/test_msi.py``).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from support import channels, programs

SCHEMA = programs.REPOSITORY / "fixtures" / "winget" / "manifest.json"
PROGRAM = b"MZ what stands in for iisgate.exe " * 5000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a package, an MSI of it, and a winget manifest of that."""
    folder = tmp_path_factory.mktemp("channels")
    (folder / "iisgate.exe").write_bytes(PROGRAM)
    done = channels.build(
        programs.iisgate(), channels.make_site(folder), "--out", folder / "shop.zip", "--msi", folder / "shop.msi",
        "--iisgate-exe", folder / "iisgate.exe", "--winget", folder / "winget", "--msi-url", channels.URL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def msitool(name: str, *words: str | Path) -> str:
    command = [programs.system(name), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def table(made: Path, name: str) -> list[list[str]]:
    """A table's rows, as msitools read them; the first three lines are names, types and keys."""
    lines = msitool("msiinfo", "export", made / "shop.msi", name).replace("\r\n", "\n").split("\n")
    return [line.split("\t") for line in lines[3:] if line]


def test_msitools_open_the_msi_and_find_what_is_in_it(made: Path, tmp_path: Path) -> None:
    summary = msitool("msiinfo", "suminfo", made / "shop.msi")
    assert "Subject: little-shop 1.2rc1" in summary and "Template: x64;1033" in summary, summary
    properties = dict(table(made, "Property"))
    assert properties["ProductVersion"] == "1.2.0" and properties["Manufacturer"] == "Example Org"
    assert properties["ALLUSERS"] == "1", "it is for the machine"
    actions = {name: (kind, source, target) for name, kind, source, target, *_ in table(made, "CustomAction")}
    kind, source, target = actions["InstallSite"]
    assert (kind, source) == ("3090", "iisgate_exe")
    assert target == 'package install "[#site_zip]" --yes --to "[SITEDIR]/." [IISGATEARGS]'
    order = {name: int(number) for name, _, number in table(made, "InstallExecuteSequence")}
    assert order["CostFinalize"] < order["InstallFiles"] < order["InstallSite"] < order["InstallFinalize"]

    msitool("msiextract", "-C", tmp_path, made / "shop.msi")
    found = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"iisgate.exe": PROGRAM, "shop.zip": (made / "shop.zip").read_bytes()}
    with zipfile.ZipFile(made / "shop.zip") as package:
        assert "Manifest.xml" in package.namelist()


def test_only_an_installation_runs_our_program_and_the_next_one_finds_the_site(made: Path) -> None:
    conditions = {name: condition for name, condition, _ in table(made, "InstallExecuteSequence")}
    actions = {name: int(kind) for name, kind, *_ in table(made, "CustomAction")}
    as_the_system = {name for name, kind in actions.items() if kind & (1024 + 2048) == 1024 + 2048}
    assert as_the_system == {"InstallSite", "InstallSiteInIis"}
    for name in {*as_the_system, "WriteRegistryValues"}:
        assert conditions[name].startswith("NOT Installed"), "anybody may repair, with properties of their own"

    upgrade = dict(table(made, "Property"))["UpgradeCode"].strip("{}").lower()
    place = f"Software\\iisgate\\Msi\\{upgrade}"
    written = [row[1:5] for row in table(made, "Registry")]
    assert written == [["2", place, "SITE", "[SITE]"], ["2", place, "SITEDIR", "[SITEDIR]"]]
    found = [row[1:] for row in table(made, "RegLocator")]
    assert found == [["2", place, "SITE", "18"], ["2", place, "SITEDIR", "18"]]


def test_the_same_package_has_the_same_codes_and_another_replaces_it(made: Path, tmp_path: Path) -> None:
    def codes(version: str, name: str) -> tuple[str, str]:
        site = channels.make_site(tmp_path / name, version)
        done = channels.build(
            programs.iisgate(), site, "--out", tmp_path / name / "shop.zip", "--msi", tmp_path / name / "shop.msi",
            "--iisgate-exe", made / "iisgate.exe",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found = dict(table(tmp_path / name, "Property"))
        return found["ProductCode"], found["UpgradeCode"]

    one, same, other = codes("1.0", "one"), codes("1.0", "same"), codes("1.1", "other")
    assert one == same
    assert one[0] != other[0] and one[1] == other[1]


def manifests(made: Path) -> dict[str, Any]:
    files = sorted((made / "winget").iterdir())
    return {path.name: yaml.safe_load(path.read_text("utf-8")) for path in files}


def test_the_winget_manifest_is_what_its_schema_wants(made: Path) -> None:
    found = manifests(made)
    assert list(found) == [
        "ExampleOrg.little-shop.installer.yaml",
        "ExampleOrg.little-shop.locale.en-US.yaml",
        "ExampleOrg.little-shop.yaml",
    ]
    schema = json.loads(SCHEMA.read_text("utf-8"))
    for manifest in found.values():
        jsonschema.Draft7Validator(schema).validate(manifest)
    # Microsoft's own schemas, where they are.
    if folder := os.environ.get("IISGATE_WINGET_SCHEMAS"):
        for manifest in found.values():
            kind = manifest["ManifestType"]
            own = json.loads((Path(folder) / f"manifest.{kind}.1.10.0.json").read_text("utf-8-sig"))
            jsonschema.Draft7Validator(own).validate(manifest)
    installer = found["ExampleOrg.little-shop.installer.yaml"]
    msi = (made / "shop.msi").read_bytes()
    assert installer["Installers"] == [
        {"Architecture": "x64", "InstallerUrl": channels.URL,
         "InstallerSha256": hashlib.sha256(msi).hexdigest().upper()}
    ]  # fmt: skip
    assert installer["Dependencies"]["WindowsFeatures"] == ["IIS-CGI"]
    assert found["ExampleOrg.little-shop.locale.en-US.yaml"]["ShortDescription"].startswith('Sells "things"')


def test_the_winget_manifest_names_the_product_that_the_msi_is(made: Path) -> None:
    installer = manifests(made)["ExampleOrg.little-shop.installer.yaml"]
    properties = dict(table(made, "Property"))
    assert installer["ProductCode"] == properties["ProductCode"]
    assert installer["AppsAndFeaturesEntries"] == [{"UpgradeCode": properties["UpgradeCode"]}]


def test_what_a_channel_does_not_take_is_told(made: Path, tmp_path: Path) -> None:
    site = channels.make_site(tmp_path)
    exe = ("--iisgate-exe", made / "iisgate.exe")
    out = ("--out", tmp_path / "shop.zip", "--msi", tmp_path / "shop.msi")
    url = ("--winget", tmp_path / "winget", "--msi-url", "http://example.org/shop.msi")
    for words, status, told in [
        ((*out, *exe, *url), 1, "winget downloads from https:// addresses alone"),
        (out, 1, "--iisgate-exe iisgate.exe"),
        ((*out, "--iisgate-exe", tmp_path / "none.exe"), 2, "none.exe"),
        ((*out, *exe, "--release", "2.300"), 1, "300 is too great a number"),
    ]:
        done = channels.build(programs.iisgate(), site, *words)
        assert (done.returncode, told in done.stderr) == (status, True), done.stderr
    assert not (tmp_path / "winget").exists()
