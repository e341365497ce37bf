"""Owns gates with a pipe of their own, as IIS starts them: one worker for many, deaths, changes.

Does not own listening sockets: the front ends give those.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import programs
from support.fcgi_client import Closed
from support.gate import Instance, Machine
from support.sites import app, web_config, write
from support.waiting import Latch, until

PID = {"shop.py": app("", more="str(os.getpid())")}


@pytest.fixture
def machine() -> Iterator[Machine]:
    with Machine() as made:
        yield made


def pid(instance: Instance) -> int:
    return int(instance.client.ask().text)


def test_many_gates_share_one_worker(machine: Machine, tmp_path: Path) -> None:
    site = write(tmp_path, PID)
    instances = [machine.instance("shop:app", site) for _ in range(16)]
    pids = {pid(instance) for instance in instances for _ in range(2)}
    assert len(pids) == 1 and pids == machine.workers()
    for instance in instances[1:]:
        instance.stop()
    assert {pid(instances[0])} == pids, "the worker stays as long as one gate is there"


def test_requests_of_many_gates_are_served_at_once(machine: Machine, tmp_path: Path) -> None:
    from urllib.parse import urlencode

    came, go = Latch(tmp_path / "came"), Latch(tmp_path / "go")
    instances = [machine.instance("answering:app", programs.APPS, "--threads=16") for _ in range(16)]
    for instance in instances:
        instance.client.start(path="/slow", query=urlencode({"came": came.path, "go": go.path}))
        instance.client.end_body()
    seen = 0
    while seen < 16:
        seen += len(came.wait())
    for _ in instances:
        go.open()
    for instance in instances:
        assert instance.client.response().text == "at last"
    assert len(machine.workers()) == 1
    came.close()
    go.close()


def test_the_worker_ends_after_the_last_gate(machine: Machine, tmp_path: Path) -> None:
    site = write(tmp_path, PID)
    first = machine.instance("shop:app", site)
    worker = pid(first)
    first.stop()
    until("the worker has gone", lambda: worker not in machine.workers())
    assert pid(machine.instance("shop:app", site)) != worker


def test_a_gate_ends_when_its_pipe_does(machine: Machine, tmp_path: Path) -> None:
    instance = machine.instance("shop:app", write(tmp_path, PID))
    pid(instance)
    instance.client.close()
    assert instance.process.wait(10) == 0


@pytest.mark.parametrize("what", ["site", "target", "environment", "web.config"])
def test_what_differs_is_not_shared(machine: Machine, tmp_path: Path, what: str) -> None:
    site = write(tmp_path / "a", {**PID, "other.py": PID["shop.py"]})
    first = machine.instance("shop:app", site)
    before = pid(first)
    if what == "site":
        second = machine.instance("shop:app", write(tmp_path / "b", PID))
    elif what == "target":
        second = machine.instance("other:app", site)
    elif what == "environment":
        second = machine.instance("shop:app", site, SHOP="2")
    else:
        write(site, {"web.config": web_config({"SHOP": "2"})})
        second = machine.instance("shop:app", site)
    assert pid(second) != before


def test_a_killed_worker_is_replaced_and_the_pipe_lives(machine: Machine, tmp_path: Path) -> None:
    instances = [machine.instance("shop:app", write(tmp_path, PID)) for _ in range(4)]
    (before,) = {pid(instance) for instance in instances}
    os.kill(before, signal.SIGKILL)
    until("the worker is dead", lambda: before not in machine.workers())
    (after,) = {pid(instance) for instance in instances}
    assert after != before


def test_a_request_in_flight_fails_with_500_when_its_worker_is_killed(machine: Machine, tmp_path: Path) -> None:
    from urllib.parse import urlencode

    came, go = Latch(tmp_path / "came"), Latch(tmp_path / "go")
    busy, idle = (machine.instance("answering:app", programs.APPS) for _ in range(2))
    worker = int(idle.client.ask(path="/pid").text)
    busy.client.start(path="/slow", query=urlencode({"came": came.path, "go": go.path}))
    busy.client.end_body()
    came.wait()
    os.kill(worker, signal.SIGKILL)
    response = busy.client.response()
    assert (response.status, response.app_status) == (500, 0)
    assert {int(each.client.ask(path="/pid").text) for each in (busy, idle)} != {worker}
    came.close()
    go.close()


def test_a_request_half_answered_is_cut_when_its_worker_is_killed(machine: Machine) -> None:
    instance = machine.instance("answering:app", programs.APPS)
    worker = int(instance.client.ask(path="/pid").text)
    instance.client.start(path="/stream", query="mib=200")
    instance.client.end_body()
    instance.client.read_until(b"\r\n\r\n")
    os.kill(worker, signal.SIGKILL)
    try:
        assert instance.client.response().app_status != 0
    except Closed:
        pass  # A closed pipe tells the web server as well.
    except AssertionError as error:
        assert "closed within a record" in str(error)


def test_an_app_that_cannot_be_loaded_is_answered_and_can_be_mended(machine: Machine, tmp_path: Path) -> None:
    site = write(tmp_path, {"shop.py": "raise RuntimeError('the database is away')"})
    visitor, developer = machine.instance("shop:app", site), machine.instance("shop:app", site, "--debug")
    for _ in range(2):
        response = visitor.client.ask()
        assert (response.status, response.app_status, response.stderr) == (500, 0, b"")
        assert "database" not in response.text
    told = developer.client.ask(HTTP_ACCEPT="text/html").text
    assert "the database is away" in told and "RuntimeError" in told
    machine.log.wait("the database is away")
    write(site, PID)
    until("the mended app answers", lambda: visitor.client.ask().status == 200, pause=0.2)


def test_wsgi_log(machine: Machine, tmp_path: Path) -> None:
    """wfastcgi's setting; %VAR% is expanded as in its PYTHONPATH."""
    site = write(tmp_path, {
        "shop.py": app("told", more="str(print('an order'))"),
        "web.config": web_config({"WSGI_HANDLER": "shop.app", "WSGI_LOG": "%LOGS%/wfastcgi.log"}),
    })
    logs = tmp_path / "logs"
    instance = machine.instance(None, site, "--own-log", LOGS=str(logs))
    assert instance.client.ask().text == "toldNone"
    from support.logs import Log

    Log(logs / "wfastcgi.log").wait_line("an order")


SETTINGS = {
    "default": ({}, "shop.py", True),
    "package": ({}, "package/__init__.py", True),
    "config": ({}, "web.config", True),
    "custom": ({"WSGI_RESTART_FILE_REGEX": r".*\.data$"}, "shop.data", True),
    "custom-other": ({"WSGI_RESTART_FILE_REGEX": r".*\.data$"}, "shop.py", False),
    "default-other": ({}, "shop.data", False),
    "disabled": ({"WSGI_RESTART_FILE_REGEX": ""}, "shop.py", False),
}


def _change(machine: Machine, tmp_path: Path, name: str) -> tuple[Instance, int]:
    settings, file, _ = SETTINGS[name]
    config = web_config({"WSGI_HANDLER": "shop.app", **settings})
    site = write(tmp_path, {"shop.py": PID["shop.py"], "package/__init__.py": "", "shop.data": "", "web.config": config})
    instance = machine.instance(None, site)
    before = pid(instance)
    path = site / file
    path.write_text(path.read_text() + ("<!-- -->\n" if file == "web.config" else "\n"))
    return instance, before


@pytest.mark.parametrize("name", [name for name, (_, _, restarts) in SETTINGS.items() if restarts])
def test_a_changed_file_replaces_the_worker(machine: Machine, tmp_path: Path, name: str) -> None:
    instance, before = _change(machine, tmp_path, name)
    until("the worker is replaced", lambda: pid(instance) != before, pause=0.05)


@pytest.mark.parametrize("name", [name for name, (_, _, restarts) in SETTINGS.items() if not restarts])
def test_an_unwatched_file_changes_nothing(machine: Machine, tmp_path: Path, name: str) -> None:
    instance, before = _change(machine, tmp_path, name)
    for _ in range(50):
        assert pid(instance) == before
    # What is watched, if anything is, would have been seen by then: the next proves it.
    if name != "disabled":
        watched = "shop.data" if name.startswith("custom") else "shop.py"
        (tmp_path / watched).write_text((tmp_path / watched).read_text() + "\n")
        until("the worker is replaced", lambda: pid(instance) != before, pause=0.05)


def test_no_request_is_lost_while_the_worker_is_replaced(machine: Machine, tmp_path: Path) -> None:
    import threading

    site = write(tmp_path, {"shop.py": PID["shop.py"], "web.config": web_config({"WSGI_HANDLER": "shop.app"})})
    instances = [machine.instance(None, site) for _ in range(4)]
    before = {pid(instance) for instance in instances}
    statuses: list[int] = []
    stop = threading.Event()

    def visit(instance: Instance) -> None:
        while not stop.is_set():
            statuses.append(instance.client.ask().status)

    threads = [threading.Thread(target=visit, args=(instance,)) for instance in instances[1:]]
    for thread in threads:
        thread.start()
    for _ in range(3):
        (site / "shop.py").write_text((site / "shop.py").read_text() + "\n")
        now = pid(instances[0])
        until("the worker is replaced", lambda: pid(instances[0]) not in before, pause=0.02)
        before.add(now)
        before.add(pid(instances[0]))
    stop.set()
    for thread in threads:
        thread.join(20)
    assert set(statuses) == {200} and len(statuses) > 50
