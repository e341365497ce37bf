"""Owns apps that break the rules of PEP 3333: each is refused with 500, told, and survived."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from support.fcgi_client import Closed
from support.programs import APPS
from support.waiting import Latch
from support.worker import Worker

BROKEN = "broken"


def _heads() -> list[str]:
    """The names in the app's table; the file is read, not imported, for it imports its neighbours."""
    source = (APPS / "broken.py").read_text()
    table = source.partition("HEADS = {")[2].partition("\n}")[0]
    names = [line.split('"')[1] for line in table.splitlines() if line.strip()]
    assert len(names) > 25
    return names


@pytest.mark.parametrize("name", _heads())
def test_a_bad_head_is_refused(plain: Worker, name: str) -> None:
    with plain.connect() as client:
        response = client.ask(path="/head", query=f"name={name}")
        assert response.status == 500
        assert b"must not be seen" not in response.stdout
        assert b"Injected" not in response.stdout
        assert response.app_status == 0 and not response.stderr
        # The connection, and so IIS's instance, lives on.
        assert client.ask(path="/hop-by-hop").text == "fine"
    plain.log.wait_line("GET /head: the app failed")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/none", "NoneType"),
        ("/number", "int"),
        ("/string", "must give bytes, not str"),
        ("/strings", "must give bytes, not str"),
        ("/never-started", "start_response()"),
        ("/empty-never-started", "start_response()"),
        ("/twice", "start_response() called again without exc_info"),
    ],
)
def test_a_bad_answer_is_refused_and_told(start_worker: Callable[..., Worker], path: str, told: str) -> None:
    worker = start_worker("broken:app")
    with worker.connect() as client:
        response = client.ask(path=path)
        assert response.status == 500 and b"must not be seen" not in response.stdout
        assert client.ask(path="/hop-by-hop").text == "fine"
    worker.log.wait(told)


def test_an_error_after_the_head_is_raised_again(plain: Worker) -> None:
    """PEP 3333: with exc_info, and the head sent, ``start_response`` raises what it was given."""
    with plain.connect() as client, pytest.raises(Closed) as closed:
        client.ask(path="/exc-info-late")
    assert closed.value.response.body == b"begun"
    plain.log.wait_line("ZeroDivisionError: the first error")


def test_what_was_kept_of_an_answer_cannot_touch_another(plain: Worker) -> None:
    assert plain.ask(path="/write-kept").text == "kept"
    response = plain.ask(path="/write-before")
    assert response.status == 500 and b"into another" not in response.stdout
    plain.log.wait_line("after the response ended")


def test_too_short_a_body_is_not_passed_off_as_whole(plain: Worker) -> None:
    """On an accepted connection the web server learns it from the close."""
    for path in ("/too-short", "/too-short-iterated"):
        with plain.connect() as client, pytest.raises(Closed) as closed:
            client.ask(path=path)
        response = closed.value.response
        assert (response.status, response.body, response.is_ended) == (200, b"short", False)
    plain.log.wait_line("5 bytes shorter than the app's Content-Length")


def test_too_long_a_body_is_cut(plain: Worker) -> None:
    with plain.connect() as client:
        for path in ("/too-long", "/too-long-one"):
            response = client.ask(path=path)
            assert (response.status, response.body, response.app_status) == (200, b"much", 0)
        assert client.ask(path="/hop-by-hop").text == "fine"
    plain.log.wait_line("9 bytes beyond the app's Content-Length were not sent")


def test_hop_by_hop_headers_are_the_web_servers(plain: Worker) -> None:
    response = plain.ask(path="/hop-by-hop")
    assert [name for name, _ in response.headers] == ["Status", "Content-Type", "Content-Length"]


def test_a_status_without_reason_is_borne(plain: Worker) -> None:
    """wfastcgi's users write ``start_response("200", ...)``, PTVS's own tests do."""
    response = plain.ask(path="/status-only")
    assert (response.status, response.text) == (200, "wfastcgi bore it")


def test_a_close_that_raises_spoils_nothing(plain: Worker, latch: Callable[[str], Latch]) -> None:
    closed = latch("closed")
    with plain.connect() as client:
        response = client.ask(path="/close-raises", query=urlencode({"closed": closed.path}))
        assert (response.status, response.text, response.app_status) == (200, "all sent", 0)
        assert closed.wait() == b"closed"
        assert client.ask(path="/hop-by-hop").text == "fine"
    plain.log.wait_line("RuntimeError: in close()")


def test_the_table_of_heads_is_the_apps() -> None:
    """Guards the reader of the table above against a change of the app's form."""
    spec = importlib.util.spec_from_file_location("routes", APPS / "routes.py")
    assert spec is not None and "length-twice" in _heads() and "no-digits" in _heads()
