"""Owns the time limit of a worker without gates, and the rules by which files are named.

Does not own what gates do about it: see ``tests/gate/test_gate_time_limits.py``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support import programs
from support.fcgi_client import Closed
from support.waiting import Latch, until
from support.worker import Worker


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return Path(shutil.copytree(programs.REPOSITORY / "fixtures" / "sites" / "gate", tmp_path / "site"))


def test_a_request_that_never_ends(site: Path, latch: Callable[[str], Latch]) -> None:
    """Its client is told, the connection ends, the others are served on."""
    told, wait = latch("told"), latch("wait")
    query = f"told={told.path}&wait={wait.path}"
    with Worker("app:app", "--timeout=2", "--threads=1", site=site) as worker:
        with worker.connect() as client:
            client.start("GET", "/hold", query)
            client.end_body()
            told.wait()
            answer = client.response()
            assert answer.status == 504 and answer.is_ended
            assert client.is_closed()
        worker.log.wait_line("GET /hold takes longer than 2 s: it is answered 504")
        until("it serves on", lambda: worker.ask().status == 200)
        with worker.connect() as client:
            client.start("GET", "/half", query)
            client.end_body()
            told.wait()
            with pytest.raises(Closed):
                client.response()
        until("it serves on", lambda: worker.ask().status == 200)


def test_limits_go_on_while_a_worker_ends(site: Path, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    with Worker("app:app", "--timeout=1", site=site) as worker, worker.connect() as client:
        client.start("GET", "/hold", f"told={told.path}&wait={wait.path}")
        client.end_body()
        told.wait()
        worker.process.terminate()
        assert client.response().status == 504
        assert worker.wait_end() == 0
        assert "requests in flight do not end: stuck in the app: 1" in worker.log.text()


@pytest.mark.parametrize(
    ("pattern", "named", "others"),
    [
        ("*.py", ["app.py", "a/b/app.py"], ["app.pyc", "py", "a.py/b"]),
        ("data/*.json", ["data/x.json"], ["x.json", "data/a/x.json", "a/data/x.json"]),
        ("data/**", ["data/x", "data/a/b"], ["data", "adata/x"]),
        ("data/**/*.json", ["data/x.json", "data/a/b/x.json"], ["x.json"]),
        ("**/x?.tpl", ["x1.tpl", "a/b/x2.tpl"], ["x.tpl", "x12.tpl"]),
        ("./web.config", ["web.config", "a/web.config"], ["webXconfig"]),
        ("/web.config", ["web.config"], ["a/web.config"]),
    ],
)
def test_which_files_a_pattern_names(pattern: str, named: list[str], others: list[str]) -> None:
    program = (
        "import sys; from iisgate.recycling import glob; found = glob(sys.argv[1]);"
        "print([path for path in sys.argv[2:] if found.fullmatch(path)])"
    )
    command = [sys.executable, "-c", program, pattern, *named, *others]
    told = subprocess.run(command, env=programs.environment() or None, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == str(named)


STUCK = """
from iisgate import limits

limits.DESERTED_SECONDS = 0.0

class Server:
    calling = [(1, 11, 5.0, "GET /a", True), (2, 12, 5.0, "GET /b", True), (3, 13, 5.0, "GET /c", False)]
    given_up = set()

    def calls(self):
        return self.calling

    def let_stick(self, request):
        is_new = request not in self.given_up
        self.given_up.add(request)
        return is_new

    def stuck(self):
        return len(self.given_up)

found = limits.Limits(Server(), 8, None, print)
for _ in range(3):
    found.look()
print(sorted(Server.given_up))
"""


def test_a_worker_of_which_a_quarter_is_stuck_is_replaced() -> None:
    """Requests whose web server has gone have half a minute to notice it; here, none."""
    command = [sys.executable, "-c", STUCK]
    told = subprocess.run(command, env=programs.environment() or None, capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == ["2 threads are stuck in the app", "[1, 2]"]
