"""Owns request filtering over HTTP: each rule refuses with its sub-status, and what it allows reaches the app.

Does not own how rules of several files are merged (tests beside the code).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.serve_site import Serve, served


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    with served("filtering") as serve:
        yield serve


def statuses(serve: Serve, method: str, path: str, headers: dict[str, str] | None = None) -> str:
    """Status and sub-status as the page says them; `200` alone when the app was asked."""
    answer = serve.ask(method, path, headers={"Accept": "text/plain", **(headers or {})})
    if answer.status == 200:
        assert answer.text.startswith("app "), answer.text
        return "200"
    found = answer.text.split()[0]
    assert found.split(".")[0] == str(answer.status)
    return found


@pytest.mark.parametrize("path, expected", [
    ("/plain", "200"),
    ("/a--b", "404.5"),
    ("/a%2D-b", "404.5"),
    ("/old.bak", "404.7"),
    ("/OLD.BAK", "404.7"),
    ("/old.bak/more", "200"),
    ("/code.cs", "404.7"),
    ("/code.vb", "200"),
    ("/var/x", "404.8"),
    ("/x/VAR", "404.8"),
    ("/x/v%61r/y", "404.8"),
    ("/variable", "200"),
    ("/bin/tool", "200"),
    ("/App_Data/x", "404.8"),
    ("/web.config", "404.8"),
    ("/a+b", "404.11"),
    ("/a%2Bb", "404.11"),
    ("/++resource++x/a.css", "404.11"),
    ("/a%2520b", "404.11"),
    ("/@@view", "200"),
    ("/a%20b", "200"),
    ("/?q=a+b%2520c", "200"),
    ("/zope/++resource++x/a.css", "200"),
    ("/Zope/a%2520b", "200"),
    ("/caf%C3%A9", "200"),
    ("/ascii/caf%C3%A9", "404.12"),
    ("/ascii/cafe", "200"),
    ("/" + 199 * "a", "200"),
    ("/" + 200 * "a", "404.14"),
    ("/?" + 100 * "a", "200"),
    ("/?" + 101 * "a", "404.15"),
    ("/?q=drop%20TABLE", "404.18"),
    ("/?q=drop+table", "200"),
    ("/var/open.bak", "200"),
    ("/var/open.bak?q=drop%20table", "404.18"),
    ("/strict/users", "200"),
    ("/strict/a.htm", "200"),
    ("/strict/a.html", "404.7"),
])
def test_paths_and_queries(serve: Serve, path: str, expected: str) -> None:
    assert statuses(serve, "GET", path) == expected


@pytest.mark.parametrize("method, path, expected", [
    ("POST", "/", "200"),
    ("PURGE", "/", "404.6"),
    ("purge", "/", "200"),
    ("POST", "/strict/users", "404.6"),
])
def test_verbs(serve: Serve, method: str, path: str, expected: str) -> None:
    assert statuses(serve, method, path) == expected


@pytest.mark.parametrize("path", ["/100%", "/%zz", "/a%00b", "/a%0db", "/..%2f..", "/" + 261 * "a", 256 * "/a"])
def test_paths_that_iis_never_sees(serve: Serve, path: str) -> None:
    assert statuses(serve, "GET", path).startswith("400")


def test_a_header_that_is_too_long(serve: Serve) -> None:
    assert statuses(serve, "GET", "/", {"X-Small": 10 * "x"}) == "200"
    assert statuses(serve, "GET", "/", {"X-SMALL": 11 * "x"}) == "404.10"
    assert statuses(serve, "GET", "/", {"X-Other": 1000 * "x"}) == "200"


def test_a_body_that_is_too_long(serve: Serve) -> None:
    assert serve.ask("POST", "/", body=1000 * b"x").status == 200
    refused = serve.ask("POST", "/", body=5_000_000 * b"x", headers={"Accept": "text/plain"})
    assert refused.text.startswith("404.13"), "a client that sends all of it first gets the answer, too"
    with serve.raw(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nAccept: text/plain\r\n\r\n") as sock:
        answer = sock.recv(4096)
        while b"1000" not in answer.partition(b"\r\n\r\n")[2]:
            more = sock.recv(4096)
            assert more, answer
            answer += more
    assert answer.startswith(b"HTTP/1.1 404 ") and b"404.13" in answer


def test_the_page_says_what_zope_users_need(serve: Serve) -> None:
    told = serve.get("/++resource++x").text
    assert "++resource++" in told and 'allowDoubleEscaping="true"' in told


def test_the_log_has_the_sub_status(serve: Serve) -> None:
    serve.get("/var/for-the-log")
    assert serve.wait_line("/var/for-the-log").startswith("404.8")


def test_the_servers_header_is_removed(serve: Serve) -> None:
    assert "Server" not in serve.get("/").headers


def test_nothing_of_it_is_called_not_simulated(serve: Serve) -> None:
    assert serve.port and "not simulated" not in serve.text
