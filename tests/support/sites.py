"""Owns making sites in a folder: files with apps, ``web.config`` with settings.

Does not serve them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

#: An app that says its name, and what else the test wants to know.
APP = """\
import os, sys

def {name}(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [({says!r} + {more}).encode()]
"""


def app(says: str, name: str = "app", more: str = "''") -> str:
    """The source of an app that answers ``says``, and the expression ``more``."""
    return APP.format(says=says, name=name, more=more)


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Writes files, and the folders they lie in."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def web_config(settings: Mapping[str, str]) -> str:
    """A ``web.config`` as wfastcgi's users have it."""
    adds = "\n".join(
        f"    <add key={quoteattr(key)} value={quoteattr(value)} />" for key, value in settings.items()
    )
    return f"""\
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <appSettings>
{adds}
  </appSettings>
  <system.webServer>
    <handlers>
      <add name="iisgate" path="*" verb="*" modules="FastCgiModule"
           scriptProcessor="C:\\iisgate\\iisgate.exe|fcgi" resourceType="Unspecified" />
    </handlers>
  </system.webServer>
</configuration>
"""
