"""Owns the Plone that is tested: a copy of the example, made and served once for all tests.

By ``iisgate.exe`` and the Windows Python. With ``IISGATE_PLONE_HERE=1`` by this system's own iisgate and the Python
that runs the tests, so that the same checks tell whether a fault is Windows' or Plone's.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plone_support.browser import Browser
from support import living, places
from support.launch import Conversation, run_program
from support.waiting import until

HERE = os.environ.get("IISGATE_PLONE_HERE") == "1"

EXAMPLE = places.EXAMPLES / "plone"

USER = "admin"
PASSWORD = "correct horse 0"

#: Making the site and starting the worker look for some 14,000 files each: Wine does so in seconds when the machine
#: is idle, in minutes when it is not.
PATIENCE_SECONDS = 300.0

INSTANCES = 4


@dataclass
class Plone:
    """The served site."""

    folder: Path
    port: int
    told: Callable[[], str]
    made: list[str]

    def browser(self, host: str = "") -> Browser:
        """A visitor."""
        return Browser(self.port, host)

    def editor(self, host: str = "") -> Browser:
        """The administrator, logged in by the form."""
        browser = self.browser(host)
        page = browser.submit(
            browser.get("/login").ok().form("LoginForm"),
            {"__ac_name": USER, "__ac_password": PASSWORD},
            "buttons.login",
        )
        assert "__ac" in browser.cookies, f"not logged in: {page.status} {page.text[:2000]}"
        return browser

    def answers(self) -> bool:
        return self.browser().get("/").status == 200

    def instances(self, path: str) -> set[str]:
        """The instances that answered requests for ``path``."""
        return set(re.findall(rf"^\d+ +GET +{re.escape(path)} .* instance (\d+)$", self.told(), re.MULTILINE))


@contextmanager
def plone(
    folder: Path, instances: int = INSTANCES, change: Callable[[Path], None] = lambda site: None
) -> Iterator[Plone]:
    """A copy of the example in ``folder``, made, changed and served."""
    # With a blank and letters beyond ASCII, as users' folders have them.
    site = folder / "Plöne site"
    shutil.copytree(EXAMPLE, site, ignore=shutil.ignore_patterns("var", "__pycache__"))
    with _here(site, instances, change) if HERE else _on_windows(site, instances, change) as served:
        yield served


@contextmanager
def _on_windows(site: Path, instances: int, change: Callable[[Path], None]) -> Iterator[Plone]:
    python = places.venv_python(places.PLONE)
    made = run_program(python, site / "make_site.py", "--password", PASSWORD, seconds=PATIENCE_SECONDS)
    change(site)
    serving = Conversation(
        places.IISGATE, "serve", site, "--port=0", f"--max-instances={instances}", env={"IISGATE_PYTHON": python}
    )
    try:
        plone = Plone(site, _port(serving.until_told("http://")), serving.told, made.splitlines())
        # Its start may take longer than an instance may be silent.
        until("Plone to answer", plone.answers, PATIENCE_SECONDS, pause=1)
        yield plone
    finally:
        serving.kill()


@contextmanager
def _here(site: Path, instances: int, change: Callable[[Path], None]) -> Iterator[Plone]:
    # For Unix, as iisgate is elsewhere than on Windows.
    from support import processes as ours
    from support import programs

    made = subprocess.run(
        [sys.executable, site / "make_site.py", "--password", PASSWORD], capture_output=True, text=True, check=True
    )
    change(site)
    # Short, for a socket's path has 107 bytes at most.
    run = Path(tempfile.mkdtemp(prefix="iisgate-"))
    env = {**programs.environment(), "XDG_RUNTIME_DIR": str(run), "IISGATE_PYTHON": sys.executable}
    said = run / "said"

    def told() -> str:
        return said.read_text(errors="replace")

    with said.open("wb") as out:
        words = [str(programs.iisgate()), "serve", str(site), "--port=0", f"--max-instances={instances}"]
        process = ours.start(words, env=env, stdout=out, stderr=out)
    try:
        until("the address to be told", lambda: "http://" in told())
        yield Plone(site, _port(told()), told, made.stdout.splitlines())
    finally:
        ours.stop(process)
        until("all to end", lambda: not ours.ours())
        shutil.rmtree(run)


def _port(line: str) -> int:
    found = re.search(r"http://[^/\s]+:(\d+)/", line)
    assert found, f"no address: {line}"
    return int(found[1])


def processes(told: str) -> list[living.WindowsProcess]:
    """What lives of this site with ``told`` in its command line."""
    if not HERE:
        return living.alive("python.exe", told)
    from support.processes import ours

    return [living.WindowsProcess(pid, "python", line) for pid, line in ours().items() if told in line]


def until_told(served: Plone, text: str) -> None:
    """Waits until the stand-in or the site said ``text``."""
    until(f"{text!r} to be told", lambda: text in served.told())
