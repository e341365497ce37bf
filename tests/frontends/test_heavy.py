"""Owns large bodies and rude visitors: once per front end, with the Flask example."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import looking, processes
from support.fronts import FRONTS, Front
from support.waiting import until

#: Of the upload, and of the answer that is streamed.
UPLOAD_BYTES = 100_000_000
STREAM_MIB = 1024
#: What a worker may take, whatever passes through it.
RSS_MAX = 120 * 1024 * 1024

BLOCK = bytes(range(256)) * 256


@pytest.fixture(scope="module", params=list(FRONTS))
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    with FRONTS[request.param]("flask") as started:
        yield started


def workers() -> list[int]:
    return [pid for pid, command in processes.ours().items() if "iisgate worker" in command]


def assert_small() -> None:
    for pid in workers():
        assert looking.rss_bytes(pid) < RSS_MAX


def test_an_upload_of_100_mb(front: Front) -> None:
    seed = os.urandom(1_000_000)
    expected = hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        for turn in range(UPLOAD_BYTES // len(seed)):
            piece = seed[turn:] + seed[:turn]
            expected.update(piece)
            yield piece

    answer = front.ask("POST", "/sha256", pieces(), {"Content-Length": str(UPLOAD_BYTES)})
    assert answer.json == {"length": UPLOAD_BYTES, "sha256": expected.hexdigest()}
    assert_small()


def test_an_answer_of_1_gib(front: Front) -> None:
    answer = front.ask("GET", f"/stream?mib={STREAM_MIB}")
    assert answer.status == 200
    total, digest = 0, hashlib.sha256()
    for chunk in answer.chunks(1024 * 1024):
        digest.update(chunk)
        total += len(chunk)
    assert total == STREAM_MIB * 1024 * 1024
    expected = hashlib.sha256()
    large = BLOCK * 16
    for _ in range(STREAM_MIB):
        expected.update(large)
    assert digest.hexdigest() == expected.hexdigest()
    assert_small()


def test_slow_requests_at_once(front: Front) -> None:
    """Sixteen seconds of waiting for sixteen visitors take little more than one."""

    def visit(_: int) -> int:
        return front.ask("GET", "/slow?seconds=1").status

    begun = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(visit, range(16))) == [200] * 16
    assert time.monotonic() - begun < 8


def test_a_visitor_who_hangs_up_during_the_answer(front: Front) -> None:
    for _ in range(5):
        answer = front.ask("GET", "/stream?mib=4096")
        assert len(next(answer.chunks(100_000))) > 0
        answer.drop()
    # Nobody listens: the endless answers end, and their threads are free again.
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: front.ask("GET", "/hello").status, range(64)))
    assert statuses == [200] * 64
    until("the workers rest", _resting(), pause=0.2)


def test_a_visitor_who_hangs_up_during_the_upload(front: Front) -> None:
    for _ in range(5):
        front.hang_up_during_upload("/sha256", 100_000_000, b"x" * 100_000)
    assert front.ask("GET", "/hello").status == 200


def _resting() -> Callable[[], bool]:
    """Tells whether the workers used no time since it was asked before."""
    before: dict[int, int] = {}

    def rests() -> bool:
        now = {pid: looking.cpu_ticks(pid) for pid in workers()}
        calm = now.keys() == before.keys() and all(now[pid] - before[pid] <= 1 for pid in now)
        before.clear()
        before.update(now)
        return calm

    return rests
