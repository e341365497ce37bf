"""Owns the logs of gates and workers: where they are, that they stay small, their forms, and `iisgate logs`.

Does not own what an app's talk becomes (tests/worker/test_wsgi_log.py) nor the rules of rotation
(``crates/platform/src/log_file``).
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from support import processes, programs
from support.fcgi_client import Client
from support.gate_site import GateSite
from support.logs import Log
from support.waiting import until

#: With so many bytes a log is full.
FULL_BYTES = 8 * 1024 * 1024

TALKING = """\
import json, os, subprocess, sys

def app(environ, start_response):
    words = environ["QUERY_STRING"]
    print("printed", words)
    print("complained", words, file=environ["wsgi.errors"])
    if words == "child":
        subprocess.run([sys.executable, "-c", "print('said by a child')"], check=True)
    if words == "fails":
        raise RuntimeError("one\\ntwo")
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"pid": os.getpid()}).encode()]
"""


@pytest.fixture
def site() -> Iterator[GateSite]:
    """A site whose app talks."""
    site = GateSite()
    site.write("app.py", TALKING)
    yield site
    site.close()


def logs(site: GateSite, *arguments: str, status: int = 0, **env: str) -> subprocess.CompletedProcess[str]:
    words = [str(programs.iisgate()), "logs", *arguments]
    environment = {**site.env, "PATH": "/usr/bin", **env}
    done = subprocess.run(words, env=environment, cwd=site.path, capture_output=True, text=True, timeout=30)
    assert done.returncode == status, done.stderr
    return done


@contextlib.contextmanager
def quiet_gate(site: GateSite, *arguments: str, **env: str) -> Iterator[Client]:
    """A gate without standard error, as under IIS."""
    words = [str(programs.iisgate()), "fcgi", "app:app", f"--site={site.path}", "--grace=0.2", *arguments]
    ours, theirs = socket.socketpair()
    with theirs:
        process = processes.start(words, env=site.env | {"IISGATE_LOG": ""} | env, stdin=theirs, cwd=site.folder,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = Client(ours)
    try:
        yield client
    finally:
        client.close()
        process.wait(20)


@pytest.mark.parametrize("where", ["private", "user", "site"])
def test_the_order_of_folders(site: GateSite, where: str) -> None:
    """The site's `logs`, if it has that; the user's folder of IIS; the private one."""
    home = site.folder / "home"
    home.mkdir()
    env = {"IISGATE_LOG": "", "IIS_USER_HOME": "" if where == "private" else str(home)}
    folder = {"private": site.run / "iisgate" / "logs", "user": home / "Logs" / "iisgate", "site": site.path / "logs"}
    if where == "site":
        folder[where].mkdir()
    with quiet_gate(site, **env) as client:
        assert client.ask(query="order").status == 200
    found = [path for path in site.folder.rglob("iisgate.log")]
    assert [path for path in found if folder[where] in path.parents] == found and len(found) == 1, found
    Log(found[0]).wait_line("printed order")
    if where != "site":
        assert re.fullmatch(r"site-[0-9a-f]{8}", found[0].parent.name)
    told = logs(site, **env)
    assert told.stderr == f"log: {found[0]}\n"
    assert "printed order" in told.stdout
    site.wait_gone()


def test_a_log_that_cannot_be_written_fails_no_request(site: GateSite) -> None:
    (site.path / "file").write_text("")
    (site.path / "logs").mkdir()
    with quiet_gate(site, IISGATE_LOG="file/app.log") as client:
        assert client.ask(query="all the same").status == 200
    log = Log(site.path / "logs" / "iisgate.log")
    line = log.wait_line("the log cannot be written")
    named = site.path / "file" / "app.log"
    assert line.level == "WARN"
    assert line.text.startswith(f"IG074 the log cannot be written: {named}: ")
    assert line.text.endswith(f"; the log is {log.path} instead")
    log.wait_line("printed all the same")


def test_without_any_log_requests_are_answered(site: GateSite) -> None:
    (site.path / "file").write_text("")
    (site.run / "iisgate").mkdir(mode=0o700)
    (site.run / "iisgate" / "logs").write_text("in the way")
    with quiet_gate(site, IISGATE_LOG="file/app.log", IIS_USER_HOME="") as client:
        assert client.ask(query="all the same").status == 200
    site.wait_gone()


def test_a_full_log_is_given_up_by_all_at_once(site: GateSite) -> None:
    """Gate, worker, and what the app's children print go on in the new file."""
    line = b"2026-01-01T00:00:00.000Z INFO  1 - " + b"x" * 1000 + b"\n"
    site.log.path.write_bytes(line * (FULL_BYTES // len(line) + 1))
    gate = site.gate()
    gate.facts(query="first")
    until("the full log has another name", lambda: list(site.folder.glob("log.20*Z")))
    assert site.log.path.stat().st_size < FULL_BYTES
    site.log.wait_line("printed first")

    def child_is_heard() -> bool:
        gate.facts(query="child")
        return "said by a child" in site.log.text()

    until("what a child prints is in the new log", child_is_heard)
    # What is shown begins in the full one.
    told = logs(site, str(site.log.path), "-n", "2000").stdout.splitlines()
    assert len(told) == 2000 and told[0].endswith("xxx") and "said by a child" in "".join(told)


def test_all_about_a_request_in_text(site: GateSite) -> None:
    _check_request(site)


def test_all_about_a_request_in_json(site: GateSite) -> None:
    site.write("pyproject.toml", '[tool.iisgate]\nlog-format = "json"\n')
    _check_request(site)
    events = [json.loads(line) for line in site.log.text().splitlines() if line.startswith("{")]
    assert all(event.keys() == {"time", "level", "pid", "request", "message", "site"} for event in events)
    failed = next(event for event in events if "one\ntwo" in event["message"])
    assert (failed["level"], failed["site"]) == ("error", str(site.path))
    assert "the app failed" in failed["message"] and "Traceback" in failed["message"]


def _check_request(site: GateSite) -> None:
    gate = site.gate("--debug")
    gate.facts(query="good")
    assert gate.client.ask(query="fails").status == 500
    shown = until("all is told", lambda: _about(site, "fails"))
    texts = [line.split(" ", 4)[-1] if "  " not in line[:35] else line for line in shown]
    for text in ("printed fails", "complained fails", "the app failed", "RuntimeError: one", "two", "handled in "):
        assert any(text in each for each in texts), f"{text!r}: {shown}"
    assert not any("good" in line for line in shown)


def _about(site: GateSite, words: str) -> list[str] | None:
    """What `iisgate logs --request` shows of the request that printed these words."""
    everything = [json.loads(line) for line in logs(site, str(site.log.path), "-n", "1000", "-o", "json")
                  .stdout.splitlines()]
    ids: set[Any] = {event.get("request") for event in everything if event["message"] == f"printed {words}"}
    if len(ids) != 1:
        return None
    shown = logs(site, str(site.log.path), "--request", ids.pop()).stdout.splitlines()
    return shown if any("handled in" in line for line in shown) else None


def test_following_goes_on_in_the_new_file(site: GateSite) -> None:
    site.log.path.write_text("2026-01-01T00:00:00.000Z INFO  1 - begun\n")
    said = site.folder / "followed"
    with said.open("wb") as out:
        process = processes.start([str(programs.iisgate()), "logs", "-f", str(site.log.path)], env=site.env,
                                  stdout=out, stderr=out)
    try:
        until("the log is followed", lambda: "begun" in said.read_text())
        gate = site.gate()
        gate.facts(query="one")
        until("a line comes", lambda: "printed one" in said.read_text())
        site.log.path.rename(site.folder / "log.moved")

        def comes() -> bool:
            gate.facts(query="two")
            return "printed two" in said.read_text() and "printed two" in site.log.text()

        until("lines come from the new file", comes)
        fresh = site.log.path.read_text()
        last = fresh.splitlines()[-1]
        until("all of it comes", lambda: last in said.read_text())
    finally:
        processes.stop(process)


def test_a_site_without_a_log(site: GateSite) -> None:
    told = logs(site, str(site.path), status=1, IISGATE_LOG="", IIS_USER_HOME="")
    assert told.stdout == ""
    assert "has no log yet" in told.stderr and str(site.run / "iisgate" / "logs") in told.stderr
    told = logs(site, str(site.path / "nowhere"), status=1)
    assert told.stderr == f"error: there is no {site.path}/nowhere\n"
