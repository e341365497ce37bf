"""Owns what must hold behind every HTTP front end: cut answers look cut, chunks pass at once.

Served are the apps of ``fixtures/apps``, which fail on purpose.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from support.fronts import FRONTS, Front, NginxBuffering
from support.waiting import Latch

NAMES = ("nginx", "lighttpd-host", "lighttpd-bin-path", "apache-mod_proxy_fcgi", "apache-mod_fcgid")


def start(front: type[Front], target: str, ready: str) -> Front:
    started = front("", target)
    started.ready_path = ready
    return started


@pytest.fixture(scope="module", params=NAMES)
def broken(request: pytest.FixtureRequest) -> Iterator[Front]:
    with start(FRONTS[request.param], "broken:app", "/hop-by-hop") as front:
        yield front


@pytest.fixture(scope="module", params=NAMES)
def answering(request: pytest.FixtureRequest) -> Iterator[Front]:
    with start(FRONTS[request.param], "answering:app", "/list") as front:
        yield front


def test_an_answer_that_breaks_off_looks_so() -> None:
    """The visitor's chunks must not end as if all had come: nginx learns it from the close."""
    with start(NginxBuffering, "broken:app", "/hop-by-hop") as front:
        for path in ("/raises-in-body", "/exc-info-late"):
            with pytest.raises(http.client.HTTPException):
                _ = front.ask("GET", path).body
        with pytest.raises(http.client.IncompleteRead):
            front.visit("GET", "/too-short").read()
        assert front.ask("GET", "/hop-by-hop").text == "fine"
        told = (front.folder / "error.log").read_text()
        assert told.count("prematurely closed") == 3


def test_answers_that_break_off_harm_no_other(broken: Front) -> None:
    """Not all servers tell their visitors: lighttpd ends the chunks, mod_fcgid adds a page of its own."""
    for path in ("/raises-in-body", "/too-long", "/exc-info-late", "/twice"):
        try:
            assert broken.ask("GET", path).status in (200, 500, 502)
            _ = broken.ask("GET", path).body
        except http.client.HTTPException:
            pass
        assert broken.ask("GET", "/hop-by-hop").text == "fine"
    broken.log.wait("the answer had begun: it is cut off")


def test_errors_before_the_first_byte_are_pages(broken: Front) -> None:
    for path in ("/raises", "/none", "/head?name=value-newline", "/raises-started"):
        answer = broken.ask("GET", path, headers={"Accept": "text/html"})
        assert answer.status == 500
        assert "Injected" not in str(answer.headers) + answer.text


def test_a_chunk_is_seen_before_the_next_is_made(answering: Front, tmp_path: Path) -> None:
    go = Latch(tmp_path / "go")
    connection = answering.connection()
    connection.request("GET", "/gated?" + urlencode({"go": go.path}))
    response = connection.getresponse()
    assert response.read1(100) == b"first"
    go.open()
    assert response.read() == b"second"
    connection.close()
    go.close()


def test_bodies_that_are_none(answering: Front) -> None:
    connection = answering.connection()
    for code in (204, 304):
        answer = answering.ask_on(connection, "GET", f"/status?code={code}&body=1")
        assert (answer.status, answer.body) == (code, b"")
    head = answering.ask_on(connection, "HEAD", "/length")
    # Apache's proxy takes the length of what has no body away.
    assert head.header("Content-Length") in ("12", None) and head.body == b""
    assert answering.ask_on(connection, "GET", "/length").body == b"Hello, World"
    connection.close()
