"""Owns that IIS's limits of time end what they should: ``activityTimeout``, ``requestTimeout``, ``idleTimeout``.

Their least value is 10 s, and that is waited for; all at once, so that it is waited for once. Does not own how they
are counted (tests beside the code, with a clock of their own).
"""

from __future__ import annotations

import http.client
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.limits_site import LimitsSite, lives, pid_of, until_gone, with_latches
from support.serve_site import Answer, Latch, Serve, ServeSite
from support.waiting import until

#: The least that the schema allows.
LIMIT_SECONDS = 10

#: Beyond the limit, for a loaded machine.
SLACK_SECONDS = 30


class Case:
    """One request against one limit, begun with all the others."""

    def __init__(self, attributes: str, path: str, folder: Path, body: bytes = b"", **environment: str | Path) -> None:
        self.site = ServeSite("limits")
        self.told, self.wait = (Latch(folder / f"{name}-{path[1:]}-{len(attributes)}") for name in ("told", "wait"))
        self.serve: Serve = LimitsSite(self.site, attributes, **environment).serve()
        self.path, self.body = with_latches(self.told, self.wait, path), body
        self.answer: Answer | None = None
        self.error: Exception | None = None
        self.pid = 0
        self.next_pid = 0
        self.answered_seconds = self.next_seconds = self.idle_seconds = 0.0

    def run(self) -> None:
        """Asks; then asks again what the next request gets. There is one instance."""
        self.serve.get("/")
        start = time.monotonic()
        try:
            self.answer = self.serve.ask("POST" if self.body else "GET", self.path, self.body or None)
        except http.client.HTTPException as error:
            self.error = error
        self.answered_seconds = time.monotonic() - start
        self.pid = int(self.told.wait())
        self.next_pid = pid_of(self.serve)
        self.next_seconds = time.monotonic() - start

    def close(self) -> None:
        self.site.close()
        self.told.close()
        self.wait.close()


class Idle(Case):
    """Nothing is asked after the first request."""

    def run(self) -> None:
        # It idles from some moment between these two on.
        start = time.monotonic()
        self.pid = pid_of(self.serve)
        answered = time.monotonic()
        until("an idle process ends", lambda: not lives(self.pid), LIMIT_SECONDS + SLACK_SECONDS)
        end = time.monotonic()
        self.answered_seconds = end - start
        self.idle_seconds = end - answered
        self.next_pid = pid_of(self.serve)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Case]]:
    folder = tmp_path_factory.mktemp("latches")
    short, next_to = f'activityTimeout="{LIMIT_SECONDS}"', f'requestTimeout="{LIMIT_SECONDS}"'
    made: dict[str, Callable[[], Case]] = {
        "silent": lambda: Case(short, "/hold", folder),
        "half": lambda: Case(short, "/half", folder),
        "late": lambda: Case(f'{short} requestTimeout="{LIMIT_SECONDS + 2}"', "/drip-head", folder),
        "streaming": lambda: Case(next_to, "/drip-body", folder),
        "unread": lambda: Case(short, "/unread", folder, os.urandom(5_000_000)),
        "idle": lambda: Idle(f'idleTimeout="{LIMIT_SECONDS}"', "/", folder),
    }
    cases: dict[str, Case] = {}
    try:
        for name, make in made.items():
            cases[name] = make()
        with ThreadPoolExecutor(len(cases)) as pool:
            for running in [pool.submit(case.run) for case in cases.values()]:
                running.result()
        yield cases
    finally:
        for case in cases.values():
            case.close()


def _in_time(seconds: float, limit: float = LIMIT_SECONDS) -> bool:
    return limit - 0.1 <= seconds <= limit + SLACK_SECONDS


def _page(case: Case) -> str:
    assert case.answer and case.answer.status == 500, case.error
    return case.answer.text


def test_activity_timeout(cases: dict[str, Case]) -> None:
    case = cases["silent"]
    page = _page(case)
    for words in ("500.0", "The FastCGI process exceeded configured activity timeout", "0x80070102",
                  "It has sent nothing at all", "applicationHost.config:"):
        assert words in page
    assert _in_time(case.answered_seconds)
    until_gone(case.pid)
    assert case.next_pid != case.pid


def test_activity_timeout_in_the_middle_of_a_response(cases: dict[str, Case]) -> None:
    case = cases["half"]
    assert isinstance(case.error, http.client.IncompleteRead) and case.error.partial == b"half"
    assert _in_time(case.answered_seconds)
    until_gone(case.pid)


def test_request_timeout_though_something_comes_all_the_time(cases: dict[str, Case]) -> None:
    case = cases["late"]
    page = _page(case)
    for words in ("500.0", "The FastCGI process exceeded configured request timeout", "0x80070102"):
        assert words in page
    assert _in_time(case.answered_seconds, LIMIT_SECONDS + 2)
    until_gone(case.pid)
    assert case.next_pid != case.pid


def test_request_timeout_in_the_middle_of_a_response(cases: dict[str, Case]) -> None:
    case = cases["streaming"]
    assert isinstance(case.error, http.client.IncompleteRead) and case.error.partial.startswith(b"drop drop")
    assert _in_time(case.answered_seconds)
    until_gone(case.pid)


def test_an_unread_body_blocks_its_instance_without_flush_named_pipe(cases: dict[str, Case]) -> None:
    case = cases["unread"]
    assert case.answer and (case.answer.status, case.answer.text) == (200, "answered")
    assert case.answered_seconds < LIMIT_SECONDS, "the client does not wait for that"
    assert _in_time(case.next_seconds), "the next request does"
    assert case.next_pid != case.pid
    until_gone(case.pid)


def test_idle_timeout(cases: dict[str, Case]) -> None:
    case = cases["idle"]
    assert _in_time(case.answered_seconds)
    assert case.idle_seconds > LIMIT_SECONDS - 1
    assert case.next_pid != case.pid
