"""Owns what app failures look like: in the log all, to visitors a number, to developers a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support.fcgi_client import Closed, Response
from support.worker import Worker

BROKEN = "broken"
SECRET = "the-secret-of-production"


def number(response: Response) -> str:
    """The request's id on a plain-text page."""
    return next(line for line in response.text.splitlines() if "Request" in line).split()[-1]


@pytest.mark.parametrize("path", ["/raises", "/raises-started", "/raises-at-once", "/exit", "/interrupt",
                                  "/raises-wide", "/raises-unprintable"])
def test_an_exception_before_the_first_byte_is_a_500(plain: Worker, path: str) -> None:
    with plain.connect() as client:
        response = client.ask(path=path)
        assert (response.status, response.app_status, response.stderr) == (500, 0, b"")
        assert response.header("Content-Length") == str(len(response.body))
        assert client.ask(path="/hop-by-hop").text == "fine"
    failed = plain.log.wait_line(f"GET {path}: the app failed")
    assert failed.level == "ERROR"
    # The page's number leads to the traceback.
    assert number(response) in {line.request for line in plain.log.lines() if path in line.text}


def test_the_whole_traceback_is_in_the_log_under_one_number(plain: Worker) -> None:
    response = plain.ask(path="/raises")
    plain.log.wait(SECRET)
    lines = [line.text for line in plain.log.lines() if line.request == number(response)]
    assert lines[0] == "GET /raises: the app failed"
    assert lines[1] == "Traceback (most recent call last):"
    assert any("broken.py" in line and "in raises" in line for line in lines)
    assert lines[-1] == f"RuntimeError: boom {SECRET}"


def test_system_exit_and_interrupt_end_the_request_only(plain: Worker) -> None:
    pid = plain.process.pid
    for path in ("/exit", "/interrupt"):
        assert plain.ask(path=path).status == 500
    assert plain.process.poll() is None and plain.process.pid == pid
    plain.log.wait("SystemExit: 3")
    plain.log.wait("KeyboardInterrupt")


def test_the_visitors_page_has_a_number_and_no_secret(plain: Worker) -> None:
    for accept in ("text/html,application/xhtml+xml", "*/*"):
        response = plain.ask(path="/raises", HTTP_ACCEPT=accept, HTTP_COOKIE="sessionid=s3cr3t")
        assert response.status == 500
        html = "html" in accept
        assert (response.header("Content-Type") or "").startswith("text/html" if html else "text/plain")
        for secret in (SECRET, "RuntimeError", "Traceback", "broken.py", "s3cr3t", str(plain.folder)):
            assert secret not in response.text
        assert response.header("Cache-Control") == "no-store"


def test_head_requests_get_the_error_without_a_body(plain: Worker) -> None:
    response = plain.ask("HEAD", "/raises")
    assert (response.status, response.body) == (500, b"")


def test_an_exception_after_the_first_byte_cuts_the_answer_off(plain: Worker) -> None:
    with plain.connect() as client, pytest.raises(Closed) as closed:
        client.ask(path="/raises-in-body")
    response = closed.value.response
    assert (response.status, response.body, response.is_ended) == (200, b"begun", False)
    plain.log.wait_line("RuntimeError: in the body")
    plain.log.wait_line("the answer had begun: it is cut off")


@pytest.fixture(scope="module")
def debugging() -> Worker:  # type: ignore[misc]
    with Worker("broken:app", "--debug") as worker:
        yield worker


COOKIE = {"HTTP_COOKIE": "sessionid=s3cr3t", "HTTP_AUTHORIZATION": "Basic s3cr3t", "HTTP_X_API_KEY": "s3cr3t",
          "CERT_SUBJECT": "s3cr3t", "HTTP_X_PLAIN": "to be <seen>"}


def test_the_developers_page_tells_all_but_secrets(debugging: Worker) -> None:
    response = debugging.ask(path="/raises", HTTP_ACCEPT="text/html", **COOKIE)
    text = response.text
    assert response.status == 500 and (response.header("Content-Type") or "").startswith("text/html")
    for told in ("RuntimeError", "boom", "broken.py", "in raises",
                 # The source line, and no HTML of the visitor's making.
                 "raise RuntimeError(f&quot;boom {secret_local}&quot;)".replace("&quot;", '"'),
                 "to be &lt;seen&gt;", "HTTP_COOKIE", "(masked)"):
        assert told in text or told.replace('"', "&quot;") in text or told.replace('"', "&#34;") in text, told
    assert "s3cr3t" not in text and "<seen>" not in text


def test_the_developers_page_is_plain_text_for_curl(debugging: Worker) -> None:
    response = debugging.ask(path="/raises", HTTP_ACCEPT="*/*", **COOKIE)
    assert (response.header("Content-Type") or "").startswith("text/plain")
    assert "Traceback (most recent call last):" in response.text and "s3cr3t" not in response.text
    assert "GET /raises: the app failed" in response.text, "the last log lines"


def test_the_developers_page_masks_secrets_in_the_query_and_the_log(debugging: Worker) -> None:
    """What the environ masks must not come back by another door: the log lines on the page."""
    debugging.ask(path="/raises", **COOKIE)
    response = debugging.ask(path="/raises", HTTP_ACCEPT="text/html", **COOKIE)
    assert "s3cr3t" not in response.text


def test_the_developers_page_bears_what_cannot_be_printed(debugging: Worker) -> None:
    for path in ("/raises-wide", "/raises-unprintable"):
        response = debugging.ask(path=path, HTTP_ACCEPT="text/html", HTTP_X_BYTES=b"\xff\xfe")
        assert response.status == 500 and "Traceback" in response.text


def test_an_inherited_connection_survives_a_cut_answer(start_worker: Callable[..., Worker]) -> None:
    """IIS would count a closed pipe as a crash of the instance; told in ``test_endpoints``, too."""
    worker = start_worker("broken:app", "--threads=1")
    for _ in range(3):
        with worker.connect() as client, pytest.raises(Closed):
            client.ask(path="/raises-in-body")
    assert worker.ask(path="/hop-by-hop").text == "fine"
