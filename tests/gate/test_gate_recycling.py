"""Owns replacing a worker that had enough: requests, age, memory, a touched file, the site's own list of files;
warming its successor up; and a site that is taken offline.

Does not own code that changes with ``--reload``: see ``test_gate_reload``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from support.fcgi_client import Client
from support.gate_load import Load
from support.gate_site import Gate, GateSite, Process, facts, is_alive, watches
from support.pipe_load import PipeLoad
from support.waiting import Latch, until

#: Requests in the suite, and at once. (The same held for 10,000 and 16, run by hand.)
REQUESTS = 1000
GATES = 8
TOUCHES = 5


def other_pid(gate: Gate, pid: int) -> int:
    return until("another worker answers", lambda: (new := gate.pid()) != pid and new)


def test_no_request_is_lost_while_the_code_changes(site: GateSite) -> None:
    with PipeLoad([site.gate("--reload") for _ in range(GATES)]) as load:
        for touched in range(TOUCHES):
            load.wait(touched * REQUESTS // TOUCHES, touched + 1)
            (site.path / "app.py").touch()
        load.wait(REQUESTS, TOUCHES + 1)
    assert load.failed == []
    assert len(site.workers_started()) == TOUCHES + 1


def test_no_request_is_lost_by_max_requests(site: GateSite) -> None:
    with PipeLoad([site.gate("--max-requests=200") for _ in range(GATES)]) as load:
        load.wait(REQUESTS, 4)
    assert load.failed == []
    assert re.search(r"\b[2-9]\d\d+ requests are answered: the worker is replaced", site.log.text())
    until("one worker is left", lambda: len(site.workers()) == 1)


@pytest.mark.parametrize("flag", ["--max-age=0.2", "max-age", "memory"])
def test_age_and_memory(site: GateSite, flag: str) -> None:
    if flag == "memory":
        site.edit("app.py", "def app(", "hoard = []\n\n\ndef app(")
        more = 'if path == "/more":\n        hoard.append(b"x" * 2**28)\n    elif path == "/hold":'
        site.edit("app.py", 'if path == "/hold":', more)
        gate = site.gate("--max-memory=200")
        pid = gate.pid()
        assert {gate.pid() for _ in range(20)} == {pid}
        gate.client.ask("GET", "/more")
        why = r"\d+ MiB of memory are more than 200: the worker is replaced"
    else:
        if flag == "max-age":
            site.write("pyproject.toml", "[tool.iisgate]\nmax-age = 1\n")
        gate = site.gate(*([flag] if flag.startswith("--") else []))
        pid = gate.pid()
        why = r"it is \d+ s old: the worker is replaced"
    other_pid(gate, pid)
    assert re.search(why, site.log.text())
    until("the old one is gone", lambda: not is_alive(pid))


def test_a_touched_file(site: GateSite) -> None:
    """As with Passenger. That it is there at the start, or removed, means nothing."""
    restart = site.write("tmp/restart.txt", "")
    gate = site.gate()
    pid = gate.pid()
    os.utime(restart, (1, 1))
    new = other_pid(gate, pid)
    assert f"{restart} was touched: the worker is replaced" in site.log.text()
    restart.unlink()
    restart.parent.rmdir()
    site.write("tmp/restart.txt", "again")
    other_pid(gate, new)
    assert len(site.workers_started()) == 3


def test_the_sites_own_list_of_files(site: GateSite) -> None:
    site.write("pyproject.toml", '[tool.iisgate]\nreload-include = ["data/**/*.json", "*.tpl"]\n'
                                 'reload-exclude = ["*/draft.tpl"]\n')
    for name in ("data/deep/er/x.json", "some/where/page.tpl", "some/draft.tpl"):
        site.write(name, "")
    gate = site.gate()
    pid = gate.pid()
    until("it watches", lambda: watches(pid))
    for ignored in ("app.py", "some/draft.tpl"):
        (site.path / ignored).touch()
    for obeyed in ("data/deep/er/x.json", "some/where/page.tpl"):
        (site.path / obeyed).touch()
        # Events come in order: had another one counted, the log would name it.
        pid = other_pid(gate, pid)
        assert f"{site.path / obeyed} has changed: the worker is replaced" in site.log.text()
        until("it watches", lambda pid=pid: watches(pid))
    assert site.log.text().count("the worker is replaced") == 2


def test_the_next_worker_is_warmed_up_first(site: GateSite, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    site.write("pyproject.toml", '[tool.iisgate]\nreload = true\nwarm-up = ["/", "/error", "/missing"]\n')
    gate = site.gate()
    pid = gate.pid()
    text = site.log.text()
    assert "warm-up: GET /: 200 OK in" in text and "warm-up: GET /missing: 404 Not Found in" in text
    assert "warm-up: GET /error: the app failed" in text and "RuntimeError: boom" in text
    seconds = r"\d+\.\d\d s"
    told_ready = rf"ready: app:app in .* \(process {pid}\) in {seconds}: import {seconds}, warm-up {seconds}"
    assert re.search(told_ready, text)
    until("it watches", lambda: watches(pid))
    hold = f"/hold?told={told.path}&wait={wait.path}"
    site.write("pyproject.toml", f'[tool.iisgate]\nreload = true\nwarm-up = ["{hold}"]\n')
    told.wait()
    assert {gate.pid() for _ in range(20)} == {pid}
    wait.open()
    other_pid(gate, pid)


def test_a_site_that_is_taken_offline(site: GateSite, latch: Callable[[str], Latch]) -> None:
    """`app_offline.htm` is the answer to all requests; those in flight are finished; its end starts the app again."""
    told, wait = latch("told"), latch("wait")
    busy, gate = site.gate(), site.gate()
    pid = gate.pid()
    busy.begin("/hold", f"told={told.path}&wait={wait.path}")
    told.wait()
    page = site.write("app_offline.htm", "<h1>back at noon</h1>")
    until("the site is offline", lambda: gate.client.ask().status == 503)
    wait.open()
    assert facts(busy.client.response())["pid"] == pid
    # A request that comes before the old worker has given the pipe back is still the old one's.
    until("the busy one is offline, too", lambda: busy.client.ask().status == 503)
    for each in (busy, gate, site.gate()):
        answer = each.client.ask("GET", "/anything")
        assert (answer.status, answer.text) == (503, "<h1>back at noon</h1>")
        assert answer.header("Content-Type") == "text/html"
    until("the worker is gone", lambda: not is_alive(pid))
    assert site.workers() == []
    page.unlink()
    assert busy.pid() == gate.pid() != pid
    assert len(site.workers_started()) == 2


def _listening(site: GateSite, *flags: str) -> tuple[Path, Process]:
    path = site.folder / "listen.sock"
    process = site.fcgi(f"--listen=unix:{path}", *flags)
    site.log.wait("listening at ")
    return path, process


def _pid(path: Path) -> int:
    with Client.connect(path) as client:
        return int(facts(client.ask(keep=False))["pid"])


def test_workers_of_listen_are_followed_by_others(site: GateSite) -> None:
    path, _ = _listening(site, "--max-requests=100", "--workers=2")
    with Load(path) as load:
        until("many have served", lambda: len(load.pids()) >= 6 or load.failed)
    assert load.failed == []
    until("there are two workers", lambda: len(site.workers()) == 2)


def test_a_worker_of_listen_goes_on_when_the_next_one_cannot_start(site: GateSite) -> None:
    path, _ = _listening(site)
    pid = _pid(path)
    site.edit("app.py", 'VERSION = "one"', "import nosuchmodule")
    site.write("tmp/restart.txt", "")
    site.log.wait_line("the new worker cannot serve: ")
    assert {_pid(path) for _ in range(10)} == {pid}
    site.edit("app.py", "import nosuchmodule", 'VERSION = "three"')
    os.utime(site.path / "tmp" / "restart.txt", (2, 2))
    until("another one serves", lambda: _pid(path) != pid)
    until("one worker is left", lambda: len(site.workers()) == 1)


def test_listen_is_taken_offline(site: GateSite, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    path, _ = _listening(site)
    pid = _pid(path)
    with Client.connect(path) as busy:
        busy.start("GET", "/hold", f"told={told.path}&wait={wait.path}", keep=False)
        busy.end_body()
        told.wait()
        page = site.write("app_offline.htm", "<h1>back at noon</h1>")

        def is_offline() -> bool:
            with Client.connect(path) as client:
                return client.ask(keep=False).status == 503

        until("the site is offline", is_offline)
        wait.open()
        assert facts(busy.response())["pid"] == pid
    until("the worker is gone", lambda: not is_alive(pid))
    assert is_offline()
    page.unlink()
    until("another worker serves", lambda: not is_offline())
    assert _pid(path) != pid
