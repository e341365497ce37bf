"""Owns `iisgate status`: what runs for this user, and what the dead have left.

Does not own how it is laid out (``crates/cli/src/commands/status``).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from support import programs
from support.gate_site import GateSite, kill
from support.waiting import Latch, until

SLOW = """\
import time
END = time.perf_counter() + 0.05
while time.perf_counter() < END:
    pass
from plain import app
"""


@pytest.fixture
def site() -> Iterator[GateSite]:
    site = GateSite()
    (site.path / "app.py").rename(site.path / "plain.py")
    site.write("app.py", SLOW)
    yield site
    site.close()


def run(site: GateSite, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    words = [str(programs.iisgate()), "status", *arguments]
    done = subprocess.run(words, env={**site.env, "PATH": "/usr/bin"}, cwd=site.path, capture_output=True, text=True,
                          timeout=30)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def told(site: GateSite, *arguments: str, status: int = 0) -> dict[str, Any]:
    found = json.loads(run(site, *arguments, "-o", "json", status=status).stdout)
    assert isinstance(found, dict)
    return found


def test_nothing_runs(site: GateSite) -> None:
    assert told(site, status=1) == {"workers": [], "helpers": [], "silent": [], "stale": []}
    assert run(site, str(site.path), status=1).stderr.startswith(f"nothing of {site.path} runs as this user")


def test_a_worker_and_its_gates(site: GateSite) -> None:
    gates = [site.gate("--threads=4") for _ in range(3)]
    pids = [gate.pid() for gate in gates]
    gates[0].pid()
    # An answer is counted when it has left, and the client may be quicker.
    until("all are counted", lambda: told(site)["workers"][0]["requests"] == 4)
    [worker] = told(site)["workers"]
    expected = {"pid": pids[0], "site": str(site.path), "target": "app:app", "state": "ready", "requests": 4,
                "in_flight": 0, "stuck": 0, "threads_max": 4, "gates": 3, "log": str(site.log.path)}
    assert {name: worker[name] for name in expected} == expected
    assert worker["memory"] > 1_000_000 and worker["uptime"] > 0
    assert worker["python"].startswith("Python 3.")
    start = worker["start"]
    assert start["total"] > start["import"] > 0.05 and start["warm_up"] == 0
    # On a busy machine another module may take longer still.
    assert 0.05 <= dict(start["slowest"])["app"] < start["import"]
    shown = run(site, str(site.path)).stdout
    told_of = (str(site.path), "app:app", str(site.log.path), str(pids[0]))
    for text in (*told_of, "WORKER", "IN FLIGHT", "slowest modules: "):
        assert text in shown
    assert run(site, str(site.folder), status=1).stdout == ""


def test_what_is_in_flight(site: GateSite, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("latches")
    hold, wait = Latch(folder / "told"), Latch(folder / "wait")
    gate = site.gate()
    gate.begin("/hold", f"told={hold.path}&wait={wait.path}")
    hold.wait()
    [worker] = told(site)["workers"]
    assert (worker["in_flight"], worker["requests"]) == (1, 0)
    wait.open()
    assert gate.client.response().status == 200
    until("it is counted", lambda: told(site)["workers"][0]["requests"] == 1)
    hold.close()
    wait.close()


def test_who_asks_does_not_keep_a_worker_alive(site: GateSite) -> None:
    gate = site.gate()
    gate.pid()
    gate.hang_up()
    # It is asked all the time, and ends nevertheless when its grace is over.
    until("the worker has ended", lambda: not json.loads(_raw(site))["workers"])
    site.wait_gone()


def _raw(site: GateSite) -> str:
    words = [str(programs.iisgate()), "status", "-o", "json"]
    return subprocess.run(words, env=site.env, capture_output=True, text=True, timeout=30).stdout


def test_a_stuck_interpreter_answers(site: GateSite) -> None:
    """Who asks needs no Python: a worker whose interpreter is held tells how it is."""
    site.write("app.py", "import ctypes\nPAUSE = ctypes.PyDLL(None).pause\ndef app(environ, start_response):\n"
                         "    PAUSE()\n")
    gate = site.gate()
    gate.begin("/")
    worker = until("a worker", lambda: next(iter(json.loads(_raw(site))["workers"]), None))
    until("its app is called", lambda: told(site)["workers"][0]["in_flight"] == 1)
    kill(worker["pid"])


def test_what_the_dead_left_behind(site: GateSite) -> None:
    gate = site.gate()
    pid = gate.pid()
    gate.kill()
    kill(pid)
    status = told(site, status=1)
    assert [path.rpartition(".")[2] for path in status["stale"]] == ["sock"]
    assert "left behind by dead processes" in run(site, status=1).stdout


def test_helpers(site: GateSite) -> None:
    site.write("pyproject.toml", '[tool.iisgate.helpers.queue]\ncommand = ["sleep", "1000"]\n')
    gate = site.gate()
    gate.pid()
    [helpers] = told(site)["helpers"]
    assert helpers["site"] == str(site.path)
    [helper] = helpers["helpers"]
    assert (helper["name"], helper["state"], helper["why"]) == ("queue", "ready", "")
    assert "queue   ready" in run(site).stdout
