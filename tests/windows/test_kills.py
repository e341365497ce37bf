"""What is killed or cut off takes along what was in flight on it, tells so, and nothing else: no pipe, no process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from instance_support.instances import Instance, Site, facts, is_lost, shared
from support.fcgi_client import Closed
from support.waiting import until

pytest_plugins = ["instance_support.fixtures"]

#: What a gate ends with when its pipe is in the middle of something that nobody can finish.
BROKEN = 2


def in_flight(site: Site, path: str = "/hold", count: int = 1) -> list[Instance]:
    """Instances whose requests the app works on until the latch ``held-N`` is opened."""
    instances = [site.instance() for _ in range(count)]
    for number, instance in enumerate(instances):
        latch = site.latch(f"held-{number}")
        instance.begin(path, latch.query)
        latch.wait()
    return instances


def test_a_gate_is_killed_while_idle(site: Site) -> None:
    gate, other = site.instance(), site.instance()
    worker = shared([gate, other])
    gate.kill()
    assert gate.client.is_closed()
    assert other.worker() == worker
    other.hang_up()
    assert other.exit_code() == 0
    site.until_gone()


@pytest.mark.parametrize("path", ["/hold", "/half"])
def test_a_gate_is_killed_with_a_request_in_flight(site: Site, path: str) -> None:
    gate, busy, idle = *in_flight(site, path, count=2), site.instance()
    worker = idle.worker()
    if path == "/half":
        gate.client.read_until(b"first")
    gate.kill()
    assert gate.client.is_closed(), "IIS is told although the app still works on it"
    assert idle.worker() == worker
    site.latch("held-0").open()
    site.latch("held-1").open()
    assert busy.client.response().status == 200
    assert shared([busy, idle]) == worker


def test_all_gates_are_killed_at_once(site: Site) -> None:
    """As an app pool is ended. What the app has started goes, too."""
    gates = [site.instance() for _ in range(4)]
    shared(gates)
    facts(gates[0].ask("/child"))
    assert site.children()
    with ThreadPoolExecutor(len(gates)) as pool:
        list(pool.map(Instance.kill, gates))
    site.until_gone()
    assert all(gate.client.is_closed() for gate in gates)


def test_all_gates_are_killed_with_requests_in_flight(site: Site) -> None:
    gates = in_flight(site, count=2)
    for gate in gates:
        gate.kill()
    site.until_logged("no gate is left: the worker ends")
    site.latch("held-0").open()
    site.latch("held-1").open()
    site.until_gone()


def test_a_worker_that_is_slow_to_end_is_in_nobody_s_way(site: Site) -> None:
    """It ends when its exit handlers have, and is waited for no longer than they are given."""
    gate, latch = site.instance(), site.latch("at-exit")
    worker = facts(gate.ask("/at-exit", latch.query))["pid"]
    gate.kill()
    latch.wait()
    next_gate = site.instance()
    assert next_gate.worker() != worker
    assert len(site.workers()) == 2
    latch.open()
    until("the old worker to end", lambda: len(site.workers()) == 1)
    assert next_gate.worker() != worker


def test_a_worker_is_killed_while_idle_again_and_again(site: Site) -> None:
    gates, seen = [site.instance() for _ in range(4)], set()
    for _ in range(3):
        worker = shared(gates)
        assert worker not in seen
        seen.add(worker)
        site.web.kill(worker)
    assert shared(gates) not in seen
    assert len(site.workers()) == 1


def test_a_worker_is_killed_before_it_answered(site: Site) -> None:
    busy, idle = in_flight(site, count=2), [site.instance(), site.instance()]
    worker = shared(idle)
    site.web.kill(worker)
    assert [is_lost(gate.client.response()) for gate in busy] == [True, True]
    assert shared([*busy, *idle]) != worker


def test_a_worker_is_killed_in_the_middle_of_its_answer(site: Site) -> None:
    (gate,), other = in_flight(site, "/half"), site.instance()
    worker = other.worker()
    gate.client.read_until(b"first")
    site.web.kill(worker)
    with pytest.raises(Closed) as closed:
        gate.client.response()
    assert closed.value.response.stdout == b"", "nothing may look like the rest of an answer"
    assert gate.exit_code() == BROKEN
    assert other.worker() != worker


@pytest.mark.parametrize("sent", [10, 500_000])
def test_a_worker_is_killed_with_an_unread_body(site: Site, sent: int) -> None:
    gate, other, latch = site.instance(), site.instance(), site.latch()
    worker = other.worker()
    gate.start("POST", "/read", latch.query, length=1_000_000)
    with ThreadPoolExecutor(1) as pool:
        # As much as fits: nobody reads it.
        sending = pool.submit(gate.client.body, b"x" * sent)
        latch.wait()
        site.web.kill(worker)
        # Its place in the stream of records is lost, so the pipe is of no use: an answer would say it were.
        with pytest.raises(Closed) as closed:
            gate.client.response()
        assert closed.value.response.stdout == b""
        sending.exception()
    assert gate.exit_code() == BROKEN
    assert other.worker() != worker


def test_requests_that_reach_a_worker_which_does_not_get_to_them(site: Site) -> None:
    """One request holds the interpreter up, in C, and the worker is killed: the others are lost or served, not hung."""
    stuck, others = site.instance(), [site.instance() for _ in range(3)]
    worker = shared([stuck, *others])
    stuck.begin("/stick")
    site.latch("stuck").wait()
    for other in others:
        other.begin("/")
    site.web.kill(worker)
    assert is_lost(stuck.client.response())
    for other in others:
        try:
            answer = other.client.response()
        except Closed:
            continue
        assert is_lost(answer) or facts(answer)["pid"] != worker


def test_only_requests_in_flight_are_lost(site: Site) -> None:
    """Four instances ask without a pause while their worker is killed; one that is broken is replaced, as by IIS."""
    count, kills = 200, 3
    seen: list[int] = []

    def ask(number: int) -> int:
        gate, lost = site.instance(), 0
        for request in range(count):
            token = f"token={number}.{request}"
            try:
                answer = gate.ask("/", token)
            except Closed:
                gate, lost = site.instance(), lost + 1
                continue
            if answer.status == 500 and is_lost(answer):
                lost += 1
                continue
            told = facts(answer)
            assert told["query"] == token
            seen.append(told["pid"])
        return lost

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask, number) for number in range(4)]
        for kill in range(kills):
            until("some to be answered", lambda kill=kill: len(seen) > (kill + 1) * count // 2)
            site.web.kill(seen[-1])
        lost = [each.result() for each in asking]
    assert all(number <= kills for number in lost)
    assert len(seen) + sum(lost) == 4 * count
    assert len(set(seen)) == kills + 1
    assert len(site.workers()) == 1


@pytest.mark.parametrize("path", ["/hold", "/half"])
def test_a_client_hangs_up_in_mid_request(site: Site, path: str) -> None:
    (gate,), other = in_flight(site, path), site.instance()
    worker = other.worker()
    gate.hang_up()
    assert other.worker() == worker
    site.latch("held-0").open()
    assert gate.exit_code() == 0
    assert other.worker() == worker


def test_a_client_hangs_up_in_mid_body(site: Site) -> None:
    """The app's read fails: it need not be waited for."""
    gate, other, latch = site.instance(), site.instance(), site.latch()
    worker = other.worker()
    gate.start("POST", "/read", latch.query, length=1000)
    gate.client.body(b"x" * 500)
    latch.wait()
    latch.open()
    gate.hang_up()
    assert gate.exit_code() == 0
    assert other.worker() == worker
