"""Owns that the example sites are served from their ``web.config``: every route, every shape.

Does not own large bodies: see ``test_serve_transfer``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import programs
from support.serve_site import Serve, served

FRAMEWORKS = {"flask": "flask", "django": "django", "pyramid": "pyramid_jinja2", "fastapi": "fastapi"}


@pytest.fixture(scope="module", params=FRAMEWORKS)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    if importlib.util.find_spec(FRAMEWORKS[request.param]) is None:
        programs.missing(request.param, f"pip install -r examples/{request.param}/requirements.txt")
    folder = tmp_path_factory.mktemp(request.param)
    env = {"DJANGO_DB": str(folder / "db.sqlite3"), "DJANGO_MEDIA": str(folder / "media")}
    path = programs.EXAMPLES / request.param
    if request.param == "django":
        subprocess.run([sys.executable, str(path / "manage.py"), "migrate", "-v0"], check=True,
                       env={**os.environ, **env})
    with served(path, copy=False, env=env) as serve:
        yield serve


def test_the_home_page(example: Serve) -> None:
    answer = example.get("/")
    assert answer.status == 200
    assert "<h1" in answer.text and "Process id" in answer.text
    assert answer.headers["X-Pid"] in answer.text


def test_hello(example: Serve) -> None:
    answer = example.get("/hello")
    assert (answer.status, answer.text) == (200, "Hello, World!\n")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_head(example: Serve) -> None:
    connection = example.connect()
    answer = example.ask("HEAD", "/hello", on=connection)
    assert (answer.status, answer.body) == (200, b"")
    assert example.ask("GET", "/hello", on=connection).text == "Hello, World!\n"
    connection.close()


def test_the_environ(example: Serve) -> None:
    told = example.get("/environ?a=1&b=%20", X_Asked="yes").json()
    assert told["QUERY_STRING"] == "a=1&b=%20"
    assert told["HTTP_X_ASKED"] == "yes"
    assert told["SCRIPT_NAME"] == ""
    assert told["PATH_INFO"] == "/environ"
    assert told["REQUEST_METHOD"] == "GET"
    assert told["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert told["REMOTE_ADDR"] == "127.0.0.1"
    assert told["SERVER_PORT"] == str(example.port)
    assert told["wsgi.multithread"] is True and told["wsgi.multiprocess"] is False


def test_an_encoded_path(example: Serve) -> None:
    answer = example.get("/status/4%31%38")
    assert (answer.status, answer.text) == (418, "status 418\n")


@pytest.mark.parametrize("code", [200, 204, 304, 404, 418, 500, 599])
def test_statuses(example: Serve, code: int) -> None:
    connection = example.connect()
    assert example.ask("GET", f"/status/{code}", on=connection).status == code
    assert example.ask("GET", "/hello", on=connection).status == 200
    connection.close()


@pytest.mark.parametrize("size", [0, 1, 60_000, 70_000, 3_000_000])
def test_echo(example: Serve, size: int) -> None:
    body = os.urandom(size)
    answer = example.ask("POST", "/echo", body, {"Content-Type": "application/x-it"})
    assert answer.body == body
    assert answer.headers["Content-Type"] == "application/x-it"


def test_a_body_of_unknown_length(example: Serve) -> None:
    if "examples/django" in example.text:
        return  # Django reads as much as CONTENT_LENGTH says, so nothing: no server can help that.
    pieces = [os.urandom(10_000) for _ in range(30)]
    connection = example.connect()
    connection.request("PUT", "/sha256", body=iter(pieces), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})
    told = json.loads(connection.getresponse().read())
    connection.close()
    body = b"".join(pieces)
    assert told == {"length": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def test_an_error(example: Serve) -> None:
    answer = example.get("/error")
    assert answer.status == 500
    assert "boom with a secret" not in answer.text
    example.wait_line("boom with a secret")
    assert example.get("/hello").status == 200


def test_cookies_and_redirects(example: Serve) -> None:
    cookies = example.get("/cookies").headers.get_all("Set-Cookie") or []
    assert [cookie.split(";")[0] for cookie in cookies] == ["first=one", "second=two"]
    answer = example.get("/redirect")
    assert answer.status == 302
    assert answer.headers["Location"].removeprefix(f"http://127.0.0.1:{example.port}") == "/"


def test_a_download(example: Serve) -> None:
    answer = example.get("/download")
    assert answer.status == 200 and answer.body
    assert "attachment" in answer.headers["Content-Disposition"]


def test_static_files(example: Serve) -> None:
    answer = example.get("/static/site.css")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/css")


def test_the_form(example: Serve) -> None:
    assert "<form" in example.get("/form").text


def test_requests_at_once_on_kept_connections(example: Serve) -> None:
    def many(_: int) -> set[str]:
        connection = example.connect()
        answers = [example.ask("GET", "/hello", on=connection) for _ in range(20)]
        connection.close()
        assert all(answer.text == "Hello, World!\n" for answer in answers)
        return {answer.headers["X-Pid"] for answer in answers}

    with ThreadPoolExecutor(12) as pool:
        assert len(set().union(*pool.map(many, range(12)))) == 1


def test_the_mapping_is_told(example: Serve) -> None:
    line = example.wait_line("mapped")
    assert r"C:\Program Files\iisgate\iisgate.exe" in line
    assert "(web.config:" in line
