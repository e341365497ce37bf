"""Owns that a gate which may not hand its pipe over passes the bytes on, and nothing else changes.

Does not own passing on itself: that is tested beside the code.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from support.gate_site import GateSite, facts
from support.waiting import Latch, until

LatchMaker = Callable[[str], Latch]


def test_requests_and_bodies_pass(site: GateSite) -> None:
    gate = site.gate("--relay")
    assert len({gate.pid() for _ in range(100)}) == 1
    answer = gate.client.ask("POST", "/digest", body=b"x" * 3_000_000)
    assert facts(answer)["length"] == 3_000_000


def test_relayed_and_handed_over_pipes_share_a_worker(site: GateSite) -> None:
    gates = [site.gate("--relay"), site.gate(), site.gate("--relay")]
    assert len({gate.pid() for gate in gates}) == 1


def test_the_web_server_ends_it(site: GateSite) -> None:
    gate = site.gate("--relay")
    gate.pid()
    gate.hang_up()
    assert gate.wait_end() == 0
    until("the worker ends", lambda: not site.workers())


def test_a_signal_finishes_the_request_in_flight(site: GateSite, latch: LatchMaker) -> None:
    told, wait = latch("told"), latch("wait")
    gate = site.gate("--relay")
    pid = gate.pid()
    gate.begin("/hold", f"told={told.path}&wait={wait.path}")
    told.wait()
    gate.signal(signal.SIGTERM)
    wait.open()
    assert facts(gate.client.response())["pid"] == pid
    assert gate.client.is_closed()
    assert gate.wait_end() == 0


def test_a_killed_worker_ends_the_instance_and_the_next_one_serves(site: GateSite) -> None:
    gate = site.gate("--relay")
    pid = gate.pid()
    os.kill(pid, signal.SIGKILL)
    gate.wait_end()
    assert site.gate("--relay").pid() != pid
