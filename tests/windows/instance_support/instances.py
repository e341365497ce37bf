"""Owns a site with instances under test, and their web server: ``web_server.py``, which starts them as IIS does.

Does not own records and responses (``support.fcgi_client``), nor what the app does (``native/sites/mortal``).
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from native import programs
from support import living, records
from support.fcgi_client import Client, Response
from support.launch import Conversation
from support.paths import to_windows, written_all
from support.places import base_python
from support.waiting import until

HERE = Path(__file__).resolve().parent

#: The gate's pages.
LOST = "The worker ended while it answered"
NOT_STARTED = "The Python app could not be started"

#: Long enough for a worker that starts on a busy machine.
PATIENCE_SECONDS = 60.0


class WebServer:
    """What starts and ends instances."""

    def __init__(self, running: Conversation) -> None:
        self._running = running
        self._address = ("127.0.0.1", int(running.until_told("port ").split()[1]))

    def _order(self, order: dict[str, Any]) -> tuple[socket.socket, Any]:
        connection = socket.create_connection(self._address, PATIENCE_SECONDS)
        connection.sendall(json.dumps(order).encode() + b"\n")
        answer = b""
        # Byte by byte: what follows the line is the instance's.
        while not answer.endswith(b"\n"):
            byte = connection.recv(1)
            assert byte, f"web_server.py failed: {self._running.told()}"
            answer += byte
        return connection, json.loads(answer)

    def start(self, order: dict[str, Any]) -> tuple[socket.socket, int]:
        connection, pid = self._order({"do": "start", **order})
        return connection, pid

    def tell(self, do: str, pid: int) -> Any:
        connection, answer = self._order({"do": do, "pid": pid})
        connection.close()
        return answer

    def kill(self, pid: int) -> None:
        """TerminateProcess, of an instance or of a process that the app told; returns when it has ended."""
        self.tell("kill", pid)


@contextmanager
def web_server() -> Iterator[WebServer]:
    with Conversation(base_python(), HERE / "web_server.py") as running:
        yield WebServer(running)


class Instance:
    """A gate, and the web server's end of its pipe."""

    def __init__(self, site: Site, **environment: str) -> None:
        started = site.started
        order = {"full_path": to_windows(started.full_path), "arguments": started.arguments}
        variables = written_all({**started.environment, **environment})
        connection, self.pid = site.web.start({**order, "environment": variables})
        self.client = Client(connection, PATIENCE_SECONDS)
        self._web = site.web
        #: IIS sends it with a backslash at its end.
        self.variables = {"APPL_PHYSICAL_PATH": to_windows(site.folder) + "\\"}

    def ask(self, path: str = "/", query: str = "", method: str = "GET", body: bytes = b"", **more: str) -> Response:
        return self.client.ask(method, path, query, body, **self.variables, **more)

    def worker(self) -> int:
        """The process of the worker that answers, as Windows programs know it."""
        return int(facts(self.ask())["pid"])

    def begin(self, path: str, query: str = "") -> None:
        """Sends a whole request and leaves its answer for later."""
        self.client.send(records.request(records.params("GET", path, query, **self.variables)))

    def start(self, method: str, path: str, query: str = "", length: int = 0) -> None:
        """Sends a request without its body."""
        self.client.start(method, path, query, length=length, **self.variables)

    def hang_up(self) -> None:
        self.client.close()

    def kill(self) -> None:
        self._web.kill(self.pid)

    def signal(self) -> None:
        """Sets the shutdown event."""
        self._web.tell("end", self.pid)

    def exit_code(self) -> int | None:
        """Waits for its end; ``None`` if it does not end."""
        code = self._web.tell("wait", self.pid)
        return None if code is None else int(code)


class Latch:
    """Where the app waits for the test, as files: Windows has no FIFOs."""

    def __init__(self, folder: Path, name: str) -> None:
        self.query = f"latch={name}"
        self._reached, self._go = folder / f"{name}.reached", folder / f"{name}.go"

    def wait(self) -> None:
        """Waits until the app is there."""
        until(f"the app to reach {self._reached.stem}", self._reached.exists, PATIENCE_SECONDS)

    def open(self) -> None:
        """Lets the app go on."""
        self._go.touch()


class Site:
    """A copy of the site ``mortal`` with a folder for temporary files, and so a meeting place, of its own."""

    def __init__(self, web: WebServer, folder: Path, arguments: str = "") -> None:
        self.web = web
        self.folder = programs.site("mortal", folder)
        self.temporary = folder / "temporary"
        self.latches = folder / "latches"
        for made in (self.temporary, self.latches):
            made.mkdir()
        ours = programs.ours(self.folder, arguments)
        more = {"TMP": self.temporary, "TEMP": self.temporary, "LATCHES": self.latches}
        self.started = replace(ours, environment={**ours.environment, **more})
        self.instances: list[Instance] = []

    def instance(self, **environment: str) -> Instance:
        self.instances.append(Instance(self, **environment))
        return self.instances[-1]

    def latch(self, name: str = "latch") -> Latch:
        return Latch(self.latches, name)

    def log(self) -> str:
        path = self.folder / "iisgate.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def until_logged(self, text: str) -> str:
        until(f"the log to say {text!r}", lambda: text in self.log(), PATIENCE_SECONDS)
        return self.log()

    def edit(self, old: str, new: str) -> None:
        """Changes the app as an editor does: written beside it, moved over it."""
        path = self.folder / "mortal.py"
        text = path.read_text(encoding="utf-8")
        assert old in text, f"the app has no {old!r}"
        beside = path.with_suffix(".new")
        beside.write_text(text.replace(old, new), encoding="utf-8")
        os.replace(beside, path)

    def workers(self) -> list[living.WindowsProcess]:
        return [each for each in living.alive("python.exe", "iisgate worker") if self._is_ours(each)]

    def children(self) -> list[living.WindowsProcess]:
        """What the app has started."""
        return [each for each in self.processes() if "iisgate worker" not in each.command_line]

    def processes(self) -> list[living.WindowsProcess]:
        """Workers and what they started. (Gates are told no site.)"""
        return [each for each in living.alive() if self._is_ours(each)]

    def _is_ours(self, process: living.WindowsProcess) -> bool:
        return to_windows(self.folder.parent) in process.command_line

    def workers_started(self) -> int:
        return len(re.findall(r" worker \d+ is started for ", self.log()))

    def until_gone(self, seconds: float = 20) -> None:
        """Waits until no worker and nothing that one started is left."""
        living.until_gone(self.processes, seconds)

    def close(self) -> None:
        """Ends all instances as IIS may; what they leave must end by itself: see ``until_gone``."""
        for latch in self.latches.glob("*.reached"):
            latch.with_suffix(".go").touch()
        for instance in self.instances:
            instance.hang_up()


def facts(response: Response) -> dict[str, Any]:
    """What the app told."""
    assert response.is_ended and response.status == 200, response.stdout[:2000]
    found = json.loads(response.body)
    assert isinstance(found, dict)
    return found


def shared(instances: list[Instance]) -> int:
    """The one worker of all, who are asked at the same time."""
    for instance in instances:
        instance.begin("/")
    workers = {int(facts(instance.client.response())["pid"]) for instance in instances}
    assert len(workers) == 1
    return workers.pop()


def page(answer: Response, title: str) -> str:
    """The text of a whole page of ours that says 500."""
    assert answer.is_ended and (answer.app_status, answer.protocol_status) == (0, 0)
    assert answer.status == 500 and answer.stderr == b""
    assert answer.header("Content-Length") == str(len(answer.body))
    assert title in answer.text
    return answer.text


def is_lost(answer: Response) -> bool:
    """Whether the request was lost with its worker, and the gate told so."""
    return answer.status == 500 and LOST in answer.text and bool(page(answer, LOST))
