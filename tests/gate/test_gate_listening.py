"""Owns the gate with a listening socket as descriptor 0, as FastCGI process managers start it.

Does not own ``--listen``, where the socket is the supervisor's own.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from support.fcgi_client import Address, Client, Response
from support.gate_site import GateSite, Process, facts, is_alive, kill_at_rest
from support.waiting import Latch, until


@dataclass
class Listening:
    """A listening gate and where it is reached."""

    gate: Process
    address: Address

    def ask(self, path: str = "/", query: str = "") -> Response:
        with Client.connect(self.address) as client:
            return client.ask("GET", path, query, keep=False)

    def pid(self) -> int:
        return int(facts(self.ask())["pid"])


def _listen(site: GateSite, kind: str, *arguments: str) -> Listening:
    if kind == "unix":
        path = site.folder / "s"
        theirs = socket.socket(socket.AF_UNIX)
        theirs.bind(str(path))
        address: Address = path
    else:
        theirs = socket.create_server(("127.0.0.1", 0))
        address = theirs.getsockname()
    with theirs:
        theirs.listen(64)
        return Listening(site.fcgi(*arguments, stdin=theirs), address)


@pytest.fixture(params=["unix", "tcp"])
def listening(request: pytest.FixtureRequest, site: GateSite) -> Iterator[Listening]:
    yield _listen(site, request.param)


def test_serves(listening: Listening, site: GateSite) -> None:
    pids = {listening.pid() for _ in range(50)}
    assert len(pids) == 1
    with Client.connect(listening.address) as client:
        for _ in range(50):
            assert facts(client.ask())["pid"] in pids
    assert len(site.workers_started()) == 1


def test_a_killed_worker_is_replaced(listening: Listening) -> None:
    seen = set()
    for _ in range(3):
        pid = until("another worker answers",
                    lambda: (a := listening.ask()).status == 200 and facts(a)["pid"] not in seen and facts(a)["pid"])
        seen.add(pid)
        kill_at_rest(pid)


def test_a_signal_ends_it(listening: Listening) -> None:
    pid = listening.pid()
    listening.gate.signal(signal.SIGTERM)
    assert listening.gate.wait_end() == 0
    until("the worker is gone", lambda: not is_alive(pid))


def test_a_signal_finishes_the_request_in_flight(listening: Listening, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    with Client.connect(listening.address) as client:
        client.start("GET", "/hold", f"told={told.path}&wait={wait.path}")
        client.end_body()
        told.wait()
        listening.gate.signal(signal.SIGTERM)
        until("no more is accepted", lambda: not _is_accepted(listening))
        wait.open()
        assert facts(client.response())["version"] == "one"
    assert listening.gate.wait_end() == 0


def _is_accepted(listening: Listening) -> bool:
    """Whether a connection made now is answered within a moment."""
    with Client.connect(listening.address) as client:
        client.sock.settimeout(0.2)
        try:
            client.ask()
        except OSError:
            return False
        return True


def test_gates_with_sockets_of_their_own_share_a_worker(site: GateSite) -> None:
    first, second = _listen(site, "tcp"), _listen(site, "tcp")
    assert first.pid() == second.pid()
    first.gate.signal(signal.SIGTERM)
    assert first.gate.wait_end() == 0
    assert second.pid()


def test_a_failure_is_told_and_mended(site: GateSite) -> None:
    site.edit("app.py", 'VERSION = "one"', "import nosuchmodule")
    listening = _listen(site, "tcp")
    for _ in range(5):
        answer = listening.ask()
        assert answer.is_ended and answer.status == 500
        assert "could not be started" in answer.text
    assert len(site.workers_started()) <= 4
    site.edit("app.py", "import nosuchmodule", 'VERSION = "two"')
    until("the mended app serves", lambda: listening.ask().status == 200, pause=0.1)
    assert facts(listening.ask())["version"] == "two"


def test_code_changes_lose_no_request(site: GateSite) -> None:
    listening = _listen(site, "unix", "--reload")
    pid = listening.pid()
    site.edit("app.py", '"one"', '"two"')

    def replaced() -> bool:
        answer = listening.ask()
        return bool(facts(answer)["version"] == "two")

    until("the new code answers", replaced)
    assert listening.pid() != pid


@pytest.mark.parametrize("stdin", ["null", "file"])
def test_no_socket_at_all_is_explained(site: GateSite, stdin: str) -> None:
    if stdin == "null":
        process = site.fcgi()
    else:
        with (site.path / "app.py").open() as file:
            process = site.fcgi(stdin=file.fileno())
    assert process.wait_end() == 1
    assert "standard input is neither a pipe of a web server nor a listening socket" in process.text
    assert "--listen" in process.text
