"""Owns URL Rewrite over HTTP: a table of requests and what rules make of them.

Does not own patterns (tests beside the code).
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from support.serve_site import Serve, served


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    with served("rewrite") as serve:
        yield serve


@pytest.mark.parametrize("path, to, query", [
    ("/article/12/Hello%20you", "show", "id=12&title=Hello%20you"),
    ("/Article/12/x/more?a=1&b", "show", "id=12&title=x&a=1&b"),
    ("/article/twelve/x", "article/twelve/x", ""),
    ("/bare/ABC?a=1", "bared/abc", ""),
    ("/chain/a%23b?q=1", "end/a#b", "by=second&q=1"),
    ("/captures?a=x&b=y", "caught/xy", ""),
    ("/captures?a=x", "captures", "a=x"),
    ("/any?one", "anyone", "one"),
    ("/any?three", "any", "three"),
    ("/folder/inner/x?q", "folder/outer/x", "q"),
    ("/other/inner/x", "other/inner/x", ""),
    ("/folder/deep/inner/x", "folder/deep/inner/x", ""),
    ("/chain/../only-get", "only-get", ""),
])
def test_rewrites(serve: Serve, path: str, to: str, query: str) -> None:
    told = serve.get(path).json()
    assert told["SCRIPT_FILENAME"].replace("\\", "/").endswith(f"/site/{to}")
    assert told["QUERY_STRING"] == query
    is_rewritten = told["HTTP_X_ORIGINAL_URL"] is not None
    if is_rewritten:
        assert told["HTTP_X_ORIGINAL_URL"] == path
    assert is_rewritten == (not path.lstrip("/").split("?")[0].endswith(to))


def test_conditions_see_headers(serve: Serve) -> None:
    assert serve.get("/any", X_Want="two").json()["HTTP_X_ORIGINAL_URL"] == "/any"


def test_variables_are_request_headers(serve: Serve) -> None:
    assert serve.get("/chain/x").json()["HTTP_X_RULE"] == "first x"
    assert serve.get("/chained/x").json()["HTTP_X_RULE"] == "second"
    assert serve.get("/chained/x", X_Rule="mine").json()["HTTP_X_RULE"] == "mine"
    assert serve.get("/chain/x", X_Rule="mine").json()["HTTP_X_RULE"] == "first x"


@pytest.mark.parametrize("path, host, status, location", [
    ("/old-name?x=1", "shop.example", 303, "/new-name"),
    ("/OLD-NAME", "shop.example", 303, "/new-name"),
    ("/a/b?x=1", "www.shop.example", 301, "http://shop.example/a/b?x=1"),
    ("/left/a%20b?x", "shop.example", 307, "/right/a%20b?x"),
])
def test_redirects(serve: Serve, path: str, host: str, status: int, location: str) -> None:
    answer = serve.get(path, Host=host)
    assert (answer.status, answer.headers["Location"]) == (status, location)


@pytest.mark.parametrize("method, path, status, reason, words", [
    ("GET", "/gone/x", 410, "Gone for good", "Nobody has seen x since"),
    ("GET", "/tea.pot", 203, "Short", "and stout"),
    ("POST", "/only-get", 405, "Only GET", ""),
])
def test_custom_responses(serve: Serve, method: str, path: str, status: int, reason: str, words: str) -> None:
    answer = serve.ask(method, path)
    assert (answer.status, answer.reason) == (status, reason)
    assert words in answer.text


def test_the_log_has_the_sub_status_of_a_rule(serve: Serve) -> None:
    serve.get("/gone/for-the-log")
    assert serve.wait_line("/gone/for-the-log").startswith("410.3")


@pytest.mark.parametrize("path, text", [("/spa/real.txt", "real\n"), ("/spa/a/route", "front\n"),
                                        ("/spa/none.txt", "front\n"), ("/spa/sub/in.txt", "in\n")])
def test_files_that_are_there_are_left_alone(serve: Serve, path: str, text: str) -> None:
    assert serve.get(path).text == text


def test_an_aborted_request_gets_no_answer(serve: Serve) -> None:
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        serve.get("/abort")
    assert serve.get("/after").status == 200


def test_another_server_is_refused_by_name(serve: Serve) -> None:
    answer = serve.get("/proxy/x")
    assert answer.status == 500 and "elsewhere" in answer.text and "Application Request Routing" in answer.text
    line = serve.wait_line("not simulated")
    assert 'name="elsewhere"' in line and "another server" in line
    assert sum("not simulated" in line for line in serve.text.splitlines()) == 1


def test_a_rule_that_is_not_understood_is_told_at_its_place() -> None:
    with served("rewrite") as serve:
        site = serve.said.parent / "site"
        (site / "sub").mkdir()
        (site / "sub/web.config").write_text("""<configuration><system.webServer><rewrite><rules>
<rule name="lookbehind"><match url="(?&lt;=a)b" /></rule></rules></rewrite></system.webServer></configuration>""")
        answer = serve.get("/sub/b")
        assert answer.status == 500 and "the pattern is not understood" in answer.text and "web.config:2" in answer.text
        assert serve.wait_line("/sub/b").startswith("500.19")
