"""Owns what flows between a client and an ASGI app: both ways at once, held back, broken off, a hundred at a time.

Does not own what may be sent (``test_asgi_rules``).
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from support import records
from support.fcgi_client import Client
from support.looking import rss_bytes
from support.waiting import until
from support.worker import Worker

SITE = Path(__file__).parent / "asgi_apps"
MIB = 1024 * 1024


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker("rules:app", site=SITE) as worker:
        yield worker


def seen(worker: Worker) -> list[str]:
    told: list[str] = json.loads(worker.ask(path="/seen").text)
    return told


def wait_for(worker: Worker, text: str) -> None:
    def is_seen() -> bool:
        # A worker with a limit of time may be slower than that.
        answer = worker.ask(path="/seen")
        return answer.status == 200 and text in json.loads(answer.text)

    until(f"{text!r} among what the app saw", is_seen)


def test_both_directions_at_once(worker: Worker) -> None:
    """What the app sends comes while it waits for the body, whatever it sent before."""
    with worker.connect() as client:
        client.start("POST", "/duplex", length=6)
        client.read_until(b"tick 2\n")
        client.body(b"abc")
        client.body(b"def", end=True)
        assert client.response().stdout == b"got abcdef"
        client.start("POST", "/echo", length=-1)
        for count in range(20):
            client.body(b"piece %d;" % count)
            client.read_until(b"piece %d;" % count)
        client.end_body()
        assert client.response().app_status == 0


def test_an_echo_of_more_than_any_buffer(worker: Worker) -> None:
    """The web server sends all of the body before it reads a byte: the app is held back, nothing is lost."""
    block = bytes(range(251)) * 260
    expected = sha256()
    with worker.connect() as client:
        client.start("POST", "/echo", length=len(block) * 160)
        for _ in range(160):
            client.body(block)
            expected.update(block)
        client.end_body()
        answer = client.response()
        assert sha256(answer.body).digest() == expected.digest()
        assert client.ask(path="/unread").text == "not read"


def test_a_slow_client_holds_the_app_back(worker: Worker) -> None:
    before = rss_bytes(worker.process.pid)
    with worker.connect() as client:
        client.start(path="/stream", query="40")
        client.end_body()
        client.read_until(b"\r\n\r\n")
        marks: list[list[str]] = [[]]

        def has_stopped() -> bool:
            marks.append([text for text in seen(worker) if text.startswith("sent ")])
            return bool(marks[-1]) and marks[-1] == marks[-2] == marks[-3:][0]

        until("the app is held back", has_stopped, pause=0.05)
        assert len(marks[-1]) < 20
        assert rss_bytes(worker.process.pid) - before < 20 * MIB
        total = sum(len(record.content) for record in client.records() if record.kind == records.STDOUT)
        assert total > 39 * MIB


def test_a_stream_of_10_mib(worker: Worker) -> None:
    answer = worker.ask(path="/stream", query="10")
    assert answer.body == b"x" * 10 * MIB


def abort(client: Client) -> None:
    client.abort()
    assert client.response().is_ended
    # The connection goes on.
    assert client.ask(path="/unread").text == "not read"


def hang_up(client: Client) -> None:
    client.close()


def reset(client: Client) -> None:
    client.sock.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("leave", [abort, hang_up, reset])
@pytest.mark.parametrize("path", ["/disconnect", "/silent"])
def test_an_app_is_told_that_its_client_has_left(worker: Worker, leave: Callable[[Client], None], path: str) -> None:
    told = "/disconnect http.disconnect" if path == "/disconnect" else "silent http.disconnect"
    count = seen(worker).count(told)
    came = seen(worker).count("silent came")
    with worker.connect() as client:
        client.start(path=path)
        client.end_body()
        if path == "/disconnect":
            client.read_until(b"begun\n")
        else:
            until("the app is called", lambda: seen(worker).count("silent came") > came)
        leave(client)
        until("the app is told", lambda: seen(worker).count(told) > count)


def test_a_client_that_leaves_in_its_body(worker: Worker) -> None:
    """``receive`` says so, and the app that took it for a body fails: in the log, for nobody."""
    with worker.connect() as client:
        client.start("POST", "/digest", length=10)
        client.body(b"half")
    worker.log.wait("POST /digest: the app failed after the client had left")


def test_a_client_that_leaves_while_the_app_is_held_back(worker: Worker) -> None:
    """``send`` goes on, for nobody; the app comes to its end."""
    with worker.connect() as client:
        client.start(path="/stream", query="41")
        client.end_body()
        client.read_until(b"\r\n\r\n")
    wait_for(worker, "sent 40")


def test_a_hundred_requests_at_once(worker: Worker) -> None:
    """Each on a connection of its own, all in one process, although that has sixteen threads for WSGI."""
    clients = [worker.connect() for _ in range(100)]
    for client in clients:
        client.start(path="/together", query="100")
        client.end_body()
    assert {client.response().text for client in clients} == {"100 in True"}
    for client in clients:
        client.close()


def test_a_request_that_takes_too_long() -> None:
    """Its client is told, its task cancelled, the log says where it was; others go on."""
    with Worker("rules:app", "--timeout=0.4", site=SITE) as worker, worker.connect() as client:
        assert client.ask(path="/sleeps").status == 504
        told = worker.log.wait("GET /sleeps takes longer than 0.4 s: it is answered 504")
        assert "in deeper" in told and "create_future" in told
        wait_for(worker, "woken")
