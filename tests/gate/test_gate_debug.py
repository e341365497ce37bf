"""Owns debug mode that is turned on without editing files: who sees the developer's page, the worker's replacement,
the end, the debugger.

Does not own the page itself: see ``tests/worker/test_wsgi_failures``.
"""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from support import programs
from support.fcgi_client import Client
from support.gate_site import Gate, GateSite, facts, is_alive
from support.waiting import Latch, until

FILE = ".iisgate-debug"
ELSEWHERE = "203.0.113.7"

#: What stands on the developer's page alone.
SHOWN = b"RuntimeError: boom"


def debug(site: GateSite, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """``iisgate debug``, as another user would type it: in an environment that is not the gates'."""
    argv = [str(programs.iisgate()), "debug", words[0], str(site.path), *words[1:]]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60, cwd=site.folder, env=env or {})


def turn_on(site: GateSite, seconds: int) -> Path:
    """As the command does, but that it waits for nobody, and that a minute is the least it takes."""
    file = site.path / FILE
    file.write_text(f"# a comment\nuntil={int(time.time()) + seconds}\n")
    return file


def page(gate: Gate, remote: str = "127.0.0.1", **more: str) -> bytes:
    return gate.client.ask(path="/error", HTTP_ACCEPT="text/plain", REMOTE_ADDR=remote, **more).body


def test_on_and_off(site: GateSite) -> None:
    """Both gates of the site move over; nothing but the mode changes, and it is told to whoever types it."""
    site.write("pyproject.toml", "[tool.iisgate]\ntimeout = 10\n")
    gate, other = site.gate(), site.gate()
    pid = gate.pid()
    assert other.pid() == pid
    assert SHOWN not in page(gate)
    done = debug(site, "on")
    assert done.returncode == 0, done.stderr
    assert f"process {pid}: another one has taken over" in done.stderr
    assert "for 30 minutes" in done.stderr
    assert done.stdout == ""
    # From the next request on, whichever gate it comes by.
    new = gate.pid()
    assert new != pid
    assert other.pid() == new
    assert SHOWN in page(gate)
    assert SHOWN not in page(gate, ELSEWHERE)
    assert SHOWN not in page(gate, HTTP_X_FORWARDED_FOR=ELSEWHERE)
    environment = facts(gate.client.ask(path="/env"))["environment"]
    assert environment["PYTHONDEVMODE"] == "1"
    assert " DEBUG " in site.log.text()
    done = debug(site, "off")
    assert done.returncode == 0, done.stderr
    assert f"process {new}: another one has taken over" in done.stderr
    assert not (site.path / FILE).exists()
    assert gate.pid() == other.pid() != new
    assert SHOWN not in page(gate)
    assert "PYTHONDEVMODE" not in facts(gate.client.ask(path="/env"))["environment"]
    until("the debugging one is gone", lambda: not is_alive(new))


def test_for_one_address_before_any_worker_runs(site: GateSite) -> None:
    done = debug(site, "on", "--address", ELSEWHERE, "--minutes", "1")
    assert done.returncode == 0, done.stderr
    assert "none runs now: the next request starts one in debug mode" in done.stderr
    assert "for 1 minute\n" in done.stderr
    gate = site.gate()
    assert SHOWN in page(gate, ELSEWHERE)
    assert SHOWN not in page(gate)
    # The same for why the app does not start.
    site.write("broken.py", "raise RuntimeError('boom')")
    broken = site.gate(target="broken:app")
    assert SHOWN in page(broken, ELSEWHERE)
    assert SHOWN not in page(broken)


def test_it_ends_by_itself(site: GateSite) -> None:
    file = turn_on(site, 8)
    gate = site.gate()
    debugging = gate.pid()
    assert SHOWN in page(gate)
    until("an ordinary worker", lambda: gate.pid() != debugging)
    assert SHOWN not in page(gate)
    assert "debug mode is over: the worker is replaced" in site.log.text()
    until("the file is gone", lambda: not file.exists())


def test_a_worker_that_does_not_start_leaves_the_old_one(site: GateSite) -> None:
    gate = site.gate()
    pid = gate.pid()
    site.edit("app.py", 'VERSION = "one"', "raise RuntimeError('a new fault')")
    done = debug(site, "on")
    assert done.returncode == 1
    assert f"process {pid}: goes on, for the new one cannot serve: " in done.stderr
    assert "RuntimeError: a new fault" in done.stderr
    assert gate.pid() == pid
    assert SHOWN not in page(gate)


def test_with_listen(site: GateSite) -> None:
    """Under nginx or Apache: the supervisor replaces its workers alike."""
    path = site.folder / "sock"
    site.fcgi(f"--listen=unix:{path}")
    until("it listens", lambda: "listening at" in site.log.text() or None)

    def pid() -> int:
        with Client.connect(path) as client:
            return int(facts(client.ask())["pid"])

    old = pid()
    done = debug(site, "on")
    assert f"process {old}: another one has taken over" in done.stderr, done.stderr
    new = until("another worker", lambda: (found := pid()) != old and found)
    with Client.connect(path) as client:
        assert SHOWN in client.ask(path="/error", HTTP_ACCEPT="text/plain").body
    assert f"process {new}: another" in debug(site, "off").stderr


def test_time_limits_are_lifted(site: GateSite) -> None:
    turn_on(site, 60)
    gate = site.gate("--timeout=0.1")
    told, go = Latch(site.folder / "told"), Latch(site.folder / "go")
    gate.begin("/hold", f"told={told.path}&wait={go.path}")
    told.wait()
    # Many looks at the limits long: one comes each fortieth of a second.
    assert told.is_silent(0.5)
    go.open()
    assert facts(gate.client.response())["path_info"] == "/hold"


DEBUGPY = '''
import pathlib, threading

here = pathlib.Path(__file__).parent
has_come = threading.Event()
asked = threading.Event()

def listen(address):
    (here / "listening").write_text("%s:%d" % address)

def is_client_connected():
    if (here / "attach").exists():
        has_come.set()
        asked.set()
    return has_come.is_set()

def wait_for_client():
    asked.wait()

wait_for_client.cancel = asked.set
'''


@pytest.mark.parametrize("comes", [True, False])
def test_a_debugger_is_waited_for(site: GateSite, comes: bool) -> None:
    """The old worker serves meanwhile. (Another debugpy stands in, whose protocol is not ours.)"""
    library = site.folder / "library"
    library.mkdir()
    (library / "debugpy.py").write_text(DEBUGPY)
    site.env["PYTHONPATH"] = f"{library}:{site.env.get('PYTHONPATH', '')}"
    gate = site.gate()
    pid = gate.pid()
    argv = [str(programs.iisgate()), "debug", "on", str(site.path), "--wait-for-debugger", "5999"]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env=site.env) as command:
        listening = library / "listening"
        until("it listens", lambda: listening.exists() and listening.read_text() == "127.0.0.1:5999")
        assert gate.pid() == pid
        if comes:
            (library / "attach").touch()
        else:
            assert debug(site, "off").returncode == 0
        said = command.communicate(timeout=30)[1]
    if comes:
        assert command.returncode == 0, said
        assert gate.pid() != pid
        assert "the debugger has come" in site.log.text()
        assert SHOWN in page(gate)
    else:
        until("the ordinary one serves", lambda: SHOWN not in page(gate))
        assert "no debugger has come" in site.log.text()


def test_without_debugpy_nothing_is_turned_on(site: GateSite) -> None:
    done = debug(site, "on", "--wait-for-debugger", env={"IISGATE_PYTHON": sys.executable})
    assert done.returncode == 1
    assert "debugpy is not in the app's Python" in done.stderr
    assert f'"{sys.executable}" -m pip install debugpy' in done.stderr
    assert not (site.path / FILE).exists()


@pytest.mark.parametrize("forced", [[], ["--debug-for=anyone"], [f"--debug-for={ELSEWHERE}"]])
def test_the_page_of_the_flag_is_for_this_machine_unless_forced(site: GateSite, forced: list[str]) -> None:
    gate = site.gate("--debug", *forced)
    who = "".join(forced).partition("=")[2]
    assert (SHOWN in page(gate)) == (who != ELSEWHERE)
    assert (SHOWN in page(gate, ELSEWHERE)) == (who != "")


def test_what_is_asked_wrongly(site: GateSite) -> None:
    for words, said in [
        (["on", "--minutes", "0"], "--minutes"),
        (["on", "--minutes", "100000"], "--minutes"),
        (["on", "--address", "everybody"], "--address"),
    ]:
        done = debug(site, *words)
        assert done.returncode == 1, words
        assert said in done.stderr
    gone = subprocess.run([str(programs.iisgate()), "debug", "on", str(site.path / "nowhere")],
                          capture_output=True, text=True, timeout=60)
    assert gone.returncode == 1
    assert "there is no folder" in gone.stderr
    assert debug(site, "off").stderr.startswith("debug mode was not on")


WEB_CONFIG = """<configuration><system.webServer><handlers><add name="py" path="*" verb="*" modules="FastCgiModule"
  scriptProcessor="C:\\iisgate\\iisgate.exe|fcgi" resourceType="Unspecified" /></handlers></system.webServer>
</configuration>"""


def console(site: GateSite, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A command as a developer types it in the site's folder: the log's place is the site's business."""
    argv = [str(programs.iisgate()), *words]
    # Into files: a worker that stays for its grace holds them, and nobody need wait for it.
    with (site.folder / "stdout").open("w+") as out, (site.folder / "stderr").open("w+") as err:
        done = subprocess.run(argv, stdout=out, stderr=err, timeout=60, cwd=site.path, env=site.env | env)
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(argv, done.returncode, out.read(), err.read())


def test_why_a_site_fails_under_the_web_server_alone(site: GateSite) -> None:
    """What it lacks there is told first, and no value of a variable is written down."""
    site.write("web.config", WEB_CONFIG)
    site.edit("app.py", 'VERSION = "one"', 'VERSION = os.environ["SHOP_DATABASE"]')
    secret = {"SHOP_DATABASE": "mysql://shop:s3cret@db/shop"}
    assert console(site, "debug", "compare").returncode == 2
    gate = site.gate(env={"OTHER_SECRET": "t0ken"})
    assert gate.client.ask().status == 500
    noted = site.log.path.with_name(site.log.path.name + ".start")
    assert "OTHER_SECRET" in noted.read_text()
    assert "t0ken" not in noted.read_text()
    done = console(site, "debug", "compare", PYTHONUTF8="1", **secret)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert re.match(r"the last start under the web server, .*, failed: IG054: .*KeyError: 'SHOP_DATABASE'", lines[0])
    assert lines[1] == "* SHOP_DATABASE is set here and not there"
    assert lines[3] == "    [tool.iisgate.env] SHOP_DATABASE = '…'"
    assert "- PYTHONUTF8 is not set there; 1 here" in lines
    assert f"the app works in / there; you are in {site.path}" in done.stdout
    # It is said by itself where the site works.
    for words in (["request", "GET", "/"], ["request", "GET", "/", "--debug"]):
        done = console(site, *words, **secret)
        assert done.returncode == 0, done.stderr
        assert "the site works here, but the last start under the web server, " in done.stderr
        assert "* SHOP_DATABASE is set here and not there" in done.stderr
        assert "s3cret" not in noted.read_text()
    # What is mended is not told any more.
    site.write("pyproject.toml", "[tool.iisgate.env]\nSHOP_DATABASE = 'x'\n")
    until("the gate's worker serves", lambda: gate.client.ask().status == 200, pause=0.2)
    until("that is noted", lambda: "went well" in console(site, "debug", "compare", **secret).stdout)
    assert "works here" not in console(site, "request", "GET", "/", **secret).stderr


def test_in_the_foreground_all_is_seen(site: GateSite) -> None:
    """What the app prints and its traceback, as Python has them: without the log's columns."""
    site.write("web.config", WEB_CONFIG)
    site.edit("app.py", 'raise RuntimeError("boom")', 'print("about to fail")\n        raise RuntimeError("boom")')
    done = console(site, "request", "GET", "/error", "--debug", IISGATE_LOG="")
    lines = done.stderr.splitlines()
    assert "about to fail" in lines
    at = lines.index("Traceback (most recent call last):")
    assert re.fullmatch(rf'  File "{site.path}/app.py", line \d+, in app', lines[at + 1])
    assert "RuntimeError: boom" in lines[at:]


def test_the_gate_itself_in_a_console(site: GateSite) -> None:
    """Without a web server ours stands in."""
    site.write("web.config", WEB_CONFIG)
    ours, theirs = pty.openpty()
    argv = [str(programs.iisgate()), "fcgi", "app:app", "--debug"]
    env = site.env | {"IISGATE_LOG": "", "NO_COLOR": "1"}
    with (site.folder / "said").open("wb") as out, os.fdopen(ours, "rb"), os.fdopen(theirs, "rb") as terminal:
        process = subprocess.Popen(argv, stdin=terminal, stdout=out, stderr=out, cwd=site.path, env=env)
        try:
            said = (site.folder / "said").read_text
            until("it serves", lambda: "iisgate serves" in said() and "Ctrl-C ends it" in said())
            address = re.search(r"http://127\.0\.0\.1:\d+/", said())
            assert address is not None
            with pytest.raises(urllib.error.HTTPError) as failed:
                urllib.request.urlopen(address[0] + "error", timeout=20)
            assert SHOWN in failed.value.read()
            assert "iisgate serve stands in for it" in said()
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
