"""Owns that the examples, and unchanged wfastcgi, are served by ``iisgate.exe serve`` through named pipes.

Does not own Plone (``test_plone``), nor the ways in which IIS may differ (``test_serve_ways``).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plone_support.browser import Browser, Page, multipart
from serve_support import sites
from serve_support.examples import PASSWORD, USER, example
from support import living, places
from support.launch import Argument
from support.serving import Serving, served
from support.waiting import until

MIB = 1024 * 1024

BODY = os.urandom(3 * MIB + 1)

#: All bytes that there are, as the examples and our app stream them.
BLOCK = bytes(range(256)) * 256


@pytest.fixture(scope="module", params=["flask", "django", "pyramid"])
def served_example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    site, variables = example(request.param, tmp_path_factory.mktemp(request.param))
    with served(site, "--max-instances=4", env=variables) as serving:
        yield serving


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    site, variables = example("django", tmp_path_factory.mktemp("library"))
    with served(site, env=variables) as serving:
        yield serving


def test_the_home_page(served_example: Serving) -> None:
    page = served_example.get("/").ok()
    assert "<h1" in page.text and "Microsoft-IIS/10.0" in page.text
    assert page.headers["X-Pid"] in page.text, "the process is told"


def test_hello(served_example: Serving) -> None:
    assert served_example.get("/hello").ok().text == "Hello, World!\n"
    head = served_example.ask("HEAD", "/hello").ok()
    assert head.body == b"" and head.headers["Content-Type"].startswith("text/plain")


def test_the_environ(served_example: Serving) -> None:
    told = served_example.get("/environ?a=1&b=%20", X_Asked="yes").json()
    assert (told["QUERY_STRING"], told["HTTP_X_ASKED"], told["REQUEST_METHOD"]) == ("a=1&b=%20", "yes", "GET")
    assert (told["SCRIPT_NAME"], told["PATH_INFO"]) == ("", "/environ")
    assert told["wsgi.multithread"] is True and told["wsgi.multiprocess"] is False


def test_a_body(served_example: Serving) -> None:
    told = served_example.ask("POST", "/sha256", BODY).json()
    assert told == {"length": len(BODY), "sha256": hashlib.sha256(BODY).hexdigest()}


def test_a_body_and_an_answer_at_once(served_example: Serving) -> None:
    answer = served_example.ask("POST", "/echo", BODY, {"Content-Type": "application/x-it"}).ok()
    assert answer.body == BODY and answer.headers["Content-Type"] == "application/x-it"


def test_a_large_answer(served_example: Serving) -> None:
    assert served_example.get("/stream?mib=16").ok().body == BLOCK * 256


def test_an_answer_arrives_before_it_is_whole(served_example: Serving) -> None:
    """What would take minutes to come is there at once, and who has seen enough leaves."""
    with served_example.raw(b"GET /stream?mib=1000000 HTTP/1.1\r\nHost: x\r\n\r\n") as visitor:
        seen = b""
        while BLOCK[:256] not in seen:
            piece = visitor.recv(4096)
            assert piece, f"it ended: {seen[:1000]!r}"
            seen += piece
    assert " cut off" in served_example.until_told("/stream?mib=1000000 ")
    served_example.get("/hello").ok()


def test_a_file_is_sent_by_the_web_server(served_example: Serving) -> None:
    answer = served_example.get("/static/site.css").ok()
    assert answer.headers["Content-Type"].startswith("text/css") and "X-Pid" not in answer.headers


def test_an_error_is_logged_and_not_shown(served_example: Serving) -> None:
    answer = served_example.get("/error")
    assert answer.status == 500 and "boom with a secret" not in answer.text
    served_example.until_told("boom with a secret")
    served_example.get("/hello").ok()


def test_pages_at_once_are_of_one_process(served_example: Serving) -> None:
    def many(_: int) -> set[str]:
        connection = served_example.connect()
        answers = [served_example.ask("GET", "/hello", on=connection).ok() for _ in range(10)]
        connection.close()
        return {answer.headers["X-Pid"] for answer in answers}

    with ThreadPoolExecutor(8) as pool:
        assert len(set().union(*pool.map(many, range(8)))) == 1


def test_an_app_of_an_ini_file_below_a_path(tmp_path: Path) -> None:
    site, _ = example("pyramid", tmp_path)
    config = site / "web.config"
    config.write_text(config.read_text("utf-8").replace("fcgi production.ini", "fcgi production.ini#mounted"), "utf-8")
    with served(site) as serving:
        told = serving.get("/mounted/environ").json()
        assert (told["SCRIPT_NAME"], told["PATH_INFO"]) == ("/mounted", "/environ")
        assert serving.get("/hello").status == 404


def submitted(visitor: Browser, page: Page, mark: str, values: dict[str, str]) -> Page:
    """Sends a form whose button has no name, and goes where that leads."""
    form = page.form(mark)
    form.fill(values)
    content_type, body = multipart(form.values)
    answer = visitor.ask("POST", form.action, body, {"Content-Type": content_type})
    assert answer.status == 302, f"{answer.status}: {answer.text[:3000]}"
    return visitor.get(answer.headers["Location"])


def test_the_admin_of_django(library: Serving) -> None:
    visitor = Browser(library.port)
    page = visitor.get("/admin/")
    assert "/admin/login/" in page.url
    page = submitted(visitor, page, "login-form", {"username": USER, "password": PASSWORD}).ok()
    assert "sessionid" in visitor.cookies and "Site administration" in page.text
    assert visitor.get("/static/admin/css/base.css").status == 200

    values = {"title": "Łódź — 日本語", "author": "Ørsted", "year": "1951"}
    page = submitted(visitor, visitor.get("/admin/library/book/add/").ok(), "book_form", values).ok()
    assert "was added successfully" in page.text and "Łódź — 日本語" in page.text
    assert "Łódź — 日本語" in Browser(library.port).get("/").ok().text, "visitors see it, too"


@pytest.fixture(scope="module")
def by_wfastcgi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """wfastcgi as it is, by the base Python: the environment's python.exe would start it as a grandchild."""
    handler = sites.handler("-m wfastcgi", program=places.base_python())
    settings = {"WSGI_HANDLER": "app.app"}
    site = sites.site(tmp_path_factory.mktemp("wfastcgi"), "noting", handler, settings=settings)
    packages: dict[str, Argument] = {"PYTHONPATH": places.VENV / "Lib" / "site-packages"}
    with served(site, "--max-instances=2", env=packages) as serving:
        yield serving


def test_wfastcgi_serves_pages(by_wfastcgi: Serving) -> None:
    told = by_wfastcgi.get("/environ/caf%C3%A9?x=%C3%A9", X_Asked="yes").json()
    assert told["environ"]["PATH_INFO"].encode("latin-1").decode() == "/environ/café"
    assert (told["environ"]["QUERY_STRING"], told["environ"]["HTTP_X_ASKED"]) == ("x=%C3%A9", "yes")
    assert told["multiprocess"] is True, "one process for each instance"
    assert living.alive("python.exe", "-m wfastcgi")


def test_wfastcgi_takes_bodies_and_gives_large_answers(by_wfastcgi: Serving) -> None:
    for size in (0, 1, 70_000, len(BODY)):
        told = by_wfastcgi.ask("POST", "/digest", BODY[:size]).json()
        assert (told["length"], told["sha256"]) == (size, hashlib.sha256(BODY[:size]).hexdigest())
    assert by_wfastcgi.get("/bytes?mib=9").ok().body == BLOCK * 16 * 9


def test_wfastcgi_s_failure_is_the_page(by_wfastcgi: Serving) -> None:
    """It tells failures by STDERR records, which IIS shows."""
    answer = by_wfastcgi.get("/bytes?mib=many")
    assert answer.status == 500 and "ValueError: invalid literal for int()" in answer.text
    by_wfastcgi.get("/").ok()


#: By what the processes of this test are told from those of others.
FOUR = "--threads 14"


@pytest.fixture
def four(tmp_path: Path) -> Iterator[Serving]:
    site = sites.site(tmp_path / "site", "noting", sites.handler(sites.fcgi("app:app", FOUR)))
    with served(site, "--max-instances=4") as serving:
        yield serving


def test_four_slow_requests_are_in_one_python(four: Serving) -> None:
    """None of them is answered before all four are in the app."""
    for _ in range(2):
        with ThreadPoolExecutor(4) as pool:
            told = list(pool.map(lambda _: four.get("/meet?count=4").json(), range(4)))
        assert len({each["pid"] for each in told}) == 1 and len({each["thread"] for each in told}) == 4
        assert not any(each["multiprocess"] for each in told)
    until("all are told", lambda: len(four.instances("/meet?count=4")) == 4)
    assert len(living.alive("iisgate.exe", FOUR)) == 4
    living.one_alive("python.exe", FOUR)
