"""Owns that a request leaves nothing behind in Python, however it is answered.

Does not own the worker's memory under pressure: see ``test_pressure``. A debug build of Python counts references, too.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from support.fcgi_client import Closed
from support.worker import Worker

#: What each request leaves is there so many times more after every round of them.
REQUESTS = 200

#: Python's own caches fill more and more slowly: a round comes in which less than a tenth of that is new.
ROUNDS = 20

WAYS = {
    "/list": b"", "/read": b"x" * 5000, "/lines": b"a line\n" * 20, "/write": b"", "/unread": b"x" * 5000,
    "/error": b"", "/late": b"", "/twice": b"", "/wrong": b"",
}


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker("leaking:app", "--threads=1") as worker:
        yield worker


def held(worker: Worker) -> list[int]:
    return [int(number) for number in worker.ask(path="/blocks").text.split()]


@pytest.mark.parametrize("path", WAYS)
def test_nothing_stays(worker: Worker, path: str) -> None:
    before, told = held(worker), []
    for _ in range(ROUNDS):
        for _ in range(REQUESTS):
            # An answer that breaks off ends its connection.
            with contextlib.suppress(Closed):
                worker.ask("POST" if WAYS[path] else "GET", path, body=WAYS[path])
        after = held(worker)
        told.append([now - then for then, now in zip(before, after, strict=True)])
        if max(told[-1]) < REQUESTS // 10:
            return
        before = after
    raise AssertionError(f"blocks and references that came to stay with every {REQUESTS} requests: {told}")
