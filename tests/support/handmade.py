"""Owns packages made by hand for tests: a little site with data and a parameter, a folder's files.

Does not install them; also for Windows programs.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

WEB_CONFIG = r"""<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <system.webServer>
    <handlers>
      <add name="iisgate" path="*" verb="*" modules="FastCgiModule" resourceType="Unspecified"
           scriptProcessor="C:\Program Files\iisgate\iisgate.exe|fcgi app:app --grace 0" />
    </handlers>
  </system.webServer>
</configuration>
"""

#: Says its version, and what ``var/notes.txt`` holds, to which ``POST`` adds a line.
APP = """import pathlib

GREETING = "@GREETING@"
NOTES = pathlib.Path(__file__).with_name("var") / "notes.txt"


def app(environ, start_response):
    if environ["REQUEST_METHOD"] == "POST":
        with NOTES.open("a") as notes:
            notes.write("posted\\n")
    start_response("200 OK", [("Content-Type", "text/plain")])
    notes = NOTES.read_text() if NOTES.is_file() else ""
    return [f"@VERSION@ {GREETING} {notes}".encode()]
"""

PARAMETERS = """<parameters>
  <parameter name="Application Path" defaultValue="Default Web Site/shop" tags="iisApp">
    <parameterEntry kind="ProviderPath" scope="iisApp" match="^Shop$" />
  </parameter>
  <parameter name="Greeting" {default}>
    <parameterValidation kind="RegularExpression" validationString="^[a-z ]+$" />
    <parameterEntry kind="TextFile" scope="\\\\app\\.py$" match="@GREETING@" />
  </parameter>
</parameters>
"""

PROJECT = """[tool.iisgate]
target = "app:app"

[tool.iisgate.package]
data = ["var"]
"""


def package(
    path: Path, files: Mapping[str, str | bytes], manifest: str = "", parameters: str = "<parameters />"
) -> Path:
    """Writes a package of the application ``Shop``."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("Manifest.xml", f'<MSDeploy.iisApp><iisApp path="Shop" />{manifest}</MSDeploy.iisApp>')
        out.writestr("Parameters.xml", parameters)
        for name, content in files.items():
            out.writestr(f"Shop/{name}", content)
    return path


def shop(folder: Path, version: str, default: str = 'defaultValue="hello"', manifest: str = "",
         **more: str | bytes) -> Path:
    """A package of a little site that keeps its notes in ``var``."""
    files: dict[str, str | bytes] = {
        "app.py": APP.replace("@VERSION@", version),
        "web.config": WEB_CONFIG,
        "pyproject.toml": PROJECT,
        "var/notes.txt": f"seed of {version}\n",
    }
    files |= {name.replace("__", "/").replace("_dot_", "."): content for name, content in more.items()}
    return package(folder / f"shop-{version}.zip", files, manifest, PARAMETERS.format(default=default))


#: As msdeploy and Visual Studio write it: with the folder of the machine on which it was made.
ARCHIVE = r"""<?xml version="1.0" encoding="utf-8"?>
<sitemanifest MSDeploy.ObjectResolver.createApp="Microsoft.Web.Deployment.CreateApplicationObjectResolver"
    MSDeploy.ObjectResolver.dirPath="Microsoft.Web.Deployment.DirPathObjectResolver"
    MSDeploy.ObjectResolver.filePath="Microsoft.Web.Deployment.FilePathObjectResolver">
  <iisApp path="C:\build\My Shop" MSDeploy.path="2" MSDeploy.MSDeployLinkName="Child1"
      MSDeploy.MSDeployKeyAttributeName="path">
    <createApp path="C:\build\My Shop" MSDeploy.path="2" isDest="AA==" MSDeploy.MSDeployLinkName="createApp"
        MSDeploy.isDest.Type="Microsoft.Web.Deployment.DeploymentObjectBooleanAttributeValue" appExists="True"
        MSDeploy.appExists="1" />
    <contentPath path="C:\build\My Shop" MSDeploy.path="2" MSDeploy.MSDeployLinkName="contentPath">
      <MSDeploy.dirPath path="C:\build\My Shop" MSDeploy.MSDeployLinkName="contentPath" />
    </contentPath>
  </iisApp>
  <setAcl path="C:\build\My Shop" MSDeploy.path="2" setAclResourceType="Directory"
      MSDeploy.setAclResourceType="2" MSDeploy.MSDeployLinkName="Child2" />
  <runCommand path="COMMAND" MSDeploy.path="2" MSDeploy.MSDeployLinkName="Child3" />
</sitemanifest>
"""

ARCHIVE_PARAMETERS = r"""<parameters>
  <parameter name="IIS Web Application Name" defaultValue="Default Web Site/shop" tags="IisApp">
    <parameterEntry kind="ProviderPath" scope="IisApp" match="^C:\\build\\My\ Shop$" />
    <parameterEntry kind="ProviderPath" scope="setAcl" match="^C:\\build\\My\ Shop$" />
  </parameter>
  <parameter name="Greeting" defaultValue="hello">
    <parameterEntry kind="TextFile" scope="^C:\\build\\My\ Shop\\app\.py$" match="@GREETING@" />
  </parameter>
</parameters>
"""


def archive(path: Path, version: str, command: str) -> Path:
    """The little site as ``msdeploy -verb:sync -source:iisApp`` packs it, which runs a command after it."""
    content = "Content/C_C/build/My Shop/"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("archive.xml", ARCHIVE.replace("COMMAND", command))
        out.writestr("systemInfo.xml", '<systemInfo osVersion="10.0" winDir="C:\\Windows" />')
        out.writestr("parameters.xml", ARCHIVE_PARAMETERS)
        for name, text in (("app.py", APP.replace("@VERSION@", version)), ("web.config", WEB_CONFIG),
                           ("pyproject.toml", PROJECT), ("var/notes.txt", "seed\n")):
            out.writestr(content + name, text)
    return path


def of_folder(path: Path, folder: Path, manifest: str = "") -> Path:
    """A package of a folder's files."""
    files = {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".sqlite3"
    }
    return package(path, files, manifest)
