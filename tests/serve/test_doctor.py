"""Owns ``iisgate doctor`` and ``check --identity``: what they find on this machine, and in what stands for a server.

Does not own each rule, nor masking in detail (tests beside the code).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from support import programs

SITE_NAME = "ein Laden, größer"

WEB_CONFIG = r"""<configuration><system.webServer>
  <handlers>
    <remove name="WebDAV" />
    <add name="iisgate" path="*" verb="*" modules="FastCgiModule" resourceType="Unspecified" requireAccess="Script"
         scriptProcessor="C:\Program Files\iisgate\iisgate.exe|fcgi app:app" responseBufferLimit="0" />
  </handlers>
  <modules><remove name="WebDAVModule" /></modules>
  <httpErrors existingResponse="PassThrough" />
</system.webServer></configuration>"""

APP = """def app(environ, start_response):
    start_response("200 OK", [])
    return [b"here"]
"""


class Site:
    """A site's folder, and asking about it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / SITE_NAME
        self.path.mkdir()
        self.write("web.config", WEB_CONFIG)
        self.write("app.py", APP)
        self.environment = {**os.environ, **programs.environment()}

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, command: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        words = [str(programs.iisgate()), command, str(self.path), *map(str, arguments)]
        return subprocess.run(words, capture_output=True, text=True, timeout=120, env=self.environment,
                              stdin=subprocess.DEVNULL, check=False)

    def doctor(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return self.run("doctor", *arguments)

    def found(self, *arguments: str | Path) -> dict[str, dict[str, str]]:
        """The findings by their codes."""
        told = self.doctor("-o", "json", *arguments)
        assert told.returncode in (0, 1), told.stderr
        return {finding["code"]: finding for finding in json.loads(told.stdout)}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def server(site: Site) -> Path:
    """What stands for a server: a file with the site in it."""
    text = f"""<configuration>
  <system.applicationHost>
    <applicationPools><add name="Shop" enable32BitAppOnWin64="true" /></applicationPools>
    <sites><site name="Shop" id="1">
      <application path="/" applicationPool="Shop">
        <virtualDirectory path="/" physicalPath="{site.path}" />
      </application>
      <bindings><binding protocol="http" bindingInformation="*:1:" /></bindings>
    </site></sites>
  </system.applicationHost>
  <system.webServer>
    <fastCgi><application fullPath="{sys.executable}" arguments="/gone/wfastcgi.py">
      <environmentVariables><environmentVariable name="DSN" value="planted-1" /></environmentVariables>
    </application></fastCgi>
    <globalModules><add name="WebDAVModule" image="/gone/webdav.dll" /></globalModules>
    <modules><add name="WebDAVModule" /></modules>
  </system.webServer>
</configuration>"""
    path = site.path.parent / "applicationHost.config"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_site_is_clean_and_what_is_left_out_is_told_in_one_line(site: Site) -> None:
    (site.path / "logs").mkdir()
    told = site.doctor()
    assert (told.returncode, told.stdout) == (0, ""), told.stdout + told.stderr
    left_out = [line for line in told.stderr.splitlines() if line.startswith("left out:")]
    assert len(left_out) == 1
    assert "the Event Log (this is no Windows)" in left_out[0] and "--identity USER" in left_out[0]
    # Whose log it is is for the web server to say.
    assert not (site.path / "logs" / "iisgate.log").exists()
    assert SITE_NAME in told.stderr and "compiled modules loaded" in told.stderr


def test_what_stands_for_a_server_is_looked_at(site: Site, server: Path) -> None:
    found = site.found("--apphostconfig", server, "--no-import")
    expected = {"machine-no-cgi", "machine-module-file-missing", "machine-pool-32-bit", "machine-entry-script-missing"}
    assert expected <= found.keys(), found
    # Its own file is read with the server's.
    assert "processor-mismatch" in found
    assert found["machine-no-cgi"]["severity"] == "error" and "IIS-CGI" in found["machine-no-cgi"]["hint"]
    assert found["machine-entry-script-missing"]["line"]
    sarif = json.loads(site.doctor("--apphostconfig", server, "--no-import", "-o", "sarif").stdout)
    run = sarif["runs"][0]
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {item["ruleId"] for item in run["results"]}


def test_the_report_holds_no_secret(site: Site, server: Path) -> None:
    site.environment["SHOP_PASSWORD"] = "planted-2"
    site.write("pyproject.toml", "[tool.iisgate.env]\nPIN = 'planted-3'\n")
    line = "2026-11-22T20:00:00.000Z ERROR 7 - IG050: planted-1 planted-2 planted-3\nAPI_KEY=planted-4\n"
    site.write("logs/iisgate.log", line)
    report = site.path.parent / "report.zip"
    told = site.doctor("--apphostconfig", server, "--no-import", "--report", report)
    assert told.returncode == 1 and "read it before you send it" in told.stderr, told.stderr
    with zipfile.ZipFile(report) as bundle:
        texts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert {"README.txt", "findings.txt", "findings.json", "machine.txt"} < texts.keys()
    assert {"config/web.config", "config/applicationHost.config", "config/pyproject.toml"} < texts.keys()
    assert not {name for name, text in texts.items() if "planted" in text}
    assert "machine-no-cgi" in texts["findings.txt"] and "wfastcgi.py" in texts["config/applicationHost.config"]
    assert any("IG050" in text for name, text in texts.items() if name.startswith("logs/"))


def test_an_app_that_fails_is_told_with_its_code(site: Site) -> None:
    site.write("app.py", "import nothing_of_that_name\n")
    told = site.doctor()
    assert told.returncode == 1
    assert "nothing_of_that_name" in told.stdout and "iisgate explain IG050" in told.stdout


def test_a_compiled_module_that_cannot_be_loaded_is_named(site: Site) -> None:
    venv = site.path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True, timeout=60)
    site.environment.pop("IISGATE_PYTHON", None)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    site.write(f".venv/lib/{version}/site-packages/bad/__init__.py", "")
    site.write(f".venv/lib/{version}/site-packages/bad/_speed{suffix}", "no library")
    found = site.found()
    assert "bad._speed" in found["machine-module-broken"]["message"], found
    # A virtual environment whose Python has gone is told, too.
    for name in ("python", "python3", version):
        (venv / "bin" / name).unlink()
    (venv / "bin" / "python").symlink_to("/gone/python")
    assert "is gone" in site.found()["machine-venv-broken"]["message"]


def test_what_a_user_may_not_read_is_found(site: Site) -> None:
    for folder in (site.path, *site.path.parents):
        if folder.is_relative_to(site.path.parent):
            folder.chmod(0o755)
    site.path.chmod(0o700)
    told = site.run("check", "--identity", "nobody", "-o", "json")
    findings = [finding for finding in json.loads(told.stdout) if finding["code"] == "machine-access-read"]
    assert told.returncode == 1 and findings, told.stderr
    assert any("nobody may not read" in finding["message"] for finding in findings)
    assert "machine-identity-unknown" in site.run("check", "--identity", "nobody-of-that-name").stdout
    nobodys = site.run("check", "--identity", "root", "--rule", "machine-access-read")
    assert (nobodys.returncode, nobodys.stdout) == (0, "")


def test_what_cannot_be_looked_at_is_status_2(site: Site) -> None:
    told = site.doctor("--apphostconfig", site.path / "nothing.config")
    assert told.returncode == 2 and "nothing.config" in told.stderr
    site.path = site.path / "nowhere"
    assert site.doctor().returncode == 2
