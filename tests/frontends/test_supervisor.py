"""Owns ``iisgate fcgi --listen``: several workers, signals, deaths, start failures."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from support import programs
from support.fcgi_client import Closed
from support.gate import Machine, Supervisor
from support.sites import app, write
from support.waiting import Latch, until


@pytest.fixture
def machine() -> Iterator[Machine]:
    with Machine() as made:
        yield made


def pid(supervisor: Supervisor) -> int:
    with supervisor.connect() as client:
        return int(client.ask(path="/pid", keep=False).text)


def test_workers_share_the_requests(machine: Machine) -> None:
    supervisor = machine.supervisor("answering:app", programs.APPS, "--workers=3")
    seen: set[int] = set()
    until("three workers serve", lambda: (seen.add(pid(supervisor)), len(seen) == 3)[1], pause=0)
    assert seen == machine.workers()
    with supervisor.connect() as client:
        assert "'multiprocess': True" in client.ask(path="/flags").text


def test_a_killed_worker_is_replaced(machine: Machine) -> None:
    supervisor = machine.supervisor("answering:app", programs.APPS, "--workers=2")
    pid(supervisor)
    until("two workers", lambda: len(machine.workers()) == 2)
    for _ in range(2):
        victim = min(machine.workers())
        os.kill(victim, signal.SIGKILL)
        until("another one", lambda: len(machine.workers() - {victim}) == 2)
        assert pid(supervisor) != victim


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_after_what_is_in_flight(machine: Machine, tmp_path: Path, sent: signal.Signals) -> None:
    came, go = Latch(tmp_path / "came"), Latch(tmp_path / "go")
    supervisor = machine.supervisor("answering:app", programs.APPS, "--workers=2")
    with supervisor.connect() as client:
        client.start(path="/slow", query=urlencode({"came": came.path, "go": go.path}))
        client.end_body()
        came.wait()
        supervisor.process.send_signal(sent)
        go.open()
        assert client.response().text == "at last"
    assert supervisor.process.wait(15) == 0
    assert not machine.workers()
    assert not Path(str(supervisor.address)).exists(), "the socket is taken away"


def test_a_reload_loses_no_request(machine: Machine, tmp_path: Path) -> None:
    came, go = Latch(tmp_path / "came"), Latch(tmp_path / "go")
    supervisor = machine.supervisor("answering:app", programs.APPS, "--workers=2")
    before = {pid(supervisor) for _ in range(30)}
    failures: list[object] = []
    stop = threading.Event()

    def visit() -> None:
        while not stop.is_set():
            try:
                with supervisor.connect() as client:
                    response = client.ask(path="/list", keep=False)
                    if response.text != "one item":
                        failures.append(response)
            except (Closed, OSError) as error:
                failures.append(error)

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    with supervisor.connect() as slow:
        slow.start(path="/slow", query=urlencode({"came": came.path, "go": go.path}))
        slow.end_body()
        came.wait()
        supervisor.reload()
        until("new workers serve", lambda: pid(supervisor) not in before)
        go.open()
        assert slow.response().text == "at last"
    until("the old ones have ended", lambda: not before & machine.workers())
    stop.set()
    for visitor in visitors:
        visitor.join(20)
    assert not failures, failures[:3]


def test_a_reload_brings_new_code(machine: Machine, tmp_path: Path) -> None:
    site = write(tmp_path, {"shop.py": app("old")})
    supervisor = machine.supervisor("shop:app", site)

    def says() -> str:
        with supervisor.connect() as client:
            return client.ask(keep=False).text

    assert says() == "old"
    write(site, {"shop.py": app("new, and longer")})
    supervisor.reload()
    until("the new code serves", lambda: says() == "new, and longer")


def test_a_reload_of_broken_code_keeps_the_old(machine: Machine, tmp_path: Path) -> None:
    site = write(tmp_path, {"shop.py": app("old")})
    supervisor = machine.supervisor("shop:app", site)
    with supervisor.connect() as client:
        assert client.ask(keep=False).text == "old"
    write(site, {"shop.py": "raise RuntimeError('broken by the new release')"})
    supervisor.reload()
    machine.log.wait("broken by the new release")
    with supervisor.connect() as client:
        assert client.ask(keep=False).text == "old"
    assert supervisor.process.poll() is None


def test_a_start_failure_is_told_and_not_looped(machine: Machine, tmp_path: Path) -> None:
    site = write(tmp_path, {"shop.py": "import not_installed_here"})
    supervisor = machine.supervisor("shop:app", site, "--workers=2")
    assert supervisor.process.wait(20) == 1
    told = supervisor.output.read_text()
    assert "not_installed_here" in told
    assert machine.log.text().count("is started for") <= 2
    machine.log.wait("not_installed_here")


def test_a_worker_that_keeps_dying_is_not_started_without_end(machine: Machine, tmp_path: Path) -> None:
    """Back-off: an app that kills its process must not turn the machine into a heater."""
    source = "import os\n" + app("never", more="os._exit(1)")
    supervisor = machine.supervisor("shop:app", write(tmp_path, {"shop.py": source}))
    until("it listens", lambda: machine.log.text().count("is started for") >= 1)
    for _ in range(6):
        with supervisor.connect() as client:
            try:
                client.ask(keep=False)
            except (Closed, OSError, AssertionError):
                pass
    starts = machine.log.text().count("is started for")
    assert 1 <= starts <= 8 and supervisor.process.poll() is None


def test_a_taken_socket_is_told(machine: Machine) -> None:
    first = machine.supervisor("answering:app", programs.APPS)
    pid(first)
    second = machine.supervisor("answering:app", programs.APPS, f"--log={machine.folder}/second")
    second_address = f"unix:{first.address}"
    second.stop()
    third = machine.supervisor("answering:app", programs.APPS)
    pid(third)
    from support import processes

    process = processes.start(
        [str(programs.iisgate()), "fcgi", "answering:app", f"--site={programs.APPS}", f"--listen={second_address}"],
        env=machine.environment({}), stdout=(machine.folder / "taken").open("wb"), stderr=-2,
    )
    assert process.wait(20) in (1, 2)
    processes.stop(process)
    assert "another process listens" in (machine.folder / "taken").read_text()
    pid(first)
