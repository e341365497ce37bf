"""Owns feeds in tests: a folder with packages and an installer, served by Python's own web server.

Does not own what is asserted.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from support import processes, programs
from support.waiting import until

#: What stands in for an installer: it says that it ran, and that no site is there yet.
RUNTIME = """#!/bin/sh
test -e "$SITES/Shop" && exit 7
echo "$*" >> "$LOG"
exit ${STATUS:-0}
"""

DESCRIPTION = """
title = "Sites of the tests"
id = "http://feeds.example.org/feed.xml"
updated = "2026-01-02T03:04:05Z"
download-url = "dl/{file}"
depends = ["Runtime"]

[[product]]
id = "Runtime"
version = "3.0"
file = "dl/runtime.exe"
arguments = "/quiet"
discovery = [{ file = "%RUNTIME_IS_AT%" }]

[[product]]
file = "dl/shop-one.zip"
version = "1.0"
depends = ["Runtime", { any = ["Wiki", "Blog"] }]
eula = "https://example.org/licence"

[[product]]
id = "Wiki"
version = "1.0"
file = "dl/shop-two.zip"

[[product]]
id = "Blog"
version = "1.0"
file = "dl/shop-three.zip"
"""


def run(*words: str | Path, folder: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """``iisgate feed WORDS`` with a home of its own."""
    environment = {
        "HOME": str(folder / "home"),
        "PATH": "/usr/bin:/bin",
        "NO_PROXY": "127.0.0.1",
        "SOURCE_DATE_EPOCH": "1767323045",
        processes.MARK_NAME: processes.MARK,
        **(env or {}),
    }
    command = [str(programs.iisgate()), "feed", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=environment, cwd=folder, stdin=subprocess.DEVNULL
    )


def shell_instead(feed: Path) -> None:
    """Has the installer run by a shell: on this system nothing that was downloaded is a program."""
    text = feed.read_text("utf-8")
    assert "<exe>%InstallerFile%</exe>" in text
    text = text.replace("<exe>%InstallerFile%</exe>", "<exe>/bin/sh</exe>")
    arguments = '<commandLineArguments>"%InstallerFile%" /quiet</commandLineArguments>'
    feed.write_text(text.replace("<commandLineArguments>/quiet</commandLineArguments>", arguments), "utf-8")


@contextmanager
def web_server(folder: Path) -> Iterator[str]:
    """``python -m http.server`` on a free port; gives its address."""
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(folder)]
    log = folder.parent / "http.log"
    with log.open("wb") as out:
        server = processes.start(command, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield until("the web server to say where it is", lambda: _address(log.open("rb")))
    finally:
        processes.stop(server)


def _address(log: IO[bytes]) -> str | None:
    with log:
        found = re.search(rb"\((http://127\.0\.0\.1:\d+)/\)", log.read())
    return found[1].decode() if found else None
