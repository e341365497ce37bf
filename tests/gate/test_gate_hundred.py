"""Owns a hundred requests at once on a hundred gates, whose worker is killed in the middle.

Does not own the same behind the stand-in: see ``tests/serve``.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.gate_site import Gate, GateSite, facts, kill_at_rest
from support.waiting import Latch, until

COUNT = 100


def _read_all(latch: Latch, count: int) -> None:
    got = 0
    while got < count:
        got += len(latch.wait())


@pytest.mark.parametrize("threads", [COUNT + 10, 30])
def test_only_those_in_flight_fail(site: GateSite, latch: Callable[[str], Latch], threads: int) -> None:
    told, wait = latch("told"), latch("wait")
    gates: list[Gate] = [site.gate(f"--threads={threads}") for _ in range(COUNT)]
    pids = {gate.pid() for gate in gates}
    assert len(pids) == 1
    for gate in gates:
        gate.begin("/hold", f"told={told.path}&wait={wait.path}")
    in_flight = min(COUNT, threads)
    _read_all(told, in_flight)
    assert told.is_silent()
    pid = pids.pop()
    kill_at_rest(pid)
    # Those that no thread had taken up are served by the next worker.
    for _ in range(COUNT - in_flight):
        wait.open()
    answers = [gate.client.response() for gate in gates]
    lost = [answer for answer in answers if answer.status == 500]
    assert all("The worker ended while it answered" in answer.text for answer in lost)
    assert len(lost) == in_flight
    served = {facts(answer)["pid"] for answer in answers if answer.status != 500}
    pids = {gate.pid() for gate in gates}
    assert len(pids) == 1 and pid not in pids
    assert not served or served == pids
    assert len(site.workers_started()) == 2
    for gate in gates:
        gate.hang_up()
    assert {gate.wait_end() for gate in gates} == {0}
    until("no process is left", lambda: not site.processes())
