"""Owns making sites for the stand-in: an app's file in a folder, and a ``web.config`` that maps requests to it.

Does not serve them: see ``support.serving``.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.sax.saxutils import quoteattr

from support.paths import to_windows

APPS = Path(__file__).resolve().parent / "apps"

#: A path that is nowhere: the stand-in puts its own program in its place.
OURS = r"C:\iisgate\iisgate.exe"

#: Workers of these tests stay so long without a gate, so that what is left over is soon seen.
GRACE_SECONDS = 1


def fcgi(target: str = "app:app", *more: str) -> str:
    """The arguments of the gate."""
    return " ".join(["fcgi", target, "--grace", str(GRACE_SECONDS), *more])


def handler(arguments: str, path: str = "*", program: Path | str = OURS, **attributes: str) -> str:
    """A handler mapping; its name tells its path."""
    full_path = program if isinstance(program, str) else to_windows(program)
    values = {
        "name": f"for {path}",
        "path": path,
        "verb": "*",
        "modules": "FastCgiModule",
        "scriptProcessor": f"{full_path}|{arguments}",
        "resourceType": "Unspecified",
        "requireAccess": "Script",
        **attributes,
    }
    return "<add " + " ".join(f"{name}={quoteattr(value)}" for name, value in values.items()) + " />"


def web_config(*handlers: str, settings: dict[str, str] | None = None) -> str:
    """A ``web.config`` with these handler mappings and app settings."""
    added = "".join(
        f"<add key={quoteattr(key)} value={quoteattr(value)} />\n" for key, value in (settings or {}).items()
    )
    lines = "\n".join(handlers)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<configuration>\n<appSettings>\n{added}</appSettings>\n'
        f"<system.webServer><handlers>\n{lines}\n</handlers></system.webServer>\n</configuration>\n"
    )


def site(folder: Path, app: str, *handlers: str, settings: dict[str, str] | None = None) -> Path:
    """A site in ``folder`` with one of our apps as ``app.py``; without handlers one maps all to it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(APPS / f"{app}.py", folder / "app.py")
    config = web_config(*(handlers or [handler(fcgi())]), settings=settings)
    (folder / "web.config").write_text(config, encoding="utf-8")
    return folder
