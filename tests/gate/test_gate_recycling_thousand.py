"""Owns gates that come and go, as IIS recycles its instances: a thousand of them cost one Python start.

Does not own a hundred at once: see ``test_gate_hundred``.
"""

from __future__ import annotations

import threading

from support.gate_site import GateSite
from support.waiting import until

GATES = 1000
AT_ONCE = 4


def test_a_thousand_gates_have_one_worker(site: GateSite) -> None:
    stays = site.gate()
    pid = stays.pid()
    served: list[int] = []
    wrong: list[str] = []

    def come_and_go() -> None:
        for _ in range(GATES // AT_ONCE):
            gate = site.gate()
            served.append(gate.pid())
            gate.hang_up()
            if status := gate.wait_end():
                wrong.append(f"a gate ended with {status}: {gate.text}")

    threads = [threading.Thread(target=come_and_go) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(served) == GATES and set(served) == {pid}
    assert stays.pid() == pid
    assert site.workers_started() == [pid]
    until("only one gate and its worker are left", lambda: len(site.processes()) == 2)


def test_waiting_and_handling_are_told_apart(site: GateSite) -> None:
    """At debug level, which the developer's page brings along."""
    gate = site.gate("--debug")
    gate.pid()
    line = site.log.wait_line("GET /: 200; waited ")
    assert line.level == "DEBUG" and " ms; handled in " in line.text
