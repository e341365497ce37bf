"""Owns what answers for folders over HTTP: the slash, default documents, listings.

Does not own files themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from support.serve_site import Serve, served


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    with served("files") as serve:
        yield serve


@pytest.mark.parametrize("path, location", [
    ("/both", "/both/"),
    ("/both?x=1&y", "/both/?x=1&y"),
    ("/listed/sub", "/listed/sub/"),
    ("/%62oth", "/%62oth/"),
])
def test_a_folder_gets_its_slash(serve: Serve, path: str, location: str) -> None:
    answer = serve.get(path, Host="shop.example:81")
    assert (answer.status, answer.headers["Location"]) == (301, f"http://shop.example:81{location}")
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path, text", [
    ("/both/", "default\n"),
    ("/own/", "start\n"),
    ("/own/app/", "GET start.app "),
])
def test_default_documents_in_order(serve: Serve, path: str, text: str) -> None:
    answer = serve.get(path)
    assert (answer.status, answer.text) == (200, text)


def test_a_default_document_may_be_the_apps_and_take_a_body(serve: Serve) -> None:
    assert serve.ask("POST", "/own/app/?x=1", body=b"words").text == "POST start.app words"


def test_names_of_either_case(serve: Serve) -> None:
    """`Default.htm` stands in the configuration; on Windows `DEFAULT.HTM` is the same file."""
    folder = serve.said.parent / "site" / "upper"
    folder.mkdir()
    (folder / "DEFAULT.HTM").write_text("upper")
    assert serve.get("/upper/").text == "upper"


@pytest.mark.parametrize("path", ["/empty/", "/own/off/", "/plain/", "/"])
def test_nothing_to_show(serve: Serve, path: str) -> None:
    answer = serve.get(path)
    assert answer.status == 403
    assert serve.wait_line(f"GET    {path} ").startswith("403.14")


def test_a_listing(serve: Serve) -> None:
    answer = serve.get("/listed/", Host="shop.example")
    assert answer.status == 200 and answer.headers["Content-Type"].startswith("text/html")
    assert "shop.example - /listed/" in answer.text
    links = re.findall(r'<a href="([^"]*)">([^<]*)</a>', answer.text)
    assert links == [("/", "[To Parent Directory]"), ("/listed/a%20%26%20b.txt", "a &amp; b.txt"),
                     ("/listed/one.txt", "one.txt"), ("/listed/sub/", "sub")]
    line = next(line for line in answer.text.splitlines() if "one.txt" in line)
    assert re.match(r" *\d+/\d+/\d{4} +\d+:\d\d [AP]M +4 <a", line), line
    assert serve.get("/listed/a%20%26%20b.txt").text == "a & b\n"


def test_a_listing_of_names_alone(serve: Serve) -> None:
    assert '\n<a href="/short/one.txt">one</a>\n' in serve.get("/short/").text


def test_a_listing_takes_no_posts(serve: Serve) -> None:
    assert serve.ask("POST", "/listed/").status == 405
