"""Owns several workers for the gates of a site: shared out evenly, each replaced for itself.

Does not own ``--listen``, which gives its socket to all workers: see ``test_gate_supervisor``.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence

import pytest

from support.gate_site import Gate, GateSite, facts, is_alive, kill_at_rest
from support.pipe_load import PipeLoad
from support.waiting import until

GATES = 8


def shares(gates: Sequence[Gate]) -> Counter[int]:
    """How many of the gates, asked at the same time, are at each worker."""
    for gate in gates:
        gate.begin("/")
    return Counter(facts(gate.client.response())["pid"] for gate in gates)


def even(gates: Sequence[Gate], workers: int = 2) -> set[int]:
    """The workers, each of which has its share."""
    found = shares(gates)
    assert sorted(found.values()) == [len(gates) // workers] * workers, found
    return set(found)


@pytest.mark.parametrize("said", ["flag", "file"])
def test_gates_that_come_at_once_are_shared_out(site: GateSite, said: str) -> None:
    if said == "file":
        site.write("pyproject.toml", "[tool.iisgate]\nworkers = 2\n")
    gates = [site.gate(*(["--workers=2"] if said == "flag" else [])) for _ in range(GATES)]
    workers = even(gates)
    assert workers == set(site.workers_started()) == set(site.workers())
    assert gates[0].facts()["multiprocess"] is True


def test_the_first_gates_have_one_each_and_no_more_are_started(site: GateSite) -> None:
    gates = []
    for count in range(1, 4):
        gates.append(site.gate("--workers=3"))
        assert len(shares(gates)) == len(site.workers_started()) == count


def test_who_comes_takes_the_place_of_who_went(site: GateSite) -> None:
    """IIS ends an instance after some requests, and may kill one."""
    gates = [site.gate("--workers=2") for _ in range(GATES)]
    workers = even(gates)
    chosen = max(workers)
    leaving = [gate for gate in gates if gate.pid() == chosen][:3]
    for gate in leaving[:2]:
        gate.kill()
    leaving[2].hang_up()
    leaving[2].wait_end()
    staying = [gate for gate in gates if gate not in leaving]
    assert even([*staying, *(site.gate("--workers=2") for _ in leaving)]) == workers
    assert len(site.workers_started()) == 2


def test_the_gates_of_a_dead_worker_stay_together(site: GateSite) -> None:
    gates = [site.gate("--workers=2") for _ in range(GATES)]
    dying, living = even(gates)
    theirs = [gate for gate in gates if gate.pid() == dying]
    kill_at_rest(dying)
    fresh = even(gates) - {living}
    assert living not in fresh and set(shares(theirs)) == fresh
    assert len(site.workers_started()) == 3


@pytest.mark.parametrize("why", ["requests", "code"])
def test_each_worker_has_its_own_successor(site: GateSite, why: str) -> None:
    """No request is lost meanwhile."""
    flag = "--max-requests=100" if why == "requests" else "--reload"
    gates = [site.gate("--workers=2", flag) for _ in range(GATES)]
    first = even(gates)
    with PipeLoad(gates) as load:
        if why == "code":
            (site.path / "app.py").touch()
        load.wait(600, 4)
    assert load.failed == []
    until("the first two are gone", lambda: not any(is_alive(pid) for pid in first))
    # One more may just be replaced.
    until("both have their share", lambda: sorted(shares(gates).values()) == [GATES // 2] * 2)
    until("two workers are left", lambda: len(site.workers()) == 2)
    if why == "code":
        assert len(site.workers_started()) == 4


def test_their_number_may_change(site: GateSite) -> None:
    site.write("pyproject.toml", "[tool.iisgate]\nreload = true\n")
    gates = [site.gate() for _ in range(GATES)]
    workers = set(shares(gates))
    assert len(workers) == 1
    with PipeLoad(gates) as load:
        for count in (2, 4, 1):
            site.edit("pyproject.toml", "reload = true", f"reload = true # {count}")
            text = re.sub(r"\nworkers.*", "", (site.path / "pyproject.toml").read_text())
            site.write("pyproject.toml", f"{text.rstrip()}\nworkers = {count}\n")
            until(f"{count} workers are left", lambda count=count: load.failed or len(site.workers()) == count, 60)
    assert load.failed == []
    assert len(shares(gates)) == 1


def test_claims_of_killed_gates_are_cleared_away(site: GateSite) -> None:
    killed = [site.gate("--workers=2") for _ in range(3)]
    shares(killed)
    for gate in killed:
        gate.kill()
    gates = [site.gate("--workers=2") for _ in range(2)]
    even(gates)
    assert len([name for name in os.listdir(site.rendezvous) if name.endswith(".gate")]) == 2
    for gate in gates:
        gate.hang_up()
        gate.wait_end()
    assert not [name for name in os.listdir(site.rendezvous) if name.endswith(".gate")]
