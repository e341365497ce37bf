"""Owns what a TARGET says: the grammar, and finding one when none was given.

Does not import the app: see `iisgate.loader`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from iisgate.errors import LoadError

GRAMMAR = (
    "a TARGET is module:attr, module:factory(), file.py:attr, a dotted name as wfastcgi has it, "
    "or a PasteDeploy file.ini[#section]"
)

#: Files that hold an app by custom, in the order in which they are looked for.
APP_FILES = ("wsgi.py", "app.py", "application.py", "main.py", "passenger_wsgi.py", "asgi.py")

#: Names an app has by custom, in the order in which they are looked for.
APP_NAMES = ("application", "app", "create_app()", "make_app()")

#: PasteDeploy files that hold an app by custom.
INI_FILES = ("production.ini", "wsgi.ini", "zope.ini")


@dataclass(frozen=True)
class Module:
    """``module:attr`` or ``file.py:attr``; without attribute the customary names are tried."""

    name: str
    attribute: str | None
    path: Path | None = None

    def __str__(self) -> str:
        name = self.path.name if self.path else self.name
        return f"{name}:{self.attribute}" if self.attribute else name


@dataclass(frozen=True)
class Dotted:
    """wfastcgi's way: ``package.module.attr`` with ``()`` after any part."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Paste:
    """A PasteDeploy file and the section in it."""

    path: Path
    section: str

    def __str__(self) -> str:
        return f"{self.path.name}#{self.section}"


Target = Module | Dotted | Paste

_IDENTIFIER = r"[^\W\d]\w*"
_ATTRIBUTE = re.compile(rf"{_IDENTIFIER}(\.{_IDENTIFIER})*(\(\))?")
_DOTTED = re.compile(rf"{_IDENTIFIER}(\(\))?(\.{_IDENTIFIER}(\(\))?)*")


def parse(text: str, site: Path) -> Target:
    """Reads a TARGET; relative files are in the site's folder."""
    path, _, section = text.partition("#")
    if path.lower().endswith((".ini", ".conf")):
        return Paste(site / path, section or "main")
    # The colon behind a drive letter is none of ours.
    at = text.rfind(":")
    name, attribute = (text[:at], text[at + 1 :]) if at > 1 else (text, None)
    if attribute is not None and not _ATTRIBUTE.fullmatch(attribute):
        raise _bad(f"not an attribute: {attribute!r} in the TARGET {text!r}", text)
    file = site / name
    # `shop.wsgi` is a module more often than a file.
    if name.endswith(".py") or (name.endswith(".wsgi") and file.is_file()):
        if not file.is_file():
            title = f"the TARGET {text!r} names a file that is not there: {file}"
            near = ", ".join(sorted(path.name for path in site.glob("*.py"))) or "none"
            raise LoadError(title, f"correct the name; Python files in the site's folder: {near}", code="IG042",
                            place=str(file), command="iisgate fcgi file.py:attr")
        return Module(re.sub(r"\W", "_", file.stem), attribute, file)
    if not _DOTTED.fullmatch(name):
        raise _bad(f"not a TARGET: {text!r}", text)
    if attribute is None:
        return Dotted(name)
    if "(" in name:
        raise _bad(f"a module is not called: {name!r} in the TARGET {text!r}", text)
    return Module(name, attribute)


def _bad(title: str, text: str) -> LoadError:
    return LoadError(title, GRAMMAR, code="IG041", place=f"TARGET {text!r}", command="iisgate fcgi app:app")


def detect(site: Path) -> tuple[Target, str]:
    """Finds the app of a site's folder, and says what was found."""
    manage = site / "manage.py"
    if manage.is_file():
        settings = re.search(
            r"""DJANGO_SETTINGS_MODULE["']\s*,\s*["']([\w.]+)["']""",
            manage.read_text(encoding="utf-8", errors="replace"),
        )
        if settings:
            project = settings[1].rpartition(".")[0] or settings[1]
            if (site / project.replace(".", "/") / "wsgi.py").is_file():
                return Module(f"{project}.wsgi", "application"), "manage.py: a Django project"
    for name in APP_FILES:
        if (site / name).is_file():
            return Module(name.removesuffix(".py"), None, site / name), name
    for name in INI_FILES:
        if (site / name).is_file():
            return Paste(site / name, "main"), name
    looked_for = ", ".join(("manage.py", *APP_FILES, *INI_FILES))
    raise LoadError(
        f"no app was found in {site}",
        f"name it: iisgate fcgi TARGET, or [tool.iisgate] target = \"...\" in pyproject.toml; {GRAMMAR}. "
        f"Looked for: {looked_for}",
        code="IG040",
        place=str(site),
        command="iisgate fcgi module:attr",
    )
