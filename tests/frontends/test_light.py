"""Owns the everyday requests: every front end serves all three examples with them."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.fronts import FRONTS, Front

EXAMPLES = ("flask", "django", "pyramid")
BINARY = bytes(range(256)) * 300


@pytest.fixture(scope="module", params=[f"{front}/{example}" for front in FRONTS for example in EXAMPLES])
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    name, example = request.param.split("/")
    with FRONTS[name](example) as started:
        yield started


def test_get_and_head(front: Front) -> None:
    answer = front.ask("GET", "/hello")
    assert (answer.status, answer.text) == (200, "Hello, World!\n")
    assert (answer.header("Content-Type") or "").startswith("text/plain")
    assert answer.header("Content-Length") in ("14", None)
    assert answer.header("X-Pid")
    head = front.ask("HEAD", "/hello")
    assert (head.status, head.body) == (200, b"")


def test_the_environ(front: Front) -> None:
    environ = front.ask("GET", "/environ?a=%2F&b=%C3%A9+c", headers={"X-Test": "1 2", "Proxy": "evil"}).json
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", "/environ")
    assert environ["QUERY_STRING"] == "a=%2F&b=%C3%A9+c"
    assert (environ["REQUEST_METHOD"], environ["HTTP_X_TEST"]) == ("GET", "1 2")
    assert environ["wsgi.url_scheme"] == "http"
    assert "HTTP_PROXY" not in environ and "CONTENT_LENGTH" not in environ or environ["CONTENT_LENGTH"] in ("", "0")


def test_posts(front: Front) -> None:
    headers = {"Content-Type": "application/x-binary"}
    for body in (b"", b"x", BINARY):
        echo = front.ask("POST", "/echo", body, headers)
        assert (echo.status, echo.body) == (200, body)
        assert (echo.header("Content-Type") or "").startswith("application/x-binary")
    put = front.ask("PUT", "/sha256", BINARY)
    assert put.json == {"length": len(BINARY), "sha256": hashlib.sha256(BINARY).hexdigest()}


@pytest.mark.parametrize("code", [200, 204, 304, 400, 404, 418, 500, 503])
def test_statuses(front: Front, code: int) -> None:
    answer = front.ask("GET", f"/status/{code}")
    assert answer.status == code
    assert answer.text == ("" if code in (204, 304) else f"status {code}\n")


def test_headers_of_the_answer(front: Front) -> None:
    cookies = front.ask("GET", "/cookies").all("Set-Cookie")
    assert [cookie.split(";")[0] for cookie in sorted(cookies)] == ["first=one", "second=two"]
    redirect = front.ask("GET", "/redirect")
    assert redirect.status == 302
    assert re.fullmatch(r"(http://[\w.:]+)?/", redirect.header("Location") or "")
    download = front.ask("GET", "/download")
    sample = (front.site / "files/sample.txt").read_bytes()
    assert download.body == sample and "attachment" in (download.header("Content-Disposition") or "")


def test_a_form_with_a_file(front: Front) -> None:
    page = front.ask("GET", "/form")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    cookies = "; ".join(cookie.split(";")[0] for cookie in page.all("Set-Cookie"))
    boundary = "a-boundary-of-the-tests"
    fields = {"name": "a caf\u00e9", **({"csrfmiddlewaretoken": token[1]} if token else {})}
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
             for name, value in fields.items()]
    parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.bin"\r\n\r\n'.encode())
    body = b"".join(parts) + BINARY + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Cookie": cookies}
    answer = front.ask("POST", "/form", body, headers)
    assert answer.status == 200
    assert hashlib.sha256(BINARY).hexdigest() in answer.text and "a caf\u00e9" in answer.text


def test_an_error_is_a_500_and_no_more(front: Front) -> None:
    for _ in range(3):
        error = front.ask("GET", "/error")
        assert error.status == 500 and "boom with a secret" not in error.text
    front.log.wait("RuntimeError: boom with a secret")
    assert front.ask("GET", "/hello").status == 200


def test_one_connection_many_requests(front: Front) -> None:
    """cgi-fcgi has a process per request and nothing to keep: it is asked as often."""
    connection = front.connection()
    if front.keeps_alive:
        connection.connect()
    socket = connection.sock
    for turn in range(20):
        body = f"turn {turn}".encode()
        ask = functools.partial(front.ask_on, connection) if front.keeps_alive else front.ask
        assert ask("POST", "/echo", body).body == body
        assert connection.sock is socket, "the connection was closed"
    connection.close()


def test_sixteen_at_once(front: Front) -> None:
    def visit(who: int) -> list[bytes]:
        return [front.ask("POST", "/echo", f"{who}/{turn}".encode()).body for turn in range(5)]

    with ThreadPoolExecutor(16) as pool:
        for who, bodies in enumerate(pool.map(visit, range(16))):
            assert bodies == [f"{who}/{turn}".encode() for turn in range(5)]
