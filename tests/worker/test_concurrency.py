"""Owns who waits for whom: idle connections for nobody, slow requests for nobody but their thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from urllib.parse import urlencode

from support import looking
from support.fcgi_client import Client
from support.waiting import Latch, until
from support.worker import Worker


def slow(client: Client, latch: Callable[[str], Latch], name: str) -> Latch:
    """Starts a request that holds a thread until the latch it gives is opened."""
    came, go = latch(f"{name}-came"), latch(f"{name}-go")
    client.start(path="/slow", query=urlencode({"came": came.path, "go": go.path}))
    client.end_body()
    came.wait()
    return go


def test_idle_connections_hold_no_thread(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker("answering:app", "--threads=4")
    idle = [worker.connect() for _ in range(20)]
    for client in idle:
        assert client.ask(path="/list").text == "one item"
    with worker.connect() as another:
        assert another.ask(path="/list").text == "one item"
    # Half a request is idle, too.
    for client in idle[:10]:
        client.start("POST", "/list", length=10)
        client.send(b"\x01")
    with worker.connect() as another:
        assert another.ask(path="/list").text == "one item"
    for client in idle[10:]:
        assert client.ask(path="/list").text == "one item"
    for client in idle:
        client.close()


def test_requests_without_end_of_params_hold_no_thread(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker("answering:app", "--threads=2")
    halves = [worker.connect() for _ in range(8)]
    for client in halves:
        client.send(b"\x01\x01\x00\x01\x00\x08\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x01\x04")
    assert worker.ask(path="/list").text == "one item"
    for client in halves:
        client.close()


def test_a_slow_request_delays_none_while_a_thread_is_free(
    start_worker: Callable[..., Worker], latch: Callable[[str], Latch]
) -> None:
    worker = start_worker("answering:app", "--threads=4")
    clients = [worker.connect() for _ in range(4)]
    gates = [slow(client, latch, f"slow{n}") for n, client in enumerate(clients[:3])]
    for _ in range(50):
        assert clients[3].ask(path="/list").text == "one item"
        assert worker.ask(path="/list").text == "one item"
    for gate, client in zip(gates, clients[:3], strict=True):
        gate.open()
        assert client.response().text == "at last"
    for client in clients:
        client.close()


def test_as_many_at_once_as_there_are_threads(
    start_worker: Callable[..., Worker], latch: Callable[[str], Latch]
) -> None:
    worker = start_worker("answering:app", "--threads=3")
    clients = [worker.connect() for _ in range(4)]
    gates = [slow(client, latch, f"slow{n}") for n, client in enumerate(clients[:3])]
    came, go = latch("fourth-came"), latch("fourth-go")
    clients[3].start(path="/slow", query=urlencode({"came": came.path, "go": go.path}))
    clients[3].end_body()
    assert came.is_silent(0.3), "a fourth thread"
    gates[1].open()
    came.wait()
    for gate in (gates[0], gates[2], go):
        gate.open()
    assert [client.response().text for client in clients] == ["at last"] * 4
    for client in clients:
        client.close()


def test_one_thread_serves_many_connections(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker("answering:app", "--threads=1")
    clients = [worker.connect() for _ in range(12)]
    for client in clients * 3:
        assert client.ask(path="/list").text == "one item"
    for client in reversed(clients):
        client.close()
    assert worker.ask(path="/list").text == "one item"


def test_an_idle_app_starts_no_more_threads_than_it_needs(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker("answering:app", "--threads=16")
    for _ in range(100):
        assert worker.ask(path="/list").text == "one item"
    assert len(looking.threads(worker.process.pid)) <= 5


def test_sixteen_clients_hammer(start_worker: Callable[..., Worker]) -> None:
    """Kept connections and new ones, all at once: each answer is its own request's."""
    worker = start_worker("reading:app", "--threads=4")
    failures: list[str] = []

    def hammer(who: int) -> None:
        try:
            with worker.connect() as client:
                for turn in range(60):
                    body = f"{who:02}{turn:02}".encode()
                    answers = [client.ask("POST", "/some", body=body).body]
                    if turn % 10 == 0:
                        answers.append(worker.ask("POST", "/some", body=body).body)
                    if any(answer != body for answer in answers):
                        failures.append(f"{body!r} got {answers}")
        except Exception as error:  # noqa: BLE001 - told by the main thread
            failures.append(f"client {who}: {error!r}")

    threads = [threading.Thread(target=hammer, args=(who,)) for who in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures, failures[:3]


def test_closed_connections_are_forgotten(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker("answering:app", "--threads=2")

    def descriptors() -> int:
        return looking.open_descriptors(worker.process.pid)

    assert worker.ask(path="/list").status == 200
    before = descriptors()
    clients = [worker.connect() for _ in range(100)]
    for client in clients[::2]:
        client.ask(path="/list")
    for client in clients:
        client.close()
    until("descriptors are as few as before", lambda: descriptors() <= before + 1)
