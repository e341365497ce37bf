"""Owns requests that take too long, and those that nobody waits for any more: what the client, the log and
the others notice of them.

Does not own what a killed worker costs: see ``test_gate_worker_death``.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from support import looking
from support.fcgi_client import Closed
from support.gate_site import Gate, GateSite, is_alive
from support.waiting import Latch, until

#: Good requests beside the bad one.
GOOD = 1000

CLOSING = """
import os
from app import pause, parse_qsl

class Body:
    def __init__(self, query):
        self.query = query

    def __iter__(self):
        yield b"first"
        pause(self.query)
        while True:
            yield b"more"

    def close(self):
        print("the body is closed")

def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/pid":
        return [str(os.getpid()).encode()]
    return Body(dict(parse_qsl(environ["QUERY_STRING"])))
"""


def _hold(latch: Callable[[str], Latch]) -> tuple[str, Latch, Latch]:
    told, wait = latch("told"), latch("wait")
    return f"told={told.path}&wait={wait.path}", told, wait


def test_a_request_that_never_returns(site: GateSite, latch: Callable[[str], Latch]) -> None:
    """Exactly one 504, its stack in the log, and afterwards everything as before."""
    query, told, _ = _hold(latch)
    bad, *good = [site.gate("--timeout=1") for _ in range(4)]
    pid = bad.pid()
    for gate in good:
        gate.pid()
    before = len(site.processes())
    memory = looking.rss_bytes(pid)
    statuses: Counter[int] = Counter()
    lock = threading.Lock()

    def ask(gate: Gate) -> None:
        for _ in range(GOOD // len(good) + 1):
            status = gate.client.ask().status
            with lock:
                statuses[status] += 1

    bad.begin("/hold", query)
    told.wait()
    threads = [threading.Thread(target=ask, args=(gate,)) for gate in good]
    for thread in threads:
        thread.start()
    answer = bad.client.response()
    for thread in threads:
        thread.join()
    assert answer.status == 504 and "did not answer in time" in answer.text
    assert set(statuses) == {200} and statuses[200] >= GOOD
    line = site.log.wait_line("GET /hold takes longer than 1 s: it is answered 504")
    assert line.level == "ERROR" and line.request in answer.text
    text = site.log.wait("fifo.read(1)")
    assert "in pause" in text and text.count("it is answered 504") == 1
    until("the worker is another one", lambda: bad.pid() != pid)
    until("the old one is gone", lambda: not is_alive(pid))
    assert len(site.processes()) == before
    assert looking.rss_bytes(bad.pid()) < memory * 1.5
    assert len(site.workers_started()) == 2


def test_others_are_served_although_the_only_thread_is_stuck(
    site: GateSite, latch: Callable[[str], Latch]
) -> None:
    query, told, _ = _hold(latch)
    bad, good = (site.gate("--timeout=0.5", "--threads=1") for _ in range(2))
    pid = bad.pid()
    assert good.pid() == pid
    bad.begin("/hold", query)
    told.wait()
    good.begin("/")
    assert good.client.response().status == 200
    assert bad.client.response().status == 504
    assert bad.client.ask().status == 200
    until("the old worker is gone", lambda: not is_alive(pid))


def test_an_answer_that_has_begun_is_cut(site: GateSite, latch: Callable[[str], Latch]) -> None:
    query, told, _ = _hold(latch)
    bad, good = (site.gate("--timeout=0.5") for _ in range(2))
    pid = good.pid()
    bad.begin("/half", query)
    told.wait()
    with pytest.raises(Closed) as closed:
        bad.client.response()
    assert closed.value.response.status == 200 and not closed.value.response.is_ended
    site.log.wait_line("GET /half takes longer than 0.5 s: its answer had begun and is cut off")
    until("the worker is another one", lambda: good.pid() != pid)
    until("the old one is gone", lambda: not is_alive(pid))


def test_a_request_within_its_time_is_left_alone(site: GateSite, latch: Callable[[str], Latch]) -> None:
    query, told, wait = _hold(latch)
    site.write("pyproject.toml", "[tool.iisgate]\ntimeout = 20\n")
    gate = site.gate()
    pid = gate.pid()
    gate.begin("/hold", query)
    told.wait()
    wait.open()
    assert gate.client.response().status == 200
    assert gate.pid() == pid


def test_one_that_comes_back_after_all_does_no_harm(site: GateSite, latch: Callable[[str], Latch]) -> None:
    """Its pipe is served by others by then."""
    query, told, wait = _hold(latch)
    told_too, wait_too = latch("told too"), latch("wait too")
    bad, good = (site.gate("--timeout=2") for _ in range(2))
    pid = good.pid()
    bad.begin("/hold", query)
    told.wait()
    assert bad.client.response().status == 504
    # Something in flight keeps the old worker alive meanwhile.
    good.begin("/hold", f"told={told_too.path}&wait={wait_too.path}")
    told_too.wait()
    wait.open()
    site.log.wait_line("the app has ended the request that was given up")
    for _ in range(50):
        assert bad.client.ask().status == 200
    wait_too.open()
    assert good.client.response().status == 200
    until("the worker is another one", lambda: bad.pid() != pid and good.pid() != pid)


def test_a_killed_gates_request_is_told_and_closed(site: GateSite, latch: Callable[[str], Latch]) -> None:
    """As IIS ends an instance: the log tells where the app is at once, and `close()` runs when it comes back."""
    query, told, wait = _hold(latch)
    site.write("closing.py", CLOSING)
    gate, other = (site.gate(target="closing:app") for _ in range(2))
    pid = other.client.ask("GET", "/pid").body
    gate.begin("/body", query)
    told.wait()
    gate.kill()
    line = site.log.wait_line("GET /body: the web server gave the request up")
    assert line.level == "WARN"
    # At once: it may still be telling that it is there.
    site.log.wait_line("in pause")
    assert "the body is closed" not in site.log.text()
    wait.open()
    site.log.wait_line("the body is closed")
    assert other.client.ask("GET", "/pid").body == pid
