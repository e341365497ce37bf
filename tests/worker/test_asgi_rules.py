"""Owns what an ASGI app may rely on: scopes, ``receive``, ``send``, what becomes of errors.

Does not own startup and shutdown (``test_asgi_lifespan``), streams (``test_asgi_streams``) or frameworks.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from support import programs, records
from support.fcgi_client import Closed
from support.waiting import until
from support.worker import Worker

SITE = Path(__file__).parent / "asgi_apps"


@pytest.fixture(scope="module")
def worker() -> Iterator[Worker]:
    with Worker("rules:app", "--script-name=/mount", site=SITE) as worker:
        yield worker
        assert worker.stop() == 0
        assert worker.log.wait_line("the app shuts down").level == "INFO"


def seen(worker: Worker, text: str) -> None:
    until(f"{text!r} among what the app saw", lambda: text in worker.ask(path="/mount/seen").text)


def scope(worker: Worker, path: str = "/scope", **more: str | bytes) -> dict[str, object]:
    told: dict[str, object] = json.loads(worker.ask(path="/mount" + path, **more).text)
    return told


def test_the_scope(worker: Worker) -> None:
    with worker.connect() as client:
        answer = client.ask("POST", "/mount/scope", "a=%20&b", b"xy", HTTP_X_TWO_WORDS="\u00e9".encode("latin-1"),
                            HTTP_ACCEPT="a, b", CONTENT_TYPE="text/plain", REMOTE_ADDR="10.1.2.3", REMOTE_PORT="4711",
                            SERVER_NAME="shop.example", SERVER_PORT="443", HTTPS="on", SERVER_PROTOCOL="HTTP/2.0",
                            REMOTE_USER="SHOP\\ann")
    told = json.loads(answer.text)
    assert told["type"] == "http" and told["asgi"] == {"version": "3.0", "spec_version": "2.3"}
    assert (told["http_version"], told["method"], told["scheme"]) == ("2", "POST", "https")
    assert (told["root_path"], told["path"], told["query_string"]) == ("/mount", "/mount/scope", "a=%20&b")
    assert (told["client"], told["server"]) == (["10.1.2.3", 4711], ["shop.example", 443])
    assert told["user"] == "SHOP\\ann"
    assert told["state"] == {"started": "yes"}
    headers = dict(told["headers"])
    assert len(headers) == len(told["headers"])
    assert headers["x-two-words"] == "\u00e9" and headers["accept"] == "a, b"
    assert (headers["content-type"], headers["content-length"]) == ("text/plain", "2")


@pytest.mark.parametrize(
    ("written", "decoded", "raw"),
    [
        ("/scope?x", "/scope", "/mount/scope"),
        ("/sc%6Fpe?x=%41", "/scope", "/mount/sc%6Fpe"),
        ("/elsewhere", "/scope", "/mount/scope"),
    ],
)
def test_paths_as_they_were_written(worker: Worker, written: str, decoded: str, raw: str) -> None:
    told = scope(worker, decoded, REQUEST_URI="/mount" + written)
    assert (told["path"], told["raw_path"]) == ("/mount" + decoded, raw)


def test_a_path_beyond_ascii(worker: Worker) -> None:
    """``path`` is text, decoded once; ``raw_path`` can be decoded to it."""
    code = (
        "import sys; from iisgate.asgi_scope import scope;"
        "environ = dict(SCRIPT_NAME='', PATH_INFO='/\u00c3\u00a9 %25/\u00ff', SERVER_PROTOCOL='HTTP/1.0',"
        "SERVER_NAME='x', REQUEST_METHOD='get', QUERY_STRING='', SERVER_PORT='80');"
        "environ.update({'wsgi.url_scheme': 'http', 'HTTP_CONTENT_LENGTH': '1', 'CONTENT_LENGTH': '-1'});"
        "told = scope(environ, {});"
        "print(ascii([told[key] for key in ('path', 'raw_path', 'http_version', 'method', 'client', 'headers')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], env=programs.environment() or None, capture_output=True,
                          text=True, check=True)
    expected = ["/\u00e9 %25/\ufffd", b"/%C3%A9%20%2525/%FF", "1.0", "GET", None, []]
    assert done.stdout.strip() == ascii(expected)


def test_a_body_and_its_end(worker: Worker) -> None:
    for size in (0, 1, 65_536, 65_537, 1024 * 1024):
        body = bytes(range(256)) * (size // 256 + 1)
        body = body[:size]
        told = worker.ask("POST", "/mount/digest", body=body).text.split(" ", 2)
        assert told[:2] == [str(size), sha256(body).hexdigest()]


def test_a_small_body_is_one_message(worker: Worker) -> None:
    for body in (b"", b"small"):
        assert worker.ask("POST", "/mount/digest", body=body).text.split()[2] == "False"


def test_receive_waits_after_the_body(worker: Worker) -> None:
    """The client is there: there is nothing to tell."""
    answer = worker.ask("POST", "/mount/digest", "again", b"x")
    assert answer.status == 500
    worker.log.wait("TimeoutError")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_head_has_no_body(worker: Worker, method: str) -> None:
    with worker.connect() as client:
        answer = client.ask(method, "/mount/unread")
        assert (answer.status, answer.text) == (200, "not read" if method == "GET" else "")
        assert answer.header("content-length") == "8"
        assert client.ask(path="/mount/unread").text == "not read"


def test_a_body_that_is_not_read(worker: Worker) -> None:
    with worker.connect() as client:
        for _ in range(2):
            assert client.ask("POST", "/mount/unread", body=b"x" * 300_000).text == "not read"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("raises", "ValueError: before the answer"),
        ("exits", "SystemExit: 3"),
        ("nothing", "the app returned before its answer was complete"),
        ("no_body", "the app returned before its answer was complete"),
        ("body_first", "the app sent http.response.body before http.response.start"),
        ("text", "a bytes-like object is required, not 'str'"),
        ("bad_header", "control character in the value of header x"),
    ],
)
def test_errors_before_the_answer(worker: Worker, path: str, told: str) -> None:
    with worker.connect() as client:
        answer = client.ask(path=f"/mount/{path}")
        assert answer.status == 500 and "ValueError" not in answer.text
        assert client.ask(path="/mount/unread").status == 200
    worker.log.wait(told)
    if path == "raises":
        assert "iisgate/asgi.py" not in worker.log.text(), "the traceback begins with the app"


def test_errors_within_the_answer(worker: Worker) -> None:
    """On an instance's pipe it ends with appStatus 1; here, where it was accepted, by its close."""
    for path in ("raises_within", "short"):
        with worker.connect() as client, pytest.raises(Closed):
            client.ask(path=f"/mount/{path}")
    line = worker.log.wait_line("ValueError: within the answer")
    assert line.request != "-"
    worker.log.wait_line("the body is 4 bytes shorter than the app's Content-Length")


def test_errors_after_the_answer(worker: Worker) -> None:
    assert worker.ask(path="/mount/raises_after").text == "whole"
    told = worker.log.wait("ValueError: after the answer")
    assert "GET /mount/raises_after: the app failed after the client had its answer" in told
    assert worker.ask(path="/mount/twice").text == "once"
    seen(worker, "twice: the app sent http.response.body after the last one")


def test_a_body_longer_than_was_said(worker: Worker) -> None:
    with worker.connect() as client:
        assert client.ask(path="/mount/long").text == "abcd"
        assert client.ask(path="/mount/unread").text == "not read"


def test_odd_answers(worker: Worker) -> None:
    answer = worker.ask(path="/mount/odd")
    assert (answer.status, answer.text) == (299, "odd")
    names = [value for name, value in answer.headers if name.lower() == "set-cookie"]
    assert names == ["a=1", "b=2"]
    assert answer.header("connection") is None


def test_after_its_answer_an_app_goes_on_and_the_connection_too(worker: Worker) -> None:
    with worker.connect() as client:
        assert client.ask(path="/mount/after").text == "answered"
        assert client.ask(path="/mount/unread").text == "not read"
    seen(worker, "after http.disconnect")
    assert worker.log.wait_line("after the answer").request != "-"


def test_contexts_and_the_requests_ids(worker: Worker) -> None:
    """No request sees another's context; what it prints is told under its own id, also in threads."""
    for who in ("ann", "bob"):
        assert worker.ask(path="/mount/context", query=who).text == f"nobody {who} {who}"
    found = {who: {worker.log.wait_line(f"{who} {what}").request for what in ("prints", "prints in a thread")}
             for who in ("ann", "bob")}
    assert all(len(ids) == 1 and "-" not in ids for ids in found.values()) and found["ann"] != found["bob"]


def test_several_requests_on_one_connection(worker: Worker) -> None:
    """Multiplexed, as the protocol allows: one after the other."""
    with worker.connect() as client:
        for id in (1, 2, 3):
            client.send(records.request(records.params("GET", "/mount/unread"), b"", id))
        assert [client.response(id).text for id in (1, 2, 3)] == ["not read"] * 3
