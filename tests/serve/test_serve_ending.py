"""Owns that the stand-in ends everything it started, however it ends, and what killed workers cost.

Does not own the gate's part with other web servers: see ``tests/gate``.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.gate_site import kill_at_rest
from support.serve_site import ServeSite, handler
from support.waiting import Latch, until


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_everything(site: ServeSite, number: int) -> None:
    serve = site.serve()
    serve.get("/").json()
    assert len(site.processes()) == 3
    serve.process.send_signal(number)
    assert serve.wait_end() == 0
    serve.wait_line("ended")
    assert site.gates() == []
    until("the worker is gone after its grace", lambda: not site.processes())


def test_ctrl_c_of_a_terminal(site: ServeSite) -> None:
    """A terminal sends SIGINT to the whole group in front, which instances are not in."""
    serve = site.serve()
    serve.get("/").json()
    os.killpg(serve.process.pid, signal.SIGINT)
    assert serve.wait_end() == 0
    until("all are gone", lambda: not site.processes())


def test_a_signal_while_requests_are_under_way(site: ServeSite, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    serve = site.serve()
    with serve.raw(f"GET /hold?told={told.path}&wait={wait.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as sock:
        told.wait()
        serve.process.send_signal(signal.SIGINT)
        wait.open()
        answer = b""
        while piece := sock.recv(4096):
            answer += piece
        assert answer.startswith(b"HTTP/1.1 200")
    assert serve.wait_end() == 0


def test_a_signal_while_a_request_hangs(site: ServeSite, latch: Callable[[str], Latch]) -> None:
    """Who waits at a terminal does not wait for a request that never ends."""
    told, wait = latch("told"), latch("wait")
    serve = site.serve()
    with serve.raw(f"GET /hold?told={told.path}&wait={wait.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()):
        told.wait()
        serve.process.send_signal(signal.SIGINT)
        assert serve.wait_end() == 0
    assert site.gates() == []
    wait.open()
    until("the worker is gone", lambda: not site.processes())


def test_killed_it_leaves_nothing(site: ServeSite) -> None:
    serve = site.serve()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: serve.get("/meet?count=4").json(), range(4)))
    assert len(site.gates()) >= 4
    serve.process.kill()
    serve.process.wait()
    until("nothing is left", lambda: not site.processes())


def test_an_address_in_use(site: ServeSite) -> None:
    first = site.serve()
    second = site.serve(port=first.port)
    assert second.wait_end() == 2
    assert f"127.0.0.1:{first.port}" in second.text


@pytest.mark.parametrize("threads", [110, 16])
def test_a_worker_killed_among_a_hundred_requests(
    site: ServeSite, latch: Callable[[str], Latch], threads: int
) -> None:
    told, wait = latch("told"), latch("wait")
    site.write("web.config", handler(rf"C:\iisgate\iisgate.exe|fcgi app:app --grace 0.5 --threads {threads}"))
    serve = site.serve("--max-instances=100")
    pid = serve.get("/").json()["pid"]
    in_flight = min(threads, 100)
    entered = threading.Event()

    def kill_when_all_are_in() -> None:
        got = 0
        while got < in_flight:
            got += len(told.wait(60))
        until("all instances are there", lambda: len(site.gates()) == 100)
        kill_at_rest(pid)
        entered.set()
        for _ in range(100 - in_flight):
            wait.open()

    killer = threading.Thread(target=kill_when_all_are_in)
    killer.start()
    with ThreadPoolExecutor(100) as pool:
        answers = list(pool.map(lambda _: serve.get(f"/hold?told={told.path}&wait={wait.path}"), range(100)))
    killer.join()
    assert entered.is_set()
    lost = [answer for answer in answers if answer.status == 500]
    assert {answer.status for answer in answers} <= {200, 500}
    assert all("The worker ended while it answered" in answer.text for answer in lost)
    assert len(lost) == in_flight
    after = {serve.get("/").json()["pid"] for _ in range(5)}
    assert len(after) == 1 and pid not in after
    assert {answer.json()["pid"] for answer in answers if answer.status == 200} <= after
    serve.process.send_signal(signal.SIGTERM)
    assert serve.wait_end() == 0
    until("no process is left", lambda: not site.processes())


def test_a_worker_killed_between_requests_costs_nothing(site: ServeSite) -> None:
    serve = site.serve()
    seen = set()
    for _ in range(5):
        pid = serve.get("/").json()["pid"]
        assert pid not in seen
        seen.add(pid)
        kill_at_rest(pid)
    assert serve.get("/").json()


def test_a_changed_file_with_reload(site: ServeSite) -> None:
    serve = site.serve("--reload")
    assert serve.get("/").json()["version"] == "one"
    text = (site.path / "app.py").read_text()
    site.write("app.py", text.replace('"one"', '"two"'))
    until("the new code answers", lambda: serve.get("/").json()["version"] == "two")
