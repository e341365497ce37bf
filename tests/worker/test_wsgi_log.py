"""Owns where an app's talk goes: to the log under its request's id, never to the web server."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from support import records
from support.fcgi_client import Client
from support.waiting import Latch
from support.worker import Worker

APP = "telling"


@pytest.mark.parametrize(
    ("path", "told", "level"),
    [
        ("/errors", ["one line of wsgi.errors", "a second line of it"], "WARN"),
        ("/print", ["printed to stdout in parts", "two", "lines"], "INFO"),
        ("/print", ["printed to stderr \u20ac \\udc80"], "WARN"),
        ("/logging", ["shop said an order"], "WARN"),
        ("/warning", ["RuntimeWarning: this is odd"], "WARN"),
    ],
)
def test_talk_goes_to_the_log_with_the_requests_id(served: Worker, path: str, told: list[str], level: str) -> None:
    with served.connect() as client:
        response = client.ask(path=path)
    assert (response.status, response.text, response.stderr) == (200, "told", b"")
    kinds = {record.kind for record in response.records}
    assert kinds == {records.STDOUT, records.END}
    ids = set()
    for text in told:
        line = served.log.wait_line(text)
        assert (line.text.endswith(text), line.level) == (True, level)
        assert line.request != "-"
        ids.add(line.request)
    assert len(ids) == 1


def test_bytes_can_be_printed(served: Worker) -> None:
    """``sys.stdout.buffer`` is where click's ``echo`` and many others write bytes."""
    response = served.ask(path="/print-bytes")
    assert (response.status, response.text) == (200, "told")
    served.log.wait("bytes printed to stdout")


def test_half_a_line_is_told_under_its_own_request(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker("telling:app", "--threads=1")
    for who in ("ann", "bob"):
        worker.ask(path="/half", query=f"who={who}")
    ids = [worker.log.wait_line(f"half a line of {who}").request for who in ("ann", "bob")]
    texts = [line.text for line in worker.log.lines() if "half a line" in line.text]
    assert texts == ["half a line of ann", "half a line of bob"]
    assert len(set(ids)) == 2 and "-" not in ids


def test_children_and_descriptors_lead_to_the_log(served: Worker) -> None:
    with served.connect() as client:
        for path in ("/child", "/descriptors"):
            response = client.ask(path=path)
            assert response.status == 200 and not response.stderr
        assert response.text == "'' 1 2", "stdin is empty, descriptors are what they were"
    for told in ("child to stdout", "child to stderr", "to descriptor 1", "to descriptor 2"):
        served.log.wait(told)


def test_two_requests_at_once_keep_their_ids(served: Worker, latch: Callable[[str], Latch]) -> None:
    clients: list[Client] = []
    latches = []
    for who in ("first", "second"):
        came, go = latch(f"{who}-came"), latch(f"{who}-go")
        client = served.connect()
        client.start(path="/pair", query=urlencode({"who": who, "came": came.path, "go": go.path}))
        client.end_body()
        came.wait()
        clients.append(client)
        latches.append(go)
    for go in reversed(latches):
        go.open()
    assert len({client.response().text for client in clients}) == 2, "two threads"
    for client in clients:
        client.close()
    lines = {who: [served.log.wait_line(f"{who} {what}").request for what in ("begins", "ends")]
             for who in ("first", "second")}
    assert lines["first"][0] == lines["first"][1] != lines["second"][0] == lines["second"][1]


def test_a_text_cannot_forge_a_line(served: Worker) -> None:
    """Each line of a longer text begins with time, level, process and request of its own."""
    served.ask(path="/print")
    served.log.wait_line("lines")
    known = [line.text for line in served.log.lines()]
    assert "two" in known and "lines" in known


def test_without_a_log_file_standard_error_is_the_log(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker("telling:app", log=False)
    with worker.connect() as client:
        response = client.ask(path="/print")
        assert response.text == "told" and not response.stderr
    assert "printed to stdout in parts" in worker.told()
