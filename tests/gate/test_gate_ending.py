"""Owns how gates and workers end: end of the pipe, SIGTERM, kill -9, the last gate, the grace.

Does not own the supervisor of ``--listen``.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from support import records
from support.fcgi_client import Client
from support.gate_site import GateSite, catches, facts, is_alive, is_resting
from support.helpers import Helped, make_fifo
from support.waiting import Latch, until

LatchMaker = Callable[[str], Latch]


def test_the_end_of_the_pipe_ends_the_gate(site: GateSite) -> None:
    gate = site.gate()
    gate.pid()
    gate.hang_up()
    assert gate.wait_end() == 0


def test_a_pipe_that_never_asked(site: GateSite) -> None:
    gate = site.gate()
    gate.hang_up()
    assert gate.wait_end() == 0


def test_a_pipe_that_never_asked_and_names_no_site(site: GateSite) -> None:
    gate = site.gate(site=None)
    gate.hang_up()
    assert gate.wait_end() == 0
    assert site.workers_started() == []


def test_the_worker_ends_after_its_last_gate(site: GateSite) -> None:
    first, second = site.gate(), site.gate()
    pid = first.pid()
    assert second.pid() == pid
    first.hang_up()
    first.wait_end()
    assert second.pid() == pid
    second.hang_up()
    site.log.wait("no gate is left: the worker ends")
    until("the worker is gone", lambda: not is_alive(pid))


def test_a_gate_within_the_grace_finds_the_worker(site: GateSite) -> None:
    first = site.gate(grace=20)
    pid = first.pid()
    first.hang_up()
    assert first.wait_end() == 0
    second = site.gate(grace=20)
    assert second.pid() == pid
    # Nobody waits 20 seconds for the next test.
    second.hang_up()
    second.wait_end()
    os.kill(pid, signal.SIGTERM)
    until("the worker ends when told to", lambda: not is_alive(pid))


def test_grace_0_ends_at_once(site: GateSite) -> None:
    gate = site.gate(grace=0)
    pid = gate.pid()
    gate.hang_up()
    until("the worker is gone", lambda: not is_alive(pid), seconds=15)
    assert site.gate(grace=0).pid() != pid


@pytest.mark.long("takes 80 seconds")
@pytest.mark.parametrize("listens", [False, True])
def test_a_worker_whose_python_never_comes_back_does_not_stay(
    site: GateSite, latch: LatchMaker, listens: bool
) -> None:
    """The app holds the interpreter, as native code may."""
    told = latch("told")
    site.edit("app.py", '    elif path == "/digest":', """\
    elif path == "/hang":
        import ctypes, subprocess

        subprocess.Popen(["sleep", "600"])
        tell(query["told"])
        ctypes.PyDLL(None).sleep(600)
    elif path == "/digest":""")
    if listens:
        gate = site.fcgi(f"--listen=unix:{site.folder / 's'}")
        site.log.wait("listening at")
        client = Client.connect(site.folder / "s")
    else:
        gate = site.gate(grace=0)
        client = gate.client
    pid = int(facts(client.ask())["pid"])
    client.send(records.request(records.params("GET", "/hang", f"told={told.path}")))
    told.wait()
    gate.kill()
    until("the worker is gone with what it had started", lambda: not is_alive(pid), seconds=120)
    until("nothing is left", lambda: site.processes() == {})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_finishes_the_request_in_flight(site: GateSite, latch: LatchMaker, number: int) -> None:
    told, wait = latch("told"), latch("wait")
    gate, other = site.gate(), site.gate()
    pid = other.pid()
    gate.begin("/hold", f"told={told.path}&wait={wait.path}")
    told.wait()
    gate.signal(number)
    assert other.pid() == pid
    wait.open()
    assert facts(gate.client.response())["pid"] == pid
    assert gate.client.is_closed()
    assert gate.wait_end() == 0
    assert other.pid() == pid


def test_a_signal_while_idle(site: GateSite) -> None:
    gate = site.gate()
    gate.pid()
    gate.signal(signal.SIGTERM)
    assert gate.wait_end() == 0
    assert gate.client.is_closed()


def test_a_signal_before_the_first_request_told_the_site(site: GateSite) -> None:
    gate = site.gate(site=None)
    until("the gate catches SIGTERM", lambda: catches(gate.process.pid, signal.SIGTERM))
    gate.signal(signal.SIGTERM)
    assert gate.wait_end() == 0


def test_a_killed_gate_costs_its_own_request_alone(site: GateSite, latch: LatchMaker) -> None:
    told, wait = latch("told"), latch("wait")
    gate, busy, idle = site.gate(), site.gate(), site.gate()
    pid = idle.pid()
    for each in (gate, busy):
        each.begin("/hold", f"told={told.path}&wait={wait.path}")
        told.wait()
    gate.kill()
    assert gate.client.is_closed(), "the worker drops the pipe of a gate that is no more"
    assert idle.pid() == pid
    wait.open()
    wait.open()
    assert facts(busy.client.response())["pid"] == pid
    assert idle.pid() == pid


def test_a_killed_gate_in_the_middle_of_an_answer(site: GateSite, latch: LatchMaker) -> None:
    told, wait = latch("told"), latch("wait")
    gate, idle = site.gate(), site.gate()
    pid = idle.pid()
    gate.begin("/half", f"told={told.path}&wait={wait.path}")
    gate.client.read_until(b"first")
    told.wait()
    gate.kill()
    assert gate.client.is_closed()
    wait.open()
    assert idle.pid() == pid


def test_all_gates_killed(site: GateSite) -> None:
    """As an IIS app pool is ended: nothing may be left behind."""
    gates = [site.gate() for _ in range(5)]
    pid = {gate.pid() for gate in gates}.pop()
    for gate in gates:
        gate.kill()
    until("the worker is gone", lambda: not is_alive(pid))


@pytest.mark.parametrize("listening", [False, True])
def test_who_waits_for_a_slow_helper_ends_when_told_to(site: GateSite, listening: bool) -> None:
    """Nobody waits for as long as the helper may take; who asked meanwhile is told."""
    helped = Helped(site, "--wait-for", str(make_fifo(site.folder / "wait")))
    if listening:
        process = site.fcgi(f"--listen=unix:{site.folder / 'app.sock'}")
        helped.wait_started(1)
        process.signal(signal.SIGTERM)
        assert process.wait_end(15) == 0
        return
    gates = helped.gates(3)
    for gate in gates:
        gate.begin("/")
    helped.wait_started(1)
    # One waits for the helper and the others for that one.
    for gate in gates:
        until("it waits", lambda pid=gate.process.pid: catches(pid, signal.SIGTERM) and is_resting(pid))
    for gate in reversed(gates):
        gate.signal(signal.SIGTERM)
        assert gate.wait_end(15) == 0
        assert gate.client.response().status == 500
    assert site.workers_started() == []
    helped.wait_gone()
