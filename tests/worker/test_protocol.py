"""Owns the worker's manners on the wire: management records, cuts, aborts, garbage, limits.

Does not own who waits for whom (``test_concurrency``) nor large bodies (``test_pressure``).
"""

from __future__ import annotations

import json
import select
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest

from support import records
from support.fcgi_client import Closed
from support.processes import free_port
from support.records import Record
from support.waiting import DEADLINE_SECONDS, Latch
from support.worker import Worker

CALLS = urlencode({"calls": json.dumps([["read", -1]])})
BODY = b"the body of a request"


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker("reading:app", "--threads=4") as started:
        yield started


def is_alive(worker: Worker) -> bool:
    return worker.process.poll() is None and worker.ask("POST", "/some", body=b"alive").text == "aliv"


def test_get_values(worker: Worker) -> None:
    with worker.connect() as client:
        asked = {"FCGI_MAX_CONNS": "", "FCGI_MAX_REQS": "", "FCGI_MPXS_CONNS": "", "NO_SUCH": ""}
        client.send(records.record(records.GET_VALUES, records.pairs(asked), id=0))
        answer = client.record()
        assert (answer.kind, answer.id) == (records.GET_VALUES_RESULT, 0)
        assert records.unpairs(answer.content) == {
            "FCGI_MAX_CONNS": "4", "FCGI_MAX_REQS": "4", "FCGI_MPXS_CONNS": "0"
        }
        client.send(records.record(records.GET_VALUES, b"", id=0))
        assert client.record() == Record(records.GET_VALUES_RESULT, 0, b"")
        assert client.ask("POST", "/some", body=b"next").text == "next"


@pytest.mark.parametrize("kind", [12, 100, 255])
def test_an_unknown_management_record_is_answered(worker: Worker, kind: int) -> None:
    with worker.connect() as client:
        client.send(records.record(kind, b"whatever", id=0, padding=3))
        assert client.record() == Record(records.UNKNOWN_TYPE, 0, bytes([kind]) + bytes(7))
        assert client.ask("POST", "/some", body=b"next").text == "next"


@pytest.mark.parametrize("role", [records.AUTHORIZER, records.FILTER, 0, 4, 65535])
@pytest.mark.parametrize("keep", [True, False])
def test_unknown_roles(worker: Worker, role: int, keep: bool) -> None:
    with worker.connect() as client:
        client.send(records.begin(1, role, keep), *records.stream(records.PARAMS, b""),
                    *records.stream(records.STDIN, b""))
        response = client.response()
        assert (response.stdout, response.protocol_status) == (b"", records.UNKNOWN_ROLE)
        if keep:
            assert client.ask("POST", "/some", body=b"next").text == "next"
        else:
            assert client.is_closed(), "without KEEP_CONN the application closes (§3.5)"


@pytest.mark.parametrize("keep", [True, False])
def test_keep_connection(worker: Worker, keep: bool) -> None:
    with worker.connect() as client:
        assert client.ask("POST", "/some", body=b"some", keep=keep).text == "some"
        if keep:
            assert client.ask("POST", "/some", body=b"next", id=65535, keep=False).text == "next"
        assert client.is_closed()


def test_requests_interleaved_on_one_connection(worker: Worker) -> None:
    bodies = {id: bytes([letter]) * 3000 for id, letter in zip((1, 2, 3, 300), b"abcd", strict=True)}
    with worker.connect() as client:
        streams = []
        for id, body in bodies.items():
            values = records.params("POST", "/calls", CALLS, body)
            streams.append([records.begin(id), *records.stream(records.PARAMS, records.pairs(values), id, 50),
                            *records.stream(records.STDIN, body, id, 500)])
        # A record of each in turn, as long as there are any.
        for turn in range(max(map(len, streams))):
            client.send(*(stream[turn] for stream in streams if turn < len(stream)))
        for id, body in bodies.items():
            assert json.loads(client.response(id).body) == [body.decode()]


def test_a_second_request_waits_behind_the_first(worker: Worker, latch: Callable[[str], Latch]) -> None:
    """The body of the one and the whole of the other come while the first is being served."""
    came, go = latch("came"), latch("go")
    with worker.connect() as client:
        client.start("POST", "/held", urlencode({"came": came.path, "go": go.path}), id=1, length=5)
        came.wait()
        client.send(records.request(records.params("POST", "/some", "", b"2222"), b"2222", id=2))
        client.body(b"first", id=1, end=True)
        go.open()
        assert client.response(1).status == 200
        assert client.response(2).text == "2222"


def test_pairs_straddle_records(worker: Worker) -> None:
    """wfastcgi mangled what lay across two records: long sign-on cookies."""
    values = records.params("POST", "/calls", CALLS, BODY, HTTP_COOKIE="c" * 300)
    for size in (1, 2, 3, 7, 100, 255, 256):
        with worker.connect() as client:
            client.send(records.request(values, BODY, size=size))
            assert json.loads(client.response().body) == [BODY.decode()], size


def test_every_cut_of_a_request(worker: Worker) -> None:
    """Two writes, cut at every byte; one connection, so that a rest would spoil the next."""
    whole = records.request(records.params("POST", "/calls", CALLS, BODY), BODY, padding=5)
    with worker.connect() as client:
        for at in range(1, len(whole)):
            client.send(whole[:at])
            client.send(whole[at:])
            assert json.loads(client.response().body) == [BODY.decode()], at


def test_byte_by_byte(worker: Worker) -> None:
    whole = records.request(records.params("POST", "/calls", CALLS, BODY), BODY, padding=1)
    with worker.connect() as client:
        for at in range(len(whole)):
            client.send(whole[at : at + 1])
        assert json.loads(client.response().body) == [BODY.decode()]


@pytest.mark.parametrize("padding", [1, 7, 8, 255])
def test_padding(worker: Worker, padding: int) -> None:
    body = b"p" * 70_000
    with worker.connect() as client:
        for _ in range(3):
            client.send(records.request(records.params("POST", "/calls", CALLS, body), body, padding=padding))
            assert json.loads(client.response().body) == [body.decode()]


def test_records_of_the_largest_size(worker: Worker) -> None:
    body = b"m" * (2 * 65_535)
    with worker.connect() as client:
        client.send(records.request(records.params("POST", "/calls", CALLS, body), body, size=65_535, padding=255))
        assert json.loads(client.response().body) == [body.decode()]


ABORTS: dict[str, tuple[list[bytes], bool]] = {
    "after-begin": ([records.begin()], True),
    "in-params": ([records.begin(), records.record(records.PARAMS, records.pairs(records.params())[:30])], True),
    "before-the-body": (
        [records.begin(), *records.stream(records.PARAMS, records.pairs(records.params("POST", "/calls", CALLS, 9)))],
        True,
    ),
    "in-the-body": (
        [records.begin(), *records.stream(records.PARAMS, records.pairs(records.params("POST", "/calls", CALLS, 9))),
         records.record(records.STDIN, b"some")],
        True,
    ),
    "after-the-body": ([records.request(records.params("POST", "/some", "", b"some"), b"some")], True),
    "of-nothing": ([], False),
}


@pytest.mark.parametrize("state", ABORTS)
@pytest.mark.parametrize("times", [1, 2])
def test_aborts(worker: Worker, state: str, times: int) -> None:
    before, is_open = ABORTS[state]
    with worker.connect() as client:
        client.send(*before, *[records.abort()] * times)
        if is_open:
            assert client.response().is_ended
        # Exactly one END_REQUEST: the id is free again.
        assert client.ask("POST", "/some", body=b"next").text == "next"
        assert client.ask("POST", "/some", body=b"next", keep=False).text == "next"
        assert client.is_closed()
    assert is_alive(worker)


GARBAGE = {
    "http": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "zeros": bytes(64),
    "version": b"\x02" + records.begin()[1:],
    "params-first": records.record(records.PARAMS, b"x"),
    "begin-short": records.record(records.BEGIN, b"\0\1"),
    "begin-of-0": records.begin(0),
    "begin-twice": records.begin() * 2,
    "stdin-first": records.begin() + records.record(records.STDIN, b"x"),
    "params-again": records.begin() + records.record(records.PARAMS, b"") + records.record(records.PARAMS, b"xx"),
    "stdout": records.begin() + records.record(records.STDOUT, b"x"),
    "pair-short": records.record(records.GET_VALUES, b"\x05\x00abc", id=0),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_closes_the_connection_and_nothing_else(worker: Worker, name: str) -> None:
    with worker.connect() as client:
        client.send(GARBAGE[name])
        if name == "params-first":
            # A record of a request that is over, or never was, is skipped: it may have been
            # on its way when the answer ended.
            assert client.ask("POST", "/some", body=b"next").text == "next"
        else:
            try:
                client.record()
                raise AssertionError("an answer to garbage")
            except (Closed, ConnectionResetError):
                pass
    assert is_alive(worker)


def test_a_request_cut_off_at_every_byte(worker: Worker) -> None:
    whole = records.request(records.params("POST", "/calls", CALLS, BODY), BODY)
    for at in range(0, len(whole), 11):
        with worker.connect() as client:
            client.send(whole[:at])
    assert is_alive(worker)


def test_malformed_params_are_answered_400(worker: Worker) -> None:
    bad = records.pairs(records.params())[:-3]
    with worker.connect() as client:
        client.send(records.begin(), *records.stream(records.PARAMS, bad), *records.stream(records.STDIN, b"x"))
        assert client.response().status == 400
        assert client.ask("POST", "/some", body=b"next").text == "next"


@pytest.mark.parametrize("what", ["bytes", "count"])
def test_too_much_of_params_is_refused_and_the_connection_lives(worker: Worker, what: str) -> None:
    if what == "bytes":
        values = records.params("POST", "/some", HTTP_COOKIE="c" * 1_572_864)
    else:
        values = records.params("POST", "/some", **{f"HTTP_X_{n}": "" for n in range(11_000)})
    with worker.connect() as client:
        client.send(records.request(values, b"body"))
        response = client.response()
        assert (response.status, response.protocol_status) == (431, records.REQUEST_COMPLETE)
        assert client.ask("POST", "/some", body=b"next").text == "next"


def test_a_refusal_is_not_lost_when_the_connection_closes(start_worker: Callable[..., Worker]) -> None:
    """Over TCP, a close with a body unread would reset the connection, and the answer with it."""
    worker = start_worker("reading:app", endpoint=f"tcp:127.0.0.1:{free_port()}")
    values = records.params("POST", "/some", HTTP_COOKIE="c" * 1_100_000)
    for _ in range(5):
        with worker.connect() as client:
            client.send(records.begin(keep=False), *records.stream(records.PARAMS, records.pairs(values)))
            # The answer is here; the web server still sends what it has to send, then reads.
            assert select.select([client.sock], [], [], DEADLINE_SECONDS)[0]
            for _ in range(50):
                client.body(b"b" * 60_000)
            client.end_body()
            assert client.response().status == 431
            assert client.is_closed()


def test_as_much_of_params_as_is_allowed(worker: Worker) -> None:
    with worker.connect() as client:
        response = client.ask("POST", "/some", body=b"some", HTTP_COOKIE="c" * 1_000_000)
        assert response.text == "some"


def test_a_flood_of_questions_is_cut_off(worker: Worker) -> None:
    """A peer that asks and never reads must not be remembered for ever."""
    question = records.record(200, b"", id=0) * 10_000
    with worker.connect() as client:
        client.sock.settimeout(5)
        try:
            for _ in range(100):
                client.send(question)
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            pass
        assert is_alive(worker)
