"""Owns answers that keep the rules: heads, bodies of every kind, ``write``, ``close``, files."""

from __future__ import annotations

import ast
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from support import records
from support.fcgi_client import Client
from support.waiting import Latch
from support.worker import Worker

APP = "answering"


def test_a_list_of_one_gets_its_length(served: Worker) -> None:
    for path, text in (("/list", "one item"), ("/tuple", "a tuple"), ("/empty", "")):
        response = served.ask(path=path)
        assert (response.status, response.text) == (200, text)
        if path == "/list":
            linted = response.header("Content-Length") is None
            # Under the linter the server sees an iterator, whose length nobody knows.
            assert linted or response.header("Content-Length") == "8"


def test_the_length_of_one_item_is_told(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker("answering:app")
    assert worker.ask(path="/list").header("Content-Length") == "8"
    assert worker.ask(path="/tuple").header("Content-Length") == "7"
    assert worker.ask(path="/items").header("Content-Length") is None
    assert worker.ask("HEAD", "/list").header("Content-Length") == "8"


def test_several_items_and_empty_ones(served: Worker) -> None:
    response = served.ask(path="/items")
    assert response.text == "one two three"
    assert served.ask(path="/length").text == "Hello, World"
    assert served.ask(path="/length").header("Content-Length") == "12"


def test_the_head_is_as_given(served: Worker) -> None:
    response = served.ask(path="/headers")
    assert response.headers[0] == ("Status", "200 OK")
    assert [value for name, value in response.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert (response.header("X-Latin"), response.header("X-Empty")) == ("caf\xe9", "")
    assert b"caf\xe9" in response.head


@pytest.mark.parametrize("code", [200, 201, 206, 301, 302, 400, 401, 403, 404, 418, 451, 500, 503, 599])
def test_statuses_pass(served: Worker, code: int) -> None:
    response = served.ask(path="/status", query=f"code={code}&body=1")
    assert response.header("Status") == f"{code} Whatever it is"
    assert response.text.startswith("a body")


@pytest.mark.parametrize("code", [204, 304])
def test_statuses_without_a_body(served: Worker, code: int) -> None:
    with served.connect() as client:
        response = client.ask(path="/status", query=f"code={code}&body=1")
        assert (response.status, response.body, response.header("Content-Length")) == (code, b"", None) or (
            # RFC 9110 §8.6 allows a 304 the length that a 200 would have.
            code == 304 and response.body == b""
        )
        assert client.ask(path="/list").text == "one item"


@pytest.mark.parametrize("path", ["/list", "/items", "/length", "/write", "/file", "/stream?mib=1"])
def test_head_requests_get_no_body(served: Worker, path: str) -> None:
    path, _, query = path.partition("?")
    with served.connect() as client:
        response = client.ask("HEAD", path, query)
        assert (response.status, response.body) == (200, b"")
        assert response.header("Content-Length") in (None, "8", "12")
        assert client.ask(path="/list").text == "one item"


def test_write_and_iterable_together(served: Worker) -> None:
    assert served.ask(path="/write").text == "written, again, and iterated"


@pytest.mark.parametrize("path", ["/gated", "/write-gated"])
def test_a_chunk_is_seen_before_the_next_is_made(
    served: Worker, latch: Callable[[str], Latch], path: str
) -> None:
    go = latch("go")
    with served.connect() as client:
        client.start(path=path, query=urlencode({"go": go.path}))
        client.end_body()
        assert client.read_until(b"first").endswith(b"\r\n\r\nfirst")
        go.open()
        assert client.response().stdout == b"second"


def test_two_answers_at_once_on_two_connections(served: Worker, latch: Callable[[str], Latch]) -> None:
    go = latch("go")
    with served.connect() as first:
        first.start(path="/gated", query=urlencode({"go": go.path}))
        first.end_body()
        first.read_until(b"first")
        assert served.ask(path="/list").text == "one item"
        go.open()
        assert first.response().stdout == b"second"


@pytest.mark.parametrize("path", ["/closed", "/closed-on-error"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_close_is_called(served: Worker, latch: Callable[[str], Latch], path: str, method: str) -> None:
    closed = latch("closed")
    with served.connect() as client:
        client.start(method, path, urlencode({"closed": closed.path}))
        client.end_body()
        assert closed.wait() == b"closed"


@pytest.mark.parametrize("how", ["abort", "close"])
@pytest.mark.parametrize("path", ["/endless", "/gated"])
def test_close_is_called_when_nobody_listens_any_more(
    served: Worker, latch: Callable[[str], Latch], path: str, how: str
) -> None:
    closed, go = latch("closed"), latch("go")
    with served.connect() as client:
        client.start(path=path, query=urlencode({"closed": closed.path, "go": go.path}))
        client.end_body()
        client.read_until(b"x" if path == "/endless" else b"first")
        assert closed.is_silent()
        if how == "close":
            client.close()
        else:
            client.abort()
        go.open()
        if how == "abort":
            # Read on: a record that was begun must be finished.
            assert client.response().is_ended
        assert closed.wait() == b"closed"
        if how == "abort":
            assert client.ask(path="/list").text == "one item"
    assert closed.is_silent(), "close() was called twice"
    assert served.ask(path="/list").text == "one item"


def test_an_error_before_the_head_replaces_it(served: Worker) -> None:
    response = served.ask(path="/replaced")
    assert (response.status, response.text, response.header("X-First")) == (503, "replaced", None)


def test_file_wrapper(served: Worker, latch: Callable[[str], Latch]) -> None:
    assert served.ask(path="/file").body == b"x" * 300_000
    closed = latch("closed")
    response = served.ask(path="/file-like", query=urlencode({"closed": closed.path}))
    assert response.body == b"y" * 5000
    assert closed.wait() == b"closed"


def _flags(client: Client) -> dict[str, object]:
    found = ast.literal_eval(client.ask(path="/flags").text)
    assert isinstance(found, dict)
    return found


def test_flags_tell_the_truth(start_worker: Callable[..., Worker]) -> None:
    for arguments, threads, processes in (
        ([], True, False),
        (["--threads=1"], False, False),
        (["--threads=2", "--multiprocess"], True, True),
    ):
        worker = start_worker("answering:linted", *arguments)
        with worker.connect() as client:
            assert _flags(client) == {
                "multithread": threads, "multiprocess": processes, "run_once": False,
                "version": (1, 0), "url_scheme": "http", "input_terminated": True,
            }


def test_no_answer_ever_uses_stderr_records(served: Worker) -> None:
    for path in ("/list", "/items", "/write", "/replaced", "/file"):
        response = served.ask(path=path)
        assert not response.stderr
        assert (response.app_status, response.protocol_status) == (0, records.REQUEST_COMPLETE)
