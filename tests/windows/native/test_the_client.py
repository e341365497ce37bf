"""The IIS-shaped client itself is right: it serves applications that are not ours, and lets no fault pass."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PureWindowsPath

import pytest

from native import programs
from native.client import Started, Switches, ask, fine
from support import living
from support.paths import to_windows
from support.places import base_python

HELLO: Switches = {"path": "/hello", "expect_text": "Hello, world!"}
MARKED: Switches = {"query": "token={token}", "expect_token": "X-Token", "collect": ["X-Pid"]}

#: What a process tells of how it was started.
TOLD = ["X-Output", "X-Pipe", "X-Server-End", "X-Event", "X-Event-Is-Set", "X-Console", "X-Job", "X-Configured"]
TOLD += ["X-Folder", "X-Executable", "X-Inherited"]

STDOUT, STDERR, END = 6, 7, 3
HEAD = b"Content-Type: text/plain\r\n\r\n"


@pytest.fixture
def responder(tmp_path: Path) -> Started:
    return programs.responder(tmp_path)


@pytest.fixture
def wfastcgi(tmp_path: Path) -> Started:
    return programs.wfastcgi(programs.site("checked", tmp_path))


def record(kind: int, content: bytes, id: int = 1, version: int = 1) -> bytes:
    return struct.pack(">BBHHBB", version, kind, id, len(content), 0, 0) + content


def answer(body: bytes = b"Hello, world!", head: bytes = HEAD, end: bytes = bytes(8)) -> bytes:
    return record(STDOUT, head + body) + record(STDOUT, b"") + record(END, end)


@pytest.mark.parametrize("output", ["invalid", "nul"])
@pytest.mark.parametrize("connect", ["before", "after"])
@pytest.mark.parametrize("pipe", ["overlapped", "synchronous"])
def test_the_responder_is_started_in_every_way(responder: Started, pipe: str, connect: str, output: str) -> None:
    way: Switches = {"pipe": pipe, "connect": connect, "connect_delay_ms": 100, "output": output}
    report = fine(responder, **way, **HELLO, strict=True, instances=3, requests=200, warm_up=10)
    assert report.done == 600
    assert [each.warmed for each in report.instances] == [10] * 3
    assert {(each.ended, each.exit_code) for each in report.instances} == {("within the grace", 0)}


@pytest.mark.parametrize(
    "cuts",
    [
        {"params_cut": 1, "ids": "rotating"},
        {"params_cut": 50, "params_padding": 255, "random_cuts": True, "ids": "rotating"},
        {"write_cut": 1, "body": 500, "expect_text": "500"},
        {"stdin_cut": 7, "stdin_padding": 3, "random_cuts": True, "body": 30_000, "expect_text": "30000"},
        {"body": 1_048_576, "expect_text": "1048576", "pipe_buffer": 1, "read_after_write": True},
    ],
    ids=str,
)
def test_the_responder_reads_what_is_cut(responder: Started, cuts: Switches) -> None:
    fine(responder, **{**HELLO, **cuts}, requests=5, instances=2)


def test_a_large_response_is_compared_with_a_file(responder: Started) -> None:
    large = responder.site / "large"
    large.write_bytes(b"x" * 65_536)
    fine(responder, path="/large", expect_file=large, requests=50, instances=2)
    large.write_bytes(b"x" * 65_535 + b"y")
    report = ask(responder, path="/large", expect_file=large)
    assert (report.done, report.mismatched) == (0, 1)


def test_wfastcgi_answers_each_request_with_its_own_response(wfastcgi: Started) -> None:
    report = fine(wfastcgi, **HELLO, **MARKED, instances=3, requests=300, ids="rotating")
    assert sorted(report.seen("X-Pid").values()) == [300] * 3


@pytest.mark.parametrize("pipe", ["overlapped", "synchronous"])
def test_wfastcgi_gives_bodies_back(wfastcgi: Started, pipe: str) -> None:
    echo: Switches = {"path": "/echo", "method": "POST", "body": 300_001, "expect_echo": True}
    cuts: Switches = {"stdin_cut": 5000, "stdin_padding": 9, "random_cuts": True}
    fine(wfastcgi, **MARKED, **echo, **cuts, pipe=pipe, instances=2, requests=20)


@pytest.mark.parametrize(("output", "handle"), [("invalid", lambda told: told == -1), ("nul", lambda told: told > 0)])
@pytest.mark.parametrize("job", ["none", "closed"])
def test_a_process_is_started_as_iis_does(
    tmp_path: Path, output: str, handle: Callable[[int], bool], job: str
) -> None:
    telling = replace(programs.telling(tmp_path), environment={"CONFIGURED": "Yes"}, end="event")
    report = ask(telling, output=output, job=job, expect_length=0, grace_ms=0, collect=TOLD)
    seen = {name: value for name, (value,) in report.instances[0].seen.items()}
    assert report.done == 1, report
    assert handle(int(seen.pop("X-Output")))
    assert re.fullmatch(r"\\\\\.\\pipe\\IISFCGI-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", seen.pop("X-Pipe"))
    # The pipe and the event, besides NUL.
    assert seen.pop("X-Inherited") == ("2" if output == "invalid" else "3")
    python = to_windows(base_python())
    # The working directory is the program's folder; values are cut to what a report holds of them.
    assert python.startswith(seen.pop("X-Executable"))
    assert str(PureWindowsPath(python).parent).startswith(seen.pop("X-Folder"))
    expected = {"X-Server-End": "1", "X-Event": "True", "X-Event-Is-Set": "False", "X-Console": "False"}
    assert seen == {**expected, "X-Job": str(job == "closed"), "X-Configured": "Yes"}


def test_what_is_configured_arrives(tmp_path: Path) -> None:
    site = programs.site("checked", tmp_path)
    plain = programs.wfastcgi(site)
    wfastcgi = replace(plain, environment={**plain.environment, "CONFIGURED": "Straße"})
    collect = ["X-Configured", "X-Agent"]
    report = fine(wfastcgi, **HELLO, collect=collect, var_hex=["HTTP_USER_AGENT=66fc72"], without=["HTTP_COOKIE"])
    assert dict(report.seen("X-Configured")) == {"Stra\xdfe": 1}
    assert dict(report.seen("X-Agent")) == {"f\xfcr": 1}


def test_who_does_not_heed_the_signal_is_terminated_after_the_grace(wfastcgi: Started) -> None:
    report = ask(replace(wfastcgi, end="event"), **HELLO, requests=5, grace_ms=500)
    (instance,) = report.instances
    assert (report.ok, report.done, instance.ended, instance.exit_code) == (False, 5, "terminated", 1)
    assert instance.ended_ms > 400


@pytest.mark.parametrize("stage", ["begin", "params", "body", "sent", "response"])
@pytest.mark.parametrize(("mishap", "ended", "code"), [("hang-up", "within the grace", 0), ("kill", "killed", 1)])
def test_mishaps_happen_to_the_chosen_alone(
    responder: Started, mishap: str, ended: str, code: int, stage: str
) -> None:
    chosen: Switches = {"mishap_after": 20, "mishap_stage": stage, "mishap_instances": 1}
    report = fine(responder, **HELLO, **chosen, mishap=mishap, instances=2, requests=50)
    first, second = report.instances
    assert (first.done, first.cut, first.ended, first.exit_code) == (20, 1, ended, code)
    assert (second.done, second.cut, second.ended, second.exit_code) == (50, 0, "within the grace", 0)


#: What a faulty application answers, and what the client must say of it.
WRONG = [
    (answer(b"Hello, World!"), "the response body differs within the 13 bytes from 0"),
    (answer(b"Hello, world"), "a body of 12 bytes instead of 13"),
    (answer(b"Hello, world!!"), "the response body is longer than 13 bytes"),
    (answer(head=b"Status: 500 Internal Server Error\r\n\r\n"), "status 500 Internal Server Error"),
    (answer(head=b"Content-Type: text/plain\r\n"), "no blank line ends the head"),
    (answer(end=b"\0\0\1\0\0\0\0\0"), "appStatus 256, protocolStatus 0"),
    (answer(end=b"\0\0\0\0\2\0\0\0"), "appStatus 0, protocolStatus 2"),
    (answer(end=b"\0"), "END_REQUEST of 1 bytes"),
    (answer() + b"\0", "1 bytes after END_REQUEST"),
    (record(STDOUT, HEAD + b"Hello, world!", id=2) + record(END, bytes(8)), "for request 2 instead of 1"),
    (record(STDERR, b"Traceback") + answer(), "STDERR: Traceback"),
    (record(11, b"") + answer(), "an application sends no record of type 11"),
    (record(STDOUT, HEAD + b"Hello, world!") + record(END, bytes(8)), "END_REQUEST before STDOUT was closed"),
    (record(STDOUT, b"") + answer(), "STDOUT after STDOUT was closed"),
]


@pytest.mark.parametrize(("bytes_sent", "fault"), WRONG, ids=[fault for _, fault in WRONG])
def test_a_wrong_response_is_told(tmp_path: Path, bytes_sent: bytes, fault: str) -> None:
    report = ask(programs.faulty(tmp_path, bytes_sent), **HELLO, strict=True)
    assert (report.ok, report.done, report.mismatched) == (False, 0, 1)
    assert fault in report.faults[0]


#: With how many milliseconds they may take: the start of Python is part of it.
MISSING = [
    (b"", 60_000, "bytes sent, 0 of the body received"),
    (b"Traceback (most recent call last):", 60_000, "version 84 instead of 1: not FastCGI"),
    (answer()[:-1], 2000, "no response within milliseconds: 2000"),
]


@pytest.mark.parametrize(("bytes_sent", "time", "fault"), MISSING, ids=[fault for _, _, fault in MISSING])
def test_a_missing_response_is_told(tmp_path: Path, bytes_sent: bytes, time: int, fault: str) -> None:
    report = ask(programs.faulty(tmp_path, bytes_sent), **HELLO, timeout_ms=time)
    assert (report.ok, report.done, report.lost) == (False, 0, 1)
    assert fault in report.faults[0]


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    report = ask(Started(tmp_path / "missing.exe", tmp_path), **HELLO)
    assert report.faults == ["the program could not be started: Windows error 2"]
    assert report.instances[0].ended == "not started"


def test_nothing_is_left(responder: Started) -> None:
    fine(responder, **HELLO, instances=4)
    living.until_gone(lambda: living.alive("responder.exe"))
