"""Owns when a start that failed is tried again: later and later, but at once when something has changed.

Does not own what is told meanwhile (``test_gate_codes``).
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

from support import programs
from support.gate_site import GateSite
from support.waiting import until

WORKING = "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'fine']\n"


def _tries(site: GateSite) -> int:
    """How often the start has failed in a row."""
    found = [path.read_text().split(maxsplit=1)[0] for path in site.rendezvous.glob("*.failed")]
    return int(found[0]) if found else 0


def test_starts_come_later_and_later_but_at_once_when_a_file_has_changed(site: GateSite) -> None:
    good = (site.path / "app.py").read_text()
    site.write("app.py", "import nosuchmodule\n")
    gate = site.gate()
    until("the fourth start has failed", lambda: gate.client.ask().status == 500 and _tries(site) == 4)
    # The next one is due in eight seconds; nobody waits for it.
    assert len(site.workers_started()) == 4
    for _ in range(20):
        assert gate.client.ask().status == 500
    assert len(site.workers_started()) == 4
    beside = site.folder / "good.py"
    beside.write_text(good)
    os.replace(beside, site.path / "app.py")
    mended = datetime.now(timezone.utc)
    until("the mended app serves", lambda: gate.client.ask().status == 200, pause=0.05)
    assert site.log.times("is started for")[-1] - mended < timedelta(seconds=6)
    assert len(site.workers_started()) == 5


def test_an_installed_package_is_tried_at_once(site: GateSite) -> None:
    """What pip installs lies in no file of the site's."""
    venv = Path(site.folder / "venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--system-site-packages", str(venv)], check=True)
    site.write("app.py", f"import newcomer\n{WORKING}")
    packages = next(venv.glob("lib/python3*/site-packages"))
    outside = [path for path in sys.path if path.endswith("site-packages")]
    env = {"IISGATE_PYTHON": str(venv), "PYTHONPATH": os.pathsep.join(
        [*filter(None, [programs.environment().get("PYTHONPATH")]), *outside])}
    gate = site.gate(env=env)
    until("the third start has failed", lambda: gate.client.ask().status == 500 and _tries(site) == 3)
    (packages / "newcomer.py").write_text("")
    mended = datetime.now(timezone.utc)
    until("the app serves", lambda: gate.client.ask().status == 200, pause=0.05)
    assert site.log.times("is started for")[-1] - mended < timedelta(seconds=3.5)
