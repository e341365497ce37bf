"""Owns `iisgate replay`: fixtures asked again, other answers, broken files, programs that do not answer.

Does not own recording: see ``test_gate_record``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import processes, programs
from support.gate_site import GateSite
from support.recordings import FIXTURES, record, recorded, replay, streams, wire_bytes


def test_another_answer_is_told(wire: GateSite) -> None:
    gate, path = record(wire, "tampered.txt")
    gate.client.ask("GET", "/nowhere")
    gate.client.ask("GET", "/hello", id=2)
    recording = recorded(gate, path)
    path.write_bytes(recording.replace(b"404 Not Found".hex().encode(), b"204 Not Found".hex().encode()))
    again = replay(wire, path)
    assert again.returncode == 1, again
    assert "recorded 204 Not Found, got 404 Not Found: differs" in again.stdout
    assert again.stdout.endswith("1 same, 1 different\n")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (rb"iisgate recording 1", b"iisgate recording 9", "line 1: format 9, and this iisgate reads format 1"),
        (rb"iisgate recording 1", b"GET / HTTP/1.1", "line 1: not a recording"),
        (rb"(?m)^(\d+) > 0101", rb"\1 > 101", r"line \d+: an odd number of hex digits: something is cut off"),
        (rb"(?m)^(\d+) > 0101", rb"\1 = 0101", r"line \d+: no direction"),
        (rb"(?m)^(\d+) [<>] .*\n", b"", "it holds no request"),
    ],
)
def test_a_broken_file_is_told_with_its_line(wire: GateSite, old: bytes, new: bytes, told: str) -> None:
    broken = wire.folder / "broken.txt"
    text, count = re.subn(old, new, FIXTURES[0].read_bytes())
    assert count
    broken.write_bytes(text)
    again = replay(wire, broken)
    assert again.returncode == 2 and again.stdout == "", again
    assert str(broken) in again.stderr and re.search(told, again.stderr), again.stderr


def test_a_recording_that_is_not_there(wire: GateSite) -> None:
    again = replay(wire, wire.folder / "no such file")
    assert again.returncode == 2 and "no such file: " in again.stderr, again


def test_show_prints_the_conversation_without_starting_anything(wire: GateSite) -> None:
    iisgate = str(programs.iisgate())
    shown = subprocess.run([iisgate, "replay", str(FIXTURES[-1]), "--show"], capture_output=True, text=True)
    assert shown.returncode == 0 and not shown.stderr
    assert re.search(r"^ +\d+ ms > BEGIN_REQUEST id 100: Responder, keep the connection$", shown.stdout, re.M)
    assert "     APPL_PHYSICAL_PATH=C:\\inetpub\\shop\\\n" in shown.stdout
    comments = re.findall(r"^# ([<>].*)", FIXTURES[-1].read_text(), re.M)
    assert re.findall(r"^ +\d+ ms (.*)", shown.stdout, re.M) == comments


def test_a_program_that_answers_nothing(wire: GateSite) -> None:
    for command, told in [
        (["false"], "the program ended before it answered anything (exit status: 1)"),
        (["no-such-program"], "no such program in the PATH: no-such-program"),
        (["/no/such/program"], "cannot start /no/such/program"),
    ]:
        again = replay(wire, FIXTURES[0], *command)
        assert again.returncode == 2 and told in again.stderr, again


def test_a_program_that_keeps_silent_is_not_waited_for(wire: GateSite) -> None:
    argv = [str(programs.iisgate()), "replay", str(FIXTURES[0]), "--timeout=0.2", "--", "sh", "-c", "read x; read x"]
    again = subprocess.run(argv, capture_output=True, text=True, timeout=60)
    assert again.returncode == 1 and "got no answer: differs" in again.stdout, again
    assert "no answer within 0.2 s: --timeout N waits longer" in again.stderr


@pytest.mark.parametrize("recording", FIXTURES, ids=lambda path: path.stem)
def test_every_fixture_is_answered_as_it_was(wire: GateSite, recording: Path) -> None:
    again = replay(wire, recording)
    assert again.returncode == 0, again
    assert " 0 different" in again.stdout and "not compared" not in again.stdout


def test_replay_starts_the_gate_by_itself(wire: GateSite) -> None:
    argv = [str(programs.iisgate()), "replay", str(FIXTURES[0]), "app:app", "--site", "."]
    env = {**os.environ, **wire.env, processes.MARK_NAME: processes.MARK}
    argv += ["--python", sys.executable]
    again = subprocess.run(argv, env=env, cwd=wire.path, capture_output=True, text=True, timeout=60)
    assert again.returncode == 0, again


def test_no_fixture_holds_what_was_secret() -> None:
    """What the maker of the recordings sent as secrets."""
    assert len(FIXTURES) >= 7
    for path in FIXTURES:
        recording = path.read_bytes()
        for secret in (b"8d1f5e", b"alice", b"password=secret", b"YWxpY2U6", b"192.0.2.7", b"51234"):
            assert secret not in recording + streams(wire_bytes(recording)), (path, secret)
