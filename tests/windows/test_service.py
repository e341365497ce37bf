"""Owns helpers as Windows services, under the service control manager: made, started, killed, stopped, removed.

Does not own what is planned and said without the manager: unit tests of ``gate::service`` do.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import living
from support.launch import Conversation, run_program
from support.paths import to_windows
from support.places import FIXTURES, IISGATE, ON_WINDOWS, base_python
from support.waiting import until

#: How long a helper of these sites may take to end.
STOP_SECONDS = 2


class Served:
    """A site in a folder with a space in its name, whose helper ``queue`` is ``fixtures/helpers/server.py``."""

    def __init__(self, folder: Path) -> None:
        self.site = folder / "my site"
        (self.site / "logs").mkdir(parents=True)
        shutil.copy(FIXTURES / "helpers" / "server.py", self.site / "server.py")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.journal = self.site / "journal"
        self.define()

    def define(self, *options: str, more: str = "") -> None:
        words = ["{python}", "server.py", str(self.port), to_windows(self.journal), *options]
        command = ", ".join(f"'{word}'" for word in words)
        lines = [
            "[tool.iisgate.helpers.queue]",
            f"command = [{command}]",
            "start = 'service'",
            f"ready-port = {self.port}",
            f"stop-timeout = {STOP_SECONDS}",
            more,
        ]
        (self.site / "pyproject.toml").write_text("\n".join(lines), encoding="utf-8")

    def service(self, action: str, *options: str | Path, status: int | None = 0) -> str:
        """Runs ``iisgate service ACTION queue``; gives what it said."""
        return run_program(IISGATE, "service", action, "queue", "--site", self.site, *options, status=status)

    def add(self, *options: str | Path) -> str:
        # On Windows an account of a service needs time to be known, and rights on the tests' folders.
        account = ["--account", "LocalSystem"] if ON_WINDOWS else []
        return self.service("add", "--python", base_python(), *account, *options)

    def facts(self) -> dict[str, str]:
        """What ``iisgate service status`` tells."""
        lines = self.service("status", status=None).splitlines()
        return {line[:12].strip(): line[13:] for line in lines}

    def log(self) -> str:
        path = self.site / "logs" / "iisgate.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def helpers(self) -> list[living.WindowsProcess]:
        return [each for each in living.alive("python.exe", "server.py") if str(self.port) in each.command_line]

    def started(self) -> int:
        text = self.journal.read_text() if self.journal.exists() else ""
        return sum(line.startswith("start ") for line in text.splitlines())

    def answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                return connection.recv(1) != b""
        except OSError:
            return False


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    served = Served(tmp_path)
    yield served
    # Of a test that fails, pytest shows it.
    print(served.log())
    if served.facts().get("state") != "absent":
        served.service("remove", status=None)
    living.until_gone(served.helpers)


def test_a_helper_lives_as_a_service(served: Served) -> None:
    plan = served.service("add", "--python", base_python(), "--dry-run")
    assert served.facts()["state"] == "absent"
    told = served.add()
    assert "is made" in told
    assert "is there already" in served.service("add", "--python", base_python(), status=1)
    facts = served.facts()
    assert facts["state"] == "stopped" and facts["service"].startswith("iisgate-my_site-")
    # The manager was told what was planned, quoted as planned.
    assert f"command      {facts['command']}\n" in plan

    assert "is running" in served.service("start")
    assert served.facts()["state"] == "running"
    until("it answers", served.answers)
    assert len(served.helpers()) == served.started() == 1
    assert "helper queue is ready" in served.log()
    until("what it prints is logged", lambda: "serving at" in served.log())

    # Killed, it is back, and the service has run all the while.
    process = served.facts()["process"]
    served.helpers()[0].kill()
    until("the helper to be back", lambda: served.started() == 2 and served.answers())
    assert served.facts()["process"] == process and "it is started again" in served.log()

    assert "is running" in served.service("restart")
    assert served.facts()["process"] != process
    until("it answers", served.answers)
    assert "is stopped" in served.service("stop")
    assert served.facts()["state"] == "stopped" and not served.helpers()
    assert "is removed" in served.service("remove")
    assert served.facts()["state"] == "absent"
    assert "there is no service" in served.service("start", status=1)


def test_what_does_not_end_is_killed_in_time(served: Served) -> None:
    served.define("--deaf", "--child")
    served.add("--service-name", "deaf of iisgate")
    name = ("--service-name", "deaf of iisgate")
    served.service("start", *name)
    served.service("stop", *name)
    living.until_gone(served.helpers)
    living.until_gone(lambda: living.alive("python.exe", "threading.Event"))
    assert served.facts()["state"] == "absent"
    served.service("remove", *name)


def test_what_does_not_start_tells_why(served: Served) -> None:
    served.define("--fail")
    served.add()
    told = served.service("start", status=2)
    assert "has ended at once (exit code 1)" in told
    assert to_windows(served.site / "logs" / "iisgate.log") in told
    log = served.log()
    assert "IG090: helper queue does not start" in log and "the database is broken" in log


def test_another_site_s_service_is_left_alone(served: Served, tmp_path: Path) -> None:
    name = ("--service-name", "iisgate-tests-shared")
    served.add(*name)
    other = Served(tmp_path / "other")
    assert "give this one another name" in other.service("add", "--python", base_python(), *name, status=1)
    assert "is not of this helper and stays" in other.service("remove", *name, status=1)
    served.service("remove", *name)


def test_at_a_console_it_runs_in_the_foreground(served: Served) -> None:
    with Conversation(IISGATE, "service", "run", "queue", "--site", served.site, "--python", base_python()) as running:
        running.until_told("it runs: Ctrl+C ends it")
        until("it answers", served.answers)
        running.kill()
    living.until_gone(served.helpers)
