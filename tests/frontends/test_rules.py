"""Owns what must hold behind every HTTP front end: cut answers look cut, chunks pass at once.

Served are the apps of ``fixtures/apps``, which fail on purpose.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from support.fronts import FRONTS, Front
from support.waiting import Latch

#: One of each: a server that keeps connections, one that asks for none, one that manages gates.
NAMES = ("nginx", "lighttpd-host", "lighttpd-bin-path", "apache-mod_proxy_fcgi", "apache-mod_fcgid")


def start(name: str, target: str, ready: str) -> Front:
    front = FRONTS[name]("", target)
    front.ready_path = ready
    return front


@pytest.fixture(scope="module", params=NAMES)
def broken(request: pytest.FixtureRequest) -> Iterator[Front]:
    with start(request.param, "broken:app", "/hop-by-hop") as front:
        yield front


@pytest.fixture(scope="module", params=NAMES)
def answering(request: pytest.FixtureRequest) -> Iterator[Front]:
    with start(request.param, "answering:app", "/list") as front:
        yield front


@pytest.mark.parametrize("path", ["/too-short", "/too-short-iterated"])
def test_too_short_an_answer_is_not_taken_for_whole(broken: Front, path: str) -> None:
    """The visitor was promised ten bytes and can tell that five are not all."""
    with pytest.raises(http.client.IncompleteRead):
        _ = broken.ask("GET", path).body
    assert broken.ask("GET", "/hop-by-hop").text == "fine"


def test_an_answer_of_no_told_length_that_breaks_off(broken: Front) -> None:
    """Chunked towards the visitor: the last chunk must not come."""
    if broken.name in ("lighttpd-host", "lighttpd-bin-path", "apache-mod_fcgid"):
        # These end the chunks as if all were well, whatever the application does: what can be
        # asked is that they go on serving.
        broken.ask("GET", "/raises-in-body")
    else:
        with pytest.raises(http.client.HTTPException):
            _ = broken.ask("GET", "/raises-in-body").body
    assert broken.ask("GET", "/hop-by-hop").text == "fine"
    broken.log.wait("the answer had begun: it is cut off")


def test_errors_before_the_first_byte_are_pages(broken: Front) -> None:
    for path in ("/raises", "/none", "/head?name=value-newline", "/raises-started"):
        answer = broken.ask("GET", path, headers={"Accept": "text/html"})
        assert answer.status == 500
        assert "Injected" not in str(answer.headers) + answer.text


def test_a_chunk_is_seen_before_the_next_is_made(answering: Front, tmp_path: Path) -> None:
    if answering.name == "apache-mod_proxy_fcgi":
        pytest.xfail("mod_proxy_fcgi gathers a buffer without flushpackets; its users must ask for it")
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
    assert (head.header("Content-Length"), head.body) == ("12", b"")
    assert answering.ask_on(connection, "GET", "/length").body == b"Hello, World"
    connection.close()
