"""Owns ``iisgate package install``: a package becomes a release that is served, or nothing changes.

Does not own being cut off (``test_install_power_cut``), nor servers' configuration (``test_install_server``).
"""

from __future__ import annotations

import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from support import handmade, programs
from support.handmade import shop
from support.installing import Target


def test_a_package_is_installed_upgraded_and_rolled_back(target: Target, tmp_path: Path) -> None:
    done = target.install(shop(tmp_path, "one"))
    assert done.returncode == 0, done.stderr
    assert target.get() == "one hello seed of one\n"
    assert (target.path / "current").resolve() == target.path / "releases" / "1"
    assert target.run("request", "POST", "/", "--dir", target.path).returncode == 0

    done = target.install(shop(tmp_path, "two"), "--set", "Greeting=good day")
    assert done.returncode == 0, done.stderr
    # Data is the site's: what a package brings never overwrites it.
    assert target.get() == "two good day seed of one\nposted\n"
    assert target.releases() == [1, 2] and target.live() == 2

    back = target.rollback()
    assert back.returncode == 0 and target.get() == "one hello seed of one\nposted\n", back.stderr
    assert target.rollback().returncode == 1
    assert target.rollback("--to=2").returncode == 0 and target.live() == 2
    target.assert_tidy()

    for version in ("three", "four"):
        assert target.install(shop(tmp_path, version), "--keep=2").returncode == 0
    assert target.releases() == [3, 4]
    target.assert_tidy()


def test_a_package_that_msdeploy_wrote_is_installed(target: Target, tmp_path: Path) -> None:
    """Its files lie below the folder of the machine that made it, and so do the scopes of its parameters."""
    file = handmade.archive(tmp_path / "shop.zip", "one", "echo run &gt; ran.txt")
    done = target.install(file, "--set", "Greeting=good day")
    assert done.returncode == 0, done.stderr
    assert target.get() == "one good day seed\n"
    release = target.path / "releases" / "1"
    assert (release / "ran.txt").read_text() == "run\n"
    assert {path.name for path in release.iterdir()} >= {"app.py", "web.config"}
    target.assert_tidy()


def test_what_runs_is_served_on_while_a_release_is_installed(target: Target, tmp_path: Path) -> None:
    assert target.install(shop(tmp_path, "one")).returncode == 0
    serve = target.site.serve(str(target.path), dir=False)
    assert serve.get("/").text.startswith("one")
    assert target.install(shop(tmp_path, "two")).returncode == 0
    assert serve.get("/").text.startswith("one")
    again = target.site.serve(str(target.path), dir=False)
    assert again.get("/").text.startswith("two")


SET_FILE = '<parameters><setParameter name="Greeting" value="{}" /></parameters>'


def test_parameters_are_given_and_held_against_their_rules(target: Target, tmp_path: Path) -> None:
    without = shop(tmp_path, "one", default="")
    for words, said in [
        ([], "Greeting has no default"),
        (["--set=Greeting=SHOUTING"], "Greeting"),
        (["--set=Greting=x"], "there is no parameter Greting"),
    ]:
        refused = target.install(without, *words)
        assert refused.returncode == 1 and said in refused.stderr, refused.stderr
        assert not target.path.exists(), "nothing was written"
    values = tmp_path / "SetParameters.xml"
    values.write_text(SET_FILE.format("from the file"))
    assert target.install(without, "--set-file", values).returncode == 0
    assert target.get().startswith("one from the file")
    both = target.install(without, "--set-file", values, "--set=Greeting=from the flag")
    assert both.returncode == 0 and target.get().startswith("one from the flag")


def test_a_plan_changes_nothing(target: Target, tmp_path: Path) -> None:
    file = shop(tmp_path, "one", manifest='<runCommand path="echo done" />')
    shown = target.run("package", "install", file, "--to", target.path, "--dry-run")
    assert shown.returncode == 0 and not target.path.exists(), shown.stderr
    for said in ("Greeting = hello", "echo done", "GET /", "releases/1"):
        assert said in shown.stderr, shown.stderr
    unasked = target.run("package", "install", file, "--to", target.path)
    assert unasked.returncode == 1 and "--yes" in unasked.stderr and not target.path.exists()


FAILING = {
    "an app that cannot be imported": ({"app_dot_py": "import nonsense_of_us\n"}, "", "nonsense_of_us"),
    "a command that fails": ({}, '<runCommand path="echo the reason; exit 3" />', "the reason"),
    "a command that hangs": ({}, '<runCommand path="exec sleep 60" />', "more than the"),
    "a web.config that is no XML": ({"web_dot_config": "<configuration>"}, "", "web.config"),
}


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_leaves_the_old_release_serving(name: str, target: Target, tmp_path: Path) -> None:
    files, manifest, reason = FAILING[name]
    if "runCommand" in manifest:
        # Any code is success unless it is said which are; five seconds unless it is said how long.
        attempts = 5 if "sleep" in manifest else 600
        manifest = manifest.replace(" />", f' MSDeploy.MSDeployProviderOptions="{options(attempts)}" />')
    assert target.install(shop(tmp_path, "one")).returncode == 0
    failed = target.install(shop(tmp_path, "two", manifest=manifest, **files))
    assert failed.returncode in (1, 2) and reason in failed.stderr, failed.stderr
    assert "Release 1 is live" in failed.stderr
    assert target.get().startswith("one") and target.releases() == [1]
    target.assert_tidy()


def options(attempts: int) -> str:
    """``waitInterval`` 100, ``waitAttempts``, ``successReturnCodes`` 0x0, as packages have them."""
    import base64
    import gzip

    def text(value: str) -> bytes:
        return bytes([len(value)]) + value.encode()

    def number(value: int) -> bytes:
        return value.to_bytes(4, "little", signed=True)

    names, values = ["waitInterval", "waitAttempts", "successReturnCodes"], ["100", str(attempts), "0x0"]
    assembly = "Microsoft.web.deployment, Version=7.1.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
    stream = b"\0" + number(1) + number(-1) + number(1) + number(0) + b"\x0c" + number(2) + text(assembly)
    stream += b"\x05" + number(1) + text("Microsoft.Web.Deployment.DeploymentProviderOptions") + number(4)
    stream += b"".join(map(text, ["providerName", "path", "names", "values"])) + b"\1\1\6\6" + number(2)
    stream += b"\6" + number(3) + text("runCommand") + b"\6" + number(4) + text("x")
    stream += b"\t" + number(5) + b"\t" + number(6)
    identity = 7
    for array, items in ((5, names), (6, values)):
        stream += b"\x11" + number(array) + number(len(items))
        for item in items:
            stream += b"\6" + number(identity) + text(item)
            identity += 1
    return base64.b64encode(gzip.compress(stream + b"\x0b")).decode()


def test_a_first_release_that_fails_leaves_nothing(target: Target, tmp_path: Path) -> None:
    failed = target.install(shop(tmp_path, "one", app_dot_py="1 / 0\n"))
    assert failed.returncode == 2 and "ZeroDivisionError" in failed.stderr and "Nothing is installed" in failed.stderr
    assert target.releases() == [] and target.live() is None and not (target.path / "data").exists()
    assert target.install(shop(tmp_path, "two")).returncode == 0
    target.assert_tidy()


HARMFUL = {
    "package-name-escapes": "Shop/../../outside.txt",
    "package-name-refused": "Shop/nul.txt",
    "package-name-collides": "SHOP/APP.PY",
}


@pytest.mark.parametrize("code", [*HARMFUL, "package-unreadable"])
def test_nothing_is_written_of_a_package_that_is_refused(code: str, target: Target, tmp_path: Path) -> None:
    file = shop(tmp_path, "one")
    if code in HARMFUL:
        with zipfile.ZipFile(file, "a") as out:
            out.writestr(HARMFUL[code], "x")
    else:
        file.write_bytes(file.read_bytes()[:-40])
    before = sorted(path for path in target.folder.rglob("*"))
    refused = target.install(file)
    assert refused.returncode == 1 and code in refused.stderr, refused.stderr
    assert sorted(path for path in target.folder.rglob("*")) == before


def test_folders_of_others_are_not_filled(target: Target, tmp_path: Path) -> None:
    target.path.mkdir()
    (target.path / "mine.txt").write_text("mine")
    refused = target.install(shop(tmp_path, "one"))
    assert refused.returncode == 1 and "other things" in refused.stderr
    assert [path.name for path in target.path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("by", ["pip", "uv"])
def test_an_environment_is_made_of_the_packages_own_wheels(by: str, target: Target, tmp_path: Path) -> None:
    """No network: all is found in the package, and iisgate's own package is copied from beside the program."""
    wheel = tmp_path / "tinydep-1.0-py3-none-any.whl"
    info = "tinydep-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as out:
        out.writestr("tinydep.py", "NAME = 'from the wheel'\n")
        out.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tinydep\nVersion: 1.0\n")
        out.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        out.writestr(f"{info}/RECORD", f"tinydep.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    app = "import tinydep\n\ndef app(environ, start_response):\n    start_response('200 OK', [])\n    "
    app += "return [tinydep.NAME.encode()]\n"
    file = handmade.package(tmp_path / "shop.zip", {
        "app.py": app, "web.config": handmade.WEB_CONFIG, "requirements.txt": "tinydep==1.0\n",
        f"wheels/{wheel.name}": wheel.read_bytes(),
    })
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/", "UV_OFFLINE": "1"} | programs.environment()
    tools = tmp_path / "tools"
    tools.mkdir()
    if by == "uv":
        (tools / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    nowhere["PATH"] = f"{tools}{os.pathsep}/usr/bin{os.pathsep}/bin"
    done = target.install(file, f"--python={sys.executable}", environment=False, env=nowhere, seconds=180)
    assert done.returncode == 0, done.stderr
    assert target.get() == "from the wheel"
    made = target.path / "releases" / "1" / ".venv"
    assert next(made.glob("lib/python3.*/site-packages/iisgate/__init__.py")).is_file()
    assert ("uv = " in (made / "pyvenv.cfg").read_text()) == (by == "uv")


def test_the_examples_are_installed(target: Target, tmp_path: Path) -> None:
    file = handmade.of_folder(tmp_path / "flask.zip", programs.EXAMPLES / "flask")
    done = target.install(file)
    assert done.returncode == 0 and target.get("/hello") == "Hello, World!\n", done.stderr
    shutil.rmtree(target.path)
    # The command that msdeploy would run is ours, and what it does is done: migrations, static files.
    hook = '<runCommand path="iisgate package post-install --app &quot;Default Web Site/shop&quot;" />'
    file = handmade.of_folder(tmp_path / "django.zip", programs.EXAMPLES / "django", hook)
    done = target.install(file)
    assert done.returncode == 0 and "<h1" in target.get("/"), done.stderr
    assert (target.path / "data" / "db.sqlite3").stat().st_size > 0
    assert (target.path / "releases" / "1" / "static" / "admin").is_dir()
