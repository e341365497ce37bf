"""Owns ``wsgi.input``: every way to read, every way the body can arrive, every way it is left."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from support import records
from support.fcgi_client import Client
from support.waiting import Latch
from support.worker import Worker

APP = "reading"

LINES = b"first line\nsecond\n\nno end"


def calls(*each: list[object]) -> str:
    return urlencode({"calls": json.dumps(each)})


def send_in_pieces(client: Client, body: bytes, size: int) -> None:
    """Each piece in a record and a write of its own."""
    for piece in records.stream(records.STDIN, body, size=size, end=False):
        client.send(piece)
    client.end_body()


WAYS = [
    ([["read", -1]], [LINES]),
    ([["read", 5], ["read", 6], ["read", -1]], [b"first", b" line\n", b"second\n\nno end"]),
    ([["read", 0], ["read", 1]], [b"", b"f"]),
    ([["read", 1000], ["read", 1000], ["read", -1], ["readline", 9]], [LINES, b"", b"", b""]),
    ([["readline", -1], ["readline", -1]], [b"first line\n", b"second\n"]),
    ([["readline", 3], ["readline", 100]], [b"fir", b"st line\n"]),
    ([["readline", 11], ["readline", 0], ["readline", 6], ["readline", 9]],
     [b"first line\n", b"", b"second", b"\n"]),
    ([["readline", 100]] * 5, [b"first line\n", b"second\n", b"\n", b"no end", b""]),
    ([["readline", 100], ["read", 3], ["readline", 100]], [b"first line\n", b"sec", b"ond\n"]),
    ([["readlines"]], [[b"first line\n", b"second\n", b"\n", b"no end"]]),
    ([["readlines", 1], ["readlines"]], [[b"first line\n"], [b"second\n", b"\n", b"no end"]]),
    ([["readlines", 12], ["read", -1]], [[b"first line\n", b"second\n"], b"\nno end"]),
    ([["readlines", 0]], [[b"first line\n", b"second\n", b"\n", b"no end"]]),
]


@pytest.mark.parametrize("size", [1, 4, 10_000], ids=["byte-by-byte", "in-fours", "whole"])
@pytest.mark.parametrize(("asked", "expected"), WAYS, ids=[str(asked) for asked, _ in WAYS])
def test_every_way_to_read(served: Worker, asked: list[list[object]], expected: list[object], size: int) -> None:
    with served.connect() as client:
        client.start("POST", "/calls", calls(*asked), length=len(LINES))
        send_in_pieces(client, LINES, size)
        text = [[e.decode() for e in each] if isinstance(each, list) else each.decode() for each in expected]
        assert json.loads(client.response().body) == text


def test_iteration_and_arguments_left_out(start_worker: Callable[..., Worker]) -> None:
    """The linter of the standard library forbids these; PEP 3333 and real apps do not."""
    worker = start_worker("reading:app")
    for asked, expected in [
        ([["iterate"]], [["first line\n", "second\n", "\n", "no end"]]),
        ([["readline"], ["iterate"]], ["first line\n", ["second\n", "\n", "no end"]]),
        ([["read"], ["read"]], [LINES.decode(), ""]),
        ([["read", None]], [LINES.decode()]),
        ([["readline", None], ["readlines", None]], ["first line\n", ["second\n", "\n", "no end"]]),
    ]:
        assert json.loads(worker.ask("POST", "/calls", calls(*asked), LINES).body) == expected


def test_no_body_is_an_empty_one(served: Worker) -> None:
    asked = calls(["read", -1], ["read", 10], ["readline", 10], ["readlines"])
    assert json.loads(served.ask("GET", "/calls", asked).body) == ["", "", "", []]
    without = served.ask("POST", "/calls", asked, CONTENT_LENGTH="0")
    assert json.loads(without.body) == ["", "", "", []]


def test_the_body_ends_where_the_stream_does_whatever_the_length_says(served: Worker) -> None:
    """A chunked upload has no Content-Length under IIS (iis-fastcgi.md §1.5)."""
    for told in ("", "0", "3", "4000"):
        response = served.ask("POST", "/calls", calls(["read", -1]), LINES, CONTENT_LENGTH=told)
        assert json.loads(response.body) == [LINES.decode()], told


def test_reading_goes_on_as_the_body_arrives(served: Worker) -> None:
    with served.connect() as client:
        client.start("POST", "/steps", length=12)
        for line in (b"one\n", b"two\n", b"six\n"):
            client.body(line)
            assert client.read_until(line).endswith(b"got " + line)
        client.end_body()
        assert client.response().stdout.endswith(b"end")


def test_a_read_takes_no_more_memory_than_the_body(served: Worker) -> None:
    response = served.ask("POST", "/calls", calls(["read", 2**40]), b"little")
    assert json.loads(response.body) == ["little"]


def test_an_unread_body_is_drained_and_the_connection_serves_on(served: Worker) -> None:
    body = b"z" * 3_000_000
    with served.connect() as client:
        for path in ("/unread", "/some", "/unread"):
            client.start("POST", path, length=len(body))
            client.body(body, end=True)
            assert client.response().text == ("not read" if path == "/unread" else "zzzz")
        assert client.ask("POST", "/some", body=b"next").text == "next"


def test_an_early_answer_does_not_need_the_end_of_the_body(served: Worker) -> None:
    with served.connect() as client:
        client.start("POST", "/unread", length=100)
        client.body(b"x" * 40)
        assert client.response().text == "not read"
        client.body(b"x" * 60, end=True)
        assert client.ask("POST", "/some", body=b"next").text == "next"


def test_an_early_answer_is_not_lost_when_the_connection_closes(served: Worker) -> None:
    """Without KEEP_CONN: closing while the body is still coming would reset the connection."""
    body = b"x" * 2_000_000
    with served.connect() as client:
        client.start("POST", "/unread", keep=False, length=len(body))
        client.body(body, end=True)
        assert client.response().text == "not read"
        assert client.is_closed()


def test_the_input_of_a_request_that_is_over_raises(served: Worker) -> None:
    with served.connect() as client:
        assert client.ask("POST", "/keep", body=b"secret of the first").text == "kept"
        text = client.ask("POST", "/late", body=b"secret of the second").text
        assert "the request is over" in text and "secret" not in text
    assert "the request is over" in served.ask("GET", "/late").text


@pytest.mark.parametrize("size", [7, 1000, records.CONTENT_MAX])
def test_a_large_body_arrives_whole(served: Worker, size: int) -> None:
    body = bytes(i * 31 % 251 for i in range(200_000))
    with served.connect() as client:
        client.start("POST", "/sha256", f"size={size}", length=len(body))
        client.body(body, end=True, size=size, padding=size % 8)
        length, digest = client.response().text.split()
    assert (int(length), digest) == (len(body), hashlib.sha256(body).hexdigest())


def test_an_app_that_reads_late_finds_its_body(served: Worker, latch: Callable[[str], Latch]) -> None:
    came, go = latch("came"), latch("go")
    body = b"w" * 150_000
    with served.connect() as client:
        client.start("POST", "/held", urlencode({"came": came.path, "go": go.path}), length=len(body))
        client.body(body, end=True)
        came.wait()
        go.open()
        assert client.response().text == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("how", ["abort", "close"])
def test_a_read_that_can_get_no_more_raises(served: Worker, latch: Callable[[str], Latch], how: str) -> None:
    reads, ended = latch("reads"), latch("ended")
    with served.connect() as client:
        client.start("POST", "/blocked", urlencode({"reads": reads.path, "ended": ended.path}), length=50)
        client.body(b"only ten..")
        reads.wait()
        if how == "abort":
            client.abort()
            assert client.response().is_ended
        else:
            client.close()
        assert ended.wait().startswith(b"raised ")
    assert served.ask("POST", "/some", body=b"next").text == "next"


ZOPE = """
import hashlib
import ZPublisher.WSGIPublisher

def app(environ, start_response):
    digests = []
    for _ in range(3):
        digests.append(hashlib.sha256(environ["wsgi.input"].read()).hexdigest())
        environ["wsgi.input"].seek(0)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [" ".join(digests).encode()]
"""


@pytest.mark.parametrize("size", [0, 10, 3_000_000])
def test_zope_reads_a_body_once_more(start_worker: Callable[..., Worker], tmp_path: Path, size: int) -> None:
    """Its publisher rewinds the input when it tries a request again; a module of that name will do here."""
    publisher = tmp_path / "ZPublisher" / "WSGIPublisher.py"
    publisher.parent.mkdir()
    (publisher.parent / "__init__.py").touch()
    publisher.touch()
    (tmp_path / "app.py").write_text(ZOPE, encoding="utf-8")
    worker = start_worker("app:app", site=tmp_path)
    body = b"x" * size
    assert worker.ask("POST", body=body).text.split() == [hashlib.sha256(body).hexdigest()] * 3
