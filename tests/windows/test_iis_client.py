"""The gate serves an IIS-shaped client that is not ours, however that starts it and cuts what it sends."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from native import programs
from native.client import Started, Switches, ask, fine
from support import living
from support.waiting import until

#: Each way of starting that is not documented of IIS: the inherited end of the pipe, who is first at it (with a
#: pause, so that the process waits for its client), and what stands for stdout and stderr.
WAYS: list[Switches] = [
    {"pipe": pipe, "connect": connect, "connect_delay_ms": 300, "output": output}
    for pipe in ("overlapped", "synchronous")
    for connect in ("before", "after")
    for output in ("invalid", "nul")
]

#: Every response must be that of its request, and tell its process.
MARKED: Switches = {
    "query": "token={token}",
    "expect_token": "X-Token",
    "collect": ["X-Pid"],
    "ids": "rotating",
    # A request that takes longer is lost.
    "timeout_ms": 60_000,
    "linger_ms": 10_000,
    "strict": True,
}
HELLO: Switches = {**MARKED, "path": "/hello", "expect_text": "Hello, world!"}
ECHO: Switches = {**MARKED, "path": "/echo", "method": "POST", "expect_echo": True}

#: The first of four, started before the others, has a mishap with its hundred-and-first request.
FIRST_ONE: Switches = {"instances": 4, "one_by_one": True, "mishap_instances": 1, "mishap_after": 101}

STAGES = ["begin", "params", "body", "sent", "response"]


def named(way: Switches) -> str:
    return "-".join(str(value) for value in way.values() if isinstance(value, str))


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Started]:
    """What IIS starts; of a test that fails, pytest shows what was logged."""
    started = programs.ours(programs.site("checked", tmp_path))
    yield started
    log = started.site / "iisgate.log"
    print(log.read_text(encoding="utf-8", errors="replace") if log.is_file() else "nothing was logged")


def workers() -> list[living.WindowsProcess]:
    return living.alive("python.exe", "iisgate worker")


def nothing_is_left() -> None:
    """Neither a gate nor a worker; workers may stay for their grace period."""
    living.until_gone(lambda: living.alive("iisgate.exe") + workers())


@pytest.mark.parametrize("way", WAYS, ids=named)
def test_however_it_is_started(gate: Started, way: Switches) -> None:
    report = fine(gate, **way, **HELLO, requests=200, instances=2, random_cuts=True, params_cut=100)
    assert len(report.seen("X-Pid")) == 1
    assert [each.exit_code for each in report.instances] == [0, 0]
    nothing_is_left()


@pytest.mark.parametrize("way", WAYS[::2], ids=named)
def test_bodies_pass_both_ways_at_once(gate: Started, way: Switches) -> None:
    fine(gate, **way, **ECHO, body=700_001, requests=20, instances=2, random_cuts=True, stdin_padding=255)


@pytest.mark.parametrize(
    "cuts",
    [
        {"params_cut": 1},
        {"params_cut": 7, "params_padding": 100},
        {"params_cut": 300, "params_padding": 9, "random_cuts": True},
        {"write_cut": 1},
        {"write_cut": 11, "stdin_cut": 3, "random_cuts": True},
        {"stdin_cut": 1, "body": 5000},
        {"stdin_cut": 65535, "stdin_padding": 255, "read_after_write": True, "body": 200_000},
    ],
    ids=str,
)
def test_records_may_be_cut_anywhere(gate: Started, cuts: Switches) -> None:
    for seed in (1, 2):
        fine(gate, **{**ECHO, "body": 300, **cuts}, requests=5, instances=2, seed=seed)


@pytest.mark.parametrize("size", [0, 1, 512, 65_536, 1_048_576])
def test_a_pipe_may_have_any_buffer(gate: Started, size: int) -> None:
    fine(gate, **ECHO, pipe_buffer=size, body=300_000, requests=5, instances=2)


def test_20_000_requests_meet_one_python(gate: Started) -> None:
    counts = set()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(fine, gate, **HELLO, instances=4, requests=5000, patience=900)

        def look() -> bool:
            counts.add(len(workers()))
            return running.done()

        until("20,000 requests to be done", look, seconds=900, pause=0.2)
    report = running.result()
    assert max(counts) == 1
    assert (report.done, report.lost, report.mismatched) == (20_000, 0, 0)
    assert list(report.seen("X-Pid").values()) == [20_000]
    assert {(each.ended, each.exit_code) for each in report.instances} == {("within the grace", 0)}
    assert report.left_in_job == 0
    nothing_is_left()


@pytest.mark.parametrize("stage", STAGES)
def test_the_request_in_flight_is_finished_after_the_signal(gate: Started, stage: str) -> None:
    report = fine(
        gate, **ECHO, body=200_000, instances=3, requests=20, mishap="signal", mishap_after=10, mishap_stage=stage
    )
    assert [(each.done, each.ended, each.exit_code) for each in report.instances] == [(11, "within the grace", 0)] * 3
    nothing_is_left()


@pytest.mark.parametrize("stage", STAGES)
def test_a_client_may_hang_up_in_mid_request(gate: Started, stage: str) -> None:
    """The gate whose client has gone ends by itself; the others notice nothing."""
    report = fine(
        gate,
        **ECHO,
        body=200_000,
        instances=3,
        requests=60,
        mishap="hang-up",
        mishap_after=10,
        mishap_stage=stage,
        mishap_instances=1,
    )
    assert [each.done for each in report.instances] == [10, 60, 60]
    assert [(each.ended, each.exit_code) for each in report.instances] == [("within the grace", 0)] * 3
    assert len(report.seen("X-Pid")) == 1
    nothing_is_left()


@pytest.mark.parametrize("end", ["event", "close", "kill"])
@pytest.mark.parametrize("job", ["none", "closed", "breakaway"])
def test_nothing_is_left_however_it_ends(gate: Started, job: str, end: str) -> None:
    fine(replace(gate, end=end), **HELLO, job=job, requests=50, instances=3, one_by_one=True)
    nothing_is_left()


@pytest.mark.parametrize("job", ["none", "closed", "breakaway"])
def test_the_death_of_the_gate_that_started_the_worker_takes_none_along(gate: Started, job: str) -> None:
    report = fine(gate, **HELLO, **FIRST_ONE, mishap="kill", job=job, requests=200)
    assert [each.done for each in report.instances] == [100, 200, 200, 200]
    assert len(report.seen("X-Pid")) == 1
    nothing_is_left()


def test_a_worker_outlives_the_job_of_the_gate_that_started_it_where_that_is_allowed(gate: Started) -> None:
    report = fine(gate, **HELLO, **FIRST_ONE, mishap="kill-job", job="breakaway", job_per_instance=True, requests=200)
    assert [each.done for each in report.instances] == [100, 200, 200, 200]
    assert len(report.seen("X-Pid")) == 1
    nothing_is_left()


def test_where_it_may_not_only_requests_in_flight_are_lost(gate: Started) -> None:
    """A gate that lost its worker answers the request in flight with a page and goes on with the next worker, or it
    ends: IIS sees a reply or a clean error, but never waits in vain."""
    report = ask(gate, **HELLO, **FIRST_ONE, mishap="kill-job", job="closed", job_per_instance=True, requests=200)
    assert not [fault for fault in report.faults if "no response within" in fault], report
    for each in report.instances[1:]:
        assert each.lost + each.mismatched <= 1, report
        if not each.lost:
            assert each.done + each.mismatched == 200, report
            assert (each.ended, each.exit_code) == ("within the grace", 0)
    assert len(report.seen("X-Pid")) <= 2
    nothing_is_left()
