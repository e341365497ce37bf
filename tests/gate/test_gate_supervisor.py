"""Owns ``iisgate fcgi --listen``: workers of its own, replaced when they die, ended with it.

Does not own SIGHUP: see ``test_gate_hangup``.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from support import looking, processes
from support.fcgi_client import Address, Client
from support.gate_site import GateSite, Process, facts, is_alive, is_resting, kill, kill_at_rest, watches
from support.waiting import Latch, until


def _pid(address: Address) -> int:
    with Client.connect(address) as client:
        return int(facts(client.ask(keep=False))["pid"])


def _start(site: GateSite, *arguments: str, tcp: bool = False) -> tuple[Process, Address]:
    if tcp:
        port = processes.free_port()
        process, address = site.fcgi(f"--listen=tcp:127.0.0.1:{port}", *arguments), ("127.0.0.1", port)
    else:
        path = site.folder / "s"
        process, address = site.fcgi(f"--listen=unix:{path}", *arguments), path
    site.log.wait("listening at")
    return process, address


@pytest.mark.parametrize("tcp", [False, True])
def test_serves_and_ends(site: GateSite, tcp: bool) -> None:
    process, address = _start(site, tcp=tcp)
    assert len({_pid(address) for _ in range(20)}) == 1
    process.signal(signal.SIGTERM)
    assert process.wait_end() == 0
    assert site.processes() == {}
    if isinstance(address, Path):
        assert not address.exists(), "the socket's file goes with it"


def test_a_changed_configuration_counts_for_new_workers_which_stay(site: GateSite) -> None:
    site.write("pyproject.toml", "[tool.iisgate]\nthreads = 2\n")
    process, address = _start(site, "--reload")
    first = _pid(address)
    until("the worker watches its files", lambda: watches(first))
    site.edit("pyproject.toml", "threads = 2", "threads = 3")
    second = until("another worker answers", lambda: (new := _pid(address)) != first and new)
    assert "--threads\x003\x00" in Path(f"/proc/{second}/cmdline").read_text()
    until("the one before is gone", lambda: not is_alive(first))
    # One that dies is followed by one, which is not taken for older than the files.
    kill(second)
    third = until("another worker answers", lambda: (new := _pid(address)) != second and new)
    process.signal(signal.SIGHUP)
    until("the last one answers", lambda: _pid(address) not in (first, second, third))
    until("the one before is gone", lambda: not is_alive(third))
    assert len(site.workers_started()) == 4
    assert "since the worker was planned" not in site.log.text()


def test_port_0_is_told(site: GateSite) -> None:
    site.fcgi("--listen=tcp:127.0.0.1:0")
    line = site.log.wait_line("listening at tcp:127.0.0.1:").text
    port = int(line.split("127.0.0.1:")[1].split(":")[0])
    assert _pid(("127.0.0.1", port))


def test_two_workers_serve(site: GateSite) -> None:
    _, address = _start(site, "--workers=2")

    def both() -> bool:
        with Client.connect(address) as one, Client.connect(address) as two:
            told = [facts(client.ask()) for client in (one, two)]
        assert all(each["multiprocess"] is True for each in told)
        seen.update(each["pid"] for each in told)
        return len(seen) == 2

    seen: set[int] = set()
    until("both workers have served", both)


def test_a_lone_worker_is_no_multiprocess(site: GateSite) -> None:
    _, address = _start(site)
    with Client.connect(address) as client:
        assert facts(client.ask())["multiprocess"] is False


def test_a_killed_worker_is_replaced(site: GateSite) -> None:
    _, address = _start(site)
    seen = set()
    for _ in range(3):
        pid = _pid(address)
        assert pid not in seen
        seen.add(pid)
        kill_at_rest(pid)
    assert _pid(address) not in seen
    assert "it is replaced" in site.log.text()


def test_a_worker_that_keeps_dying_is_started_ever_more_slowly(site: GateSite) -> None:
    """Counted, not timed: starts are at least 0.1, 0.2, 0.4, … seconds apart."""
    _start(site)
    for number in range(1, 5):
        (pid,) = until("one worker", lambda: len(site.workers()) == 1 and site.workers())
        site.log.wait(f"(process {pid})")
        kill(pid)
        until("it is replaced", lambda number=number: len(site.workers_started()) > number)
    stamps = site.log.times("is started for", "it is replaced")
    # started, (died, started), (died, started), …
    waits = [(stamps[at + 1] - stamps[at]).total_seconds() for at in range(1, len(stamps) - 1, 2)]
    assert len(waits) == 4
    for wait, least in zip(waits, (0.1, 0.2, 0.4, 0.8), strict=True):
        assert wait >= least - 0.01


def _stands(pid: int) -> bool:
    """Whether every thread of a process is stopped."""
    return set(looking.states(pid)) == {"T"}


def test_a_worker_that_is_stuck_keeps_no_connection_from_the_other(site: GateSite) -> None:
    """Whoever is told of a connection may be unable to take it: then the others must know of it, too."""
    _, address = _start(site, "--workers=2")
    until("both are ready", lambda: site.log.text().count("ready: ") == 2)
    for stuck in site.workers():
        until(f"worker {stuck} waits", lambda stuck=stuck: is_resting(stuck))
        os.kill(stuck, signal.SIGSTOP)
        # The signal is on its way to each thread: one that still runs may take a connection.
        until(f"worker {stuck} stands", lambda stuck=stuck: _stands(stuck))
        try:
            assert all(_pid(address) != stuck for _ in range(5))
        finally:
            os.kill(stuck, signal.SIGCONT)


def test_a_start_failure_is_explained(site: GateSite) -> None:
    site.edit("app.py", 'VERSION = "one"', "import nosuchmodule")
    process = site.fcgi(f"--listen=unix:{site.folder}/s", "--workers=2")
    assert process.wait_end() == 1
    assert "No module named 'nosuchmodule'" in process.text
    assert "Traceback" in process.text
    assert len(site.workers_started()) <= 2
    assert not (site.folder / "s").exists()


def test_a_bad_configuration_is_explained(site: GateSite) -> None:
    site.write("pyproject.toml", "[tool.iisgate]\nthread = 3\n")
    process = site.fcgi(f"--listen=unix:{site.folder}/s")
    assert process.wait_end() == 1
    assert "pyproject.toml:2:1" in process.text and "threads" in process.text


def test_a_worker_that_dies_at_its_start_is_explained(site: GateSite) -> None:
    site.write("app.py", "import os; os._exit(7)")
    process = site.fcgi(f"--listen=unix:{site.folder}/s")
    assert process.wait_end() == 1
    assert "exit status: 7" in process.text


def test_an_address_in_use(site: GateSite) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        process = site.fcgi(f"--listen=tcp:127.0.0.1:{port}")
        assert process.wait_end() == 2
    assert f"cannot listen at tcp:127.0.0.1:{port}" in process.text
    assert site.workers_started() == []


def test_a_socket_in_use(site: GateSite) -> None:
    _, address = _start(site)
    pid = _pid(address)
    process = site.fcgi(f"--listen=unix:{address}")
    assert process.wait_end() == 2
    assert "cannot listen at" in process.text
    assert _pid(address) == pid, "the one that listens goes on"


def test_a_socket_left_over(site: GateSite) -> None:
    process, address = _start(site)
    process.kill()
    site.wait_gone()
    assert isinstance(address, Path) and address.exists()
    site.log.path.unlink()
    _start(site)
    assert _pid(address)


def test_the_supervisor_killed_leaves_nothing(site: GateSite) -> None:
    process, address = _start(site, "--workers=2")
    _pid(address)
    process.kill()
    site.wait_gone()


def test_a_signal_finishes_what_is_in_flight(site: GateSite, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    process, address = _start(site)
    with Client.connect(address) as busy, Client.connect(address) as idle:
        pid = facts(idle.ask())["pid"]
        busy.start("GET", "/hold", f"told={told.path}&wait={wait.path}")
        busy.end_body()
        told.wait()
        process.signal(signal.SIGTERM)
        assert idle.is_closed(), "a connection that rests is closed at once"
        assert is_alive(pid)
        wait.open()
        assert facts(busy.response())["pid"] == pid
        assert busy.is_closed()
    assert process.wait_end() == 0
    assert site.processes() == {}
