"""Owns a little site that is shipped as an MSI and by winget in tests: its folder, and building it.

Does not own what is asserted.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROJECT = """[project]
name = "little-shop"
version = "{version}"
description = "Sells \\"things\\" to whoever wants them."
license = "MIT"
authors = [{{ name = "Example Org" }}]
urls = {{ Homepage = "https://example.org/shop" }}

[tool.iisgate]
target = "app:app"
"""

APP = """def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"a shop"]
"""

WEB_CONFIG = r"""<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <system.webServer>
    <handlers>
      <add name="iisgate" path="*" verb="*" modules="FastCgiModule" resourceType="Unspecified"
           scriptProcessor="C:\Program Files\iisgate\iisgate.exe|fcgi app:app" />
    </handlers>
  </system.webServer>
</configuration>
"""

#: From where winget would download the MSI.
URL = "https://example.org/dl/little-shop.msi"


def make_site(folder: Path, version: str = "1.2rc1") -> Path:
    """The site's folder."""
    site = folder / "site"
    site.mkdir(parents=True, exist_ok=True)
    (site / "pyproject.toml").write_text(PROJECT.format(version=version))
    (site / "app.py").write_text(APP)
    (site / "web.config").write_text(WEB_CONFIG)
    return site


def build(iisgate: Path, site: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """``iisgate package build SITE WORDS``, with this Python."""
    command = [str(iisgate), "package", "build", str(site), *map(str, words)]
    env = {**os.environ, "IISGATE_PYTHON": sys.executable}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=env, stdin=subprocess.DEVNULL)
