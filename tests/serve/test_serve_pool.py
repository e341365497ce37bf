"""Owns that the attributes of ``<fastCgi><application>`` act as on IIS, seen from outside over HTTP.

Does not own the pool's rules one by one (tests beside the code), nor ``maxInstances``, ``queueLength``,
``instanceMaxRequests`` (``test_serve_application_host``) and ``protocol`` (``test_serve_strangers``).
"""

from __future__ import annotations

import http.client
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.limits_site import LimitsSite, lives, pid_of, until_gone, with_latches
from support.serve_site import Latch, Serve, ServeSite
from support.waiting import until

MakeSite = Callable[..., ServeSite]
MakeLatch = Callable[[str], Latch]
Serving = Callable[..., Serve]


@pytest.fixture
def serving(make_site: MakeSite) -> Serving:
    def serving(attributes: str = "", **environment: str | Path) -> Serve:
        return LimitsSite(make_site("limits"), attributes, **environment).serve()

    return serving


def test_an_instance_is_signalled_and_may_say_goodbye(serving: Serving, latch: MakeLatch) -> None:
    farewell = latch("farewell")
    serve = serving('instanceMaxRequests="1" signalBeforeTerminateSeconds="20"', FAREWELL=farewell.path)
    pid = pid_of(serve)
    assert int(farewell.wait()) == pid
    until_gone(pid)
    assert pid_of(serve) != pid


def test_without_a_signal_an_instance_is_killed(serving: Serving, latch: MakeLatch) -> None:
    farewell = latch("farewell")
    serve = serving('instanceMaxRequests="1"', FAREWELL=farewell.path)
    pid = pid_of(serve)
    until_gone(pid)
    assert farewell.is_silent()


def test_an_instance_that_ignores_the_signal_is_killed(serving: Serving, latch: MakeLatch) -> None:
    farewell = latch("farewell")
    serve = serving('instanceMaxRequests="1" signalBeforeTerminateSeconds="3"', FAREWELL=farewell.path, STUBBORN="1")
    pid = pid_of(serve)
    assert int(farewell.wait()) == pid
    until_gone(pid)
    assert pid_of(serve) != pid


def test_rapid_fails(serving: Serving) -> None:
    serve = serving('rapidFailsPerMinute="2"')
    for _ in range(3):
        answer = serve.get("/die?status=3")
        assert answer.status == 500
        for words in ("500.0", "exited unexpectedly", "0x00000003"):
            assert words in answer.text
    answer = serve.get("/")
    assert answer.status == 500
    assert "has failed frequently recently" in answer.text
    assert re.search(r"exit (status|code): 3\b", answer.text) and "rapidFailsPerMinute" in answer.text


def test_an_instance_that_leaves_between_requests_is_a_failure(serving: Serving) -> None:
    serve = serving('rapidFailsPerMinute="0"')
    assert serve.get("/leave").text == "bye"

    def refused() -> str | None:
        # Who asks while it is leaving gets the page of a process that exited.
        page = serve.get("/").text
        return page if "has failed frequently recently" in page else None

    page = until("no other instance is started", refused)
    assert re.search(r"ended by itself: exit (status|code): 0\b", page)


@pytest.mark.parametrize("place", ["beside the program", "elsewhere"])
def test_a_monitored_file(make_site: MakeSite, place: str) -> None:
    site = make_site("limits")
    file = site.write("settings.ini", "one") if place == "beside the program" else site.folder / "settings.ini"
    file.write_text("one")
    name = file.name if place == "beside the program" else str(file)
    serve = LimitsSite(site, f'monitorChangesTo="{name}"').serve()
    first = pid_of(serve)
    assert pid_of(serve) == first
    file.write_text("one, two")
    second = until("the pool is recycled", lambda: (pid := pid_of(serve)) != first and pid)
    until_gone(first)
    beside = file.with_name("settings.ini.new")
    beside.write_text("put in its place")
    beside.replace(file)
    until("it is recycled again", lambda: pid_of(serve) != second)


def test_a_monitored_file_does_not_end_a_request(make_site: MakeSite, latch: MakeLatch) -> None:
    told, wait = latch("told"), latch("wait")
    site = make_site("limits")
    file = site.write("settings.ini", "one")
    serve = LimitsSite(site, 'maxInstances="2" monitorChangesTo="settings.ini"').serve()
    idle = pid_of(serve)
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(serve.get, with_latches(told, wait, "/hold"))
        busy = int(told.wait())
        assert busy == idle
        other = pid_of(serve)
        file.write_text("changed")
        until_gone(other)
        assert lives(busy), "its request goes on"
        wait.open()
        assert (held.result().status, held.result().text) == (200, str(busy))
    until_gone(busy)
    assert pid_of(serve) not in (busy, other)


@pytest.mark.parametrize(("name", "words"), [
    ("nowhere.ini", "not simulated monitorChangesTo: no such file on this machine"),
    ("%SystemRoot%\\php.ini", "names no file: %VARIABLES% are not replaced there"),
])
def test_a_monitored_file_that_is_not_there_is_told(serving: Serving, name: str, words: str) -> None:
    serve = serving(f'monitorChangesTo="{name}"')
    assert words in serve.wait_line("monitorChangesTo")
    assert pid_of(serve)


@pytest.mark.parametrize(("mode", "status", "text"), [
    ("ReturnStdErrIn500", 500, "what the visitor should not see"),
    ("ReturnGeneric500", 500, "The FastCGI process reported an error"),
    ("IgnoreAndReturn200", 201, "made"),
    ("TerminateProcess", 500, "The FastCGI process reported an error"),
])
def test_stderr_mode(serving: Serving, mode: str, status: int, text: str) -> None:
    serve = serving(f'stderrMode="{mode}"')
    pid = pid_of(serve)
    answer = serve.get("/complain")
    assert answer.status == status and text in answer.text
    assert ("should not see" in answer.text) == (mode == "ReturnStdErrIn500")
    assert (pid_of(serve) == pid) == (mode != "TerminateProcess")


def test_stderr_terminates_a_process_that_has_begun_its_answer(serving: Serving, latch: MakeLatch) -> None:
    told, wait = latch("told"), latch("wait")
    serve = serving('stderrMode="TerminateProcess"')
    connection = serve.connect()
    connection.request("GET", with_latches(told, wait, "/complain-late"))
    response = connection.getresponse()
    pid = int(told.wait())
    assert response.read(4) == b"half"
    wait.open()
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    connection.close()
    until_gone(pid)
    assert pid_of(serve) != pid


def test_an_unread_body_is_dropped_with_flush_named_pipe(serving: Serving, latch: MakeLatch) -> None:
    told, wait = latch("told"), latch("wait")
    serve = serving('flushNamedPipe="true"')
    answer = serve.ask("POST", with_latches(told, wait, "/unread"), os.urandom(5_000_000))
    assert (answer.status, answer.text) == (200, "answered")
    pid = int(told.wait())
    assert pid_of(serve) != pid, "the instance that reads no more is in nobody's way"
    until_gone(pid)


def test_a_program_that_cannot_be_started(make_site: MakeSite) -> None:
    site = make_site("limits")
    limits = LimitsSite(site)
    limits.program.chmod(0o644)
    answer = limits.serve().get("/")
    assert answer.status == 500
    for words in ("cannot start", "0x80070005", str(limits.program)):
        assert words in answer.text


def test_old_defaults_allow_four_instances(site: ServeSite, latch: MakeLatch) -> None:
    told, wait = latch("told"), latch("wait")
    serve = site.serve("--as-iis=old-defaults")
    with ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(serve.get, with_latches(told, wait, "/hold")) for _ in range(6)]
        inside = 0
        for served in range(6):
            while inside < min(served + 4, 6):
                inside += len(told.wait())
            assert inside - served <= 4
            assert len(site.gates()) <= 4
            wait.open()
        assert {answer.result().status for answer in answers} == {200}
    assert len(site.gates()) == 4
