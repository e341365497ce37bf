"""Owns letting ``iisgate init`` make sites of folders, and seeing that what it wrote is clean and serves.

Does not own the folders: each test brings its own.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from support import processes, programs
from support.serve_site import ServeSite

Make = Callable[..., ServeSite]


def run(site: ServeSite, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``iisgate`` to its end; nobody answers what it asks."""
    environment = {**os.environ, **site.env, processes.MARK_NAME: processes.MARK}
    return subprocess.run([str(programs.iisgate()), *arguments], capture_output=True, text=True, env=environment,
                          stdin=subprocess.DEVNULL, timeout=60, check=False)


def init(site: ServeSite, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(site, "init", str(site.path), *arguments)


def findings(site: ServeSite) -> list[str]:
    """What ``check`` finds, and where."""
    told = run(site, "check", str(site.path), "-o", "json")
    assert told.returncode in (0, 1), told.stderr
    return [f"{it['file']}:{it['line']}: {it['code']}: {it['message']}" for it in json.loads(told.stdout)]


def fresh(make_site: Make, files: dict[str, str]) -> ServeSite:
    """A site's folder with these files alone."""
    site = make_site("gate")
    for path in site.path.iterdir():
        path.unlink()
    for name, text in files.items():
        site.write(name, text)
    return site


def files_of(site: ServeSite) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in site.path.iterdir() if path.is_file()}


def become_site(
    site: ServeSite, *arguments: str, url: str = "/", hides: bool = True, found: tuple[str, ...] = ()
) -> str:
    """Lets ``init`` write, sees that a second run and ``check`` have nothing to say, and asks for a page."""
    done = init(site, "--yes", *arguments)
    assert done.returncode == 0, done.stderr
    before = files_of(site)
    again = init(site, *arguments)
    assert again.returncode == 0 and not again.stdout, again.stdout + again.stderr
    assert before == files_of(site)
    told = findings(site)
    assert [line.split(": ")[1] for line in told] == list(found), told
    served = site.serve()
    answer = served.get(url)
    assert answer.status == 200, answer.body.decode()
    # Secrets and data are not for visitors, whatever the app would say.
    for hidden in ("/db.sqlite3", "/manage.py", "/.env", "/.git/config", "/production.ini") if hides else ():
        assert served.get(hidden).status == 404, hidden
    return answer.body.decode()
