"""Owns ``wfastcgi-enable`` and ``wfastcgi-disable``: whoever types them gets what they are for, and the new names.

Does not own what is done: ``iisgate iis install`` and ``uninstall`` do it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path


def enable() -> int:
    """Registers the site in this folder."""
    return _run("wfastcgi-enable", "install", sys.argv[1:])


def disable() -> int:
    """Takes it out again."""
    return _run("wfastcgi-disable", "uninstall", sys.argv[1:])


def translated(arguments: Sequence[str]) -> list[str]:
    """Arguments as wfastcgi took them, as ours: another appcmd is not needed, its ``/apphostconfig:`` is a flag."""
    words = []
    for at, word in enumerate(arguments):
        name, colon, value = word.partition(":")
        if at == 0 and Path(word).name.lower() == "appcmd.exe":
            continue
        is_config = colon and name.lower() in ("/apphostconfig", "-apphostconfig")
        words.append(f"--apphostconfig={value}" if is_config else word)
    return words


def _run(old: str, command: str, arguments: Sequence[str]) -> int:
    words = ["iis", command, *translated(arguments)]
    print(f"{old} is now: iisgate {' '.join(words)}", file=sys.stderr)
    site = Path.cwd()
    web_config = next((path for path in site.iterdir() if path.name.lower() == "web.config"), None)
    text = web_config.read_bytes() if web_config else b""
    if command == "install" and b"wfastcgi" in text.lower().replace(b"\0", b"") and b"iisgate" not in text.lower():
        print(f"error: {web_config} is still written for wfastcgi\n"
              "hint: iisgate init --from wfastcgi converts it and shows what changes; then call this once more",
              file=sys.stderr)
        return 1
    program = _program()
    if program is None:
        print("error: the program iisgate is not beside this Python\n"
              "hint: python -m pip install --force-reinstall iisgate", file=sys.stderr)
        return 2
    return subprocess.call([program, *words])


def _program() -> str | None:
    folders = [sysconfig.get_path("scripts"), str(Path(sys.executable).parent)]
    found = (shutil.which("iisgate", path=folder) for folder in folders)
    return next((path for path in found if path), None) or shutil.which("iisgate")
