"""Owns `iisgate iis recycle`: the worker is replaced by one that is ready, and it is told how that went.

Does not own what happens to requests meanwhile (test_gate_recycling.py).
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from support import programs
from support.gate_site import GateSite, is_alive
from support.waiting import Latch, until


def recycle(site: GateSite, *arguments: str, status: int = 0) -> str:
    words = [str(programs.iisgate()), "iis", "recycle", *arguments]
    done = subprocess.run(words, env={**site.env, "PATH": "/usr/bin"}, cwd=site.path, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    return done.stderr


def test_the_new_worker_is_ready_when_it_is_told(site: GateSite) -> None:
    gates = [site.gate() for _ in range(3)]
    [old] = {gate.pid() for gate in gates}
    told = recycle(site)
    found = re.search(rf"^worker {old} is replaced by (\d+), ready in \d+\.\d\d s", told, re.MULTILINE)
    assert found, told
    assert {gate.pid() for gate in gates} == {int(found[1])}
    until("the old one has ended", lambda: not is_alive(old))


def test_what_is_in_flight_is_finished(site: GateSite, tmp_path: Path) -> None:
    told, wait = Latch(tmp_path / "told"), Latch(tmp_path / "wait")
    busy, other = site.gate(), site.gate()
    old = other.pid()
    busy.begin("/hold", f"told={told.path}&wait={wait.path}")
    told.wait()
    assert "; it finishes the request that it works on\n" in recycle(site, str(site.path))
    assert other.pid() != old
    wait.open()
    assert busy.client.response().status == 200
    # A request that comes before the old worker has given the pipe back is still the old one's.
    until("the gate to move over", lambda: busy.pid() == other.pid())
    told.close()
    wait.close()


def test_a_worker_that_cannot_be_replaced_goes_on(site: GateSite) -> None:
    gate = site.gate()
    old = gate.pid()
    text = (site.path / "app.py").read_text()
    site.write("app.py", "import nosuchmodule\n")
    said = recycle(site, status=1)
    assert f"worker {old} goes on: the new one cannot serve: " in said and "nosuchmodule" in said
    assert gate.pid() == old
    site.write("app.py", text)
    assert f"worker {old} is replaced by " in recycle(site)


def test_a_worker_without_gates_just_ends(site: GateSite) -> None:
    gate = site.gate(grace=60)
    old = gate.pid()
    gate.hang_up()
    gate.wait_end()
    assert f"worker {old} ends, for no gate holds it" in recycle(site)
    until("it has ended", lambda: not is_alive(old))


def test_nothing_runs(site: GateSite) -> None:
    said = recycle(site, status=1)
    assert "error: no worker of this site runs as this user" in said and "restart.txt" in said
    assert "there is no folder" in recycle(site, str(site.path / "nowhere"), status=1)
