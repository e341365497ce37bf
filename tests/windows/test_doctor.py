"""Owns ``iisgate doctor`` on Windows: it runs in folders of any name, names DLLs that are missing, and looks at what
stands for an IIS.

Does not own each rule (tests beside the code), nor a true IIS.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from support.launch import run_program
from support.paths import to_windows
from support.places import DIST, IISGATE, ON_WINDOWS, PREFIX, base_python

#: A DLL that is nowhere, in a name as long as that which it stands for.
_REAL, _MISSING = b"python311.dll", b"missing11.dll"


class Site:
    """A site with a virtual environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "ein Laden, größer"
        packages = self.path / ".venv" / "Lib" / "site-packages"
        (packages / "bad").mkdir(parents=True)
        self.packages = packages
        (self.path / "app.py").write_text("def app(environ, start_response): ...\n", encoding="utf-8")
        home = to_windows(base_python().parent)
        (self.path / ".venv" / "pyvenv.cfg").write_text(f"home = {home}\n", encoding="utf-8")
        (self.path / ".venv" / "Scripts").mkdir()
        # The gate starts the Python behind it.
        (self.path / ".venv" / "Scripts" / "python.exe").write_bytes(b"MZ")
        shutil.copytree(DIST / "iisgate", packages / "iisgate")

    def doctor(self, *arguments: str | Path) -> tuple[dict[str, dict[str, str]], str]:
        """The findings by their codes, and all that was said."""
        report = self.path.parent / "report.zip"
        said = run_program(IISGATE, "doctor", self.path, "--report", report, *arguments, status=None)
        with zipfile.ZipFile(report) as bundle:
            findings = json.loads(bundle.read("findings.json"))
        return {finding["code"]: finding for finding in findings}, said


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_dll_that_is_missing_is_named(site: Site) -> None:
    module = next((DIST / "iisgate").glob("_native*.pyd")).read_bytes()
    assert _REAL in module
    (site.packages / "bad" / "__init__.py").write_text("", encoding="utf-8")
    (site.packages / "bad" / "_speed.pyd").write_bytes(module.replace(_REAL, _MISSING))
    found, said = site.doctor()
    assert "ein Laden, größer" in said and "64-bit" in said, said
    broken = found["machine-module-broken"]
    assert "bad._speed" in broken["message"] and _MISSING.decode() in broken["message"]
    assert "machine-app-fails" not in found and "machine-package-missing" not in found, said
    if not ON_WINDOWS:
        assert "neither IIS nor IIS Express was found" in said


def test_what_stands_for_an_iis_is_looked_at(site: Site) -> None:
    gone = to_windows(site.path / "gone.exe")
    server = site.path.parent / "applicationHost.config"
    server.write_text(f"""<configuration>
  <system.applicationHost>
    <applicationPools><add name="Shop" enable32BitAppOnWin64="true" /></applicationPools>
    <sites><site name="Shop" id="1">
      <application path="/" applicationPool="Shop">
        <virtualDirectory path="/" physicalPath="{to_windows(site.path)}" />
      </application>
      <bindings><binding protocol="http" bindingInformation="*:1:" /></bindings>
    </site></sites>
  </system.applicationHost>
  <system.webServer>
    <fastCgi><application fullPath="{gone}" arguments="fcgi app:app" /></fastCgi>
    <globalModules><add name="StaticFileModule" image="{gone}" /></globalModules>
    <modules><add name="StaticFileModule" /></modules>
  </system.webServer>
</configuration>""", encoding="utf-8")
    found, said = site.doctor("--apphostconfig", server, "--no-import")
    expected = {"machine-no-cgi", "machine-module-file-missing", "machine-pool-32-bit", "machine-entry-program-missing"}
    assert expected <= found.keys(), said
    assert r"IIS AppPool\Shop" in said
    if not ON_WINDOWS:
        # Wine knows no such accounts.
        assert "machine-identity-unknown" in found


def test_access_lists_are_read(site: Site) -> None:
    _, said = site.doctor("--identity", "Everyone", "--no-import")
    assert "machine-identity-unknown" not in said and "identity: Everyone" in said


#: A Python of the tests in this user's registry (PEP 514).
KEY = r"HKCU\Software\Python\IisgateTests"


def test_a_registered_python_that_is_gone_is_found(site: Site) -> None:
    windows = Path("C:/Windows") if ON_WINDOWS else PREFIX / "drive_c" / "windows"
    reg = windows / "system32" / "reg.exe"
    gone = to_windows(site.path / "gone")
    run_program(reg, "add", KEY + r"\3.9\InstallPath", "/ve", "/d", gone, "/f")
    try:
        found, said = site.doctor("--no-import")
    finally:
        run_program(reg, "delete", KEY, "/f")
    assert r"IisgateTests\3.9" in found["machine-registered-python-gone"]["message"], said
