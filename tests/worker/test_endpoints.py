"""Owns where a worker serves: descriptor 0 (connected, listening), Unix and TCP sockets; its end.

Does not own gates: see ``frontends``.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from support import processes, programs, records
from support.fcgi_client import Client, Closed
from support.stdin_worker import StdinWorker
from support.waiting import Latch
from support.worker import Worker


@pytest.mark.parametrize("tcp", [False, True], ids=["unix", "tcp"])
def test_a_connected_descriptor_0(tcp: bool) -> None:
    with StdinWorker("answering:linted", tcp=tcp) as worker:
        for _ in range(3):
            assert worker.client.ask(path="/items").text == "one two three"
        assert "'multiprocess': True" in worker.client.ask(path="/flags").text


def test_the_worker_ends_when_its_pipe_does() -> None:
    """IIS has gone, or discards the instance: nobody could reach the worker any more."""
    with StdinWorker("answering:app") as worker:
        assert worker.client.ask(path="/list").text == "one item"
        worker.client.close()
        assert worker.process.wait(10) == 0


def test_the_worker_ends_when_its_pipe_does_before_any_request() -> None:
    with StdinWorker("answering:app") as worker:
        worker.client.close()
        assert worker.process.wait(10) == 0


def test_without_keep_connection_the_pipe_is_closed_and_the_worker_ends() -> None:
    with StdinWorker("answering:app") as worker:
        assert worker.client.ask(path="/list", keep=False).text == "one item"
        assert worker.client.is_closed()
        assert worker.process.wait(10) == 0


def test_a_broken_answer_keeps_the_instance() -> None:
    """A closed pipe would be a crash to IIS: the answer ends with appStatus 1 instead."""
    with StdinWorker("broken:app") as worker:
        for path, seen in (("/raises-in-body", b"begun"), ("/too-short", b"short"), ("/exc-info-late", b"begun")):
            response = worker.client.ask(path=path)
            assert (response.body, response.app_status, response.protocol_status) == (seen, 1, 0)
        assert worker.client.ask(path="/hop-by-hop").text == "fine"


def test_a_listening_descriptor_0() -> None:
    with StdinWorker("answering:app", listening=True) as worker:
        for _ in range(3):
            with Client.connect(worker.path) as client:
                assert client.ask(path="/list").text == "one item"
        with Client.connect(worker.path) as first, Client.connect(worker.path) as second:
            assert second.ask(path="/list").text == first.ask(path="/list").text == "one item"


def test_a_small_answer_leaves_in_one_write() -> None:
    """Head, body and END_REQUEST: what one write sent, one read of a stream socket gives."""
    with StdinWorker("answering:app") as worker:
        sock = worker.client.sock
        for path in ("/list", "/length", "/status", "/headers", "/tuple"):
            query = "code=404&body=1" if path == "/status" else ""
            sock.sendall(records.request(records.params(path=path, query=query)))
            if path == "/length":
                continue_reading = sock.recv(1 << 20)
                while not continue_reading.endswith(records.record(records.END, bytes(8))):
                    continue_reading += sock.recv(1 << 20)
                continue
            data = sock.recv(1 << 20)
            assert data.endswith(records.record(records.END, bytes(8))), path
            assert data.count(records.record(records.STDOUT)) == 1, path


@pytest.mark.parametrize("path", ["/list", "/items", "/empty", "/length", "/write", "/file", "/stream?mib=3"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_stdout_ends_once_and_no_record_is_empty(path: str, method: str) -> None:
    with StdinWorker("answering:app") as worker:
        path, _, query = path.partition("?")
        response = worker.client.ask(method, path, query)
    out = [record.content for record in response.records if record.kind == records.STDOUT]
    assert [not content for content in out] == [False] * (len(out) - 1) + [True]
    assert response.records[-1].kind == records.END and response.records[-2].kind == records.STDOUT


@pytest.mark.parametrize("what", ["null", "file", "pipe"])
def test_a_descriptor_0_that_is_no_socket_is_refused(what: str, tmp_path: Path) -> None:
    stdin = {"null": subprocess.DEVNULL, "file": (tmp_path / "f").open("w+b"), "pipe": subprocess.PIPE}[what]
    ended = processes.start([*programs.worker_command(), "answering:app", f"--site={programs.APPS}"],
                            env=programs.environment(), stdin=stdin, stderr=subprocess.PIPE)
    assert ended.wait(20) == 2
    assert ended.stderr is not None and b"standard input is no socket" in ended.stderr.read()
    if ended.stdin:
        ended.stdin.close()
    processes.stop(ended)


def test_tcp(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker("answering:app", endpoint=f"tcp:127.0.0.1:{processes.free_port()}")
    assert worker.ask(path="/list").text == "one item"


def test_a_taken_endpoint_is_told(start_worker: Callable[..., Worker]) -> None:
    first = start_worker("answering:app")
    first.ask(path="/list")
    second = start_worker("answering:app", endpoint=f"unix:{first.address}")
    assert second.wait_end() == 2
    assert "another process listens" in second.told()
    assert first.ask(path="/list").text == "one item"


def test_a_dead_socket_is_replaced(start_worker: Callable[..., Worker]) -> None:
    first = start_worker("answering:app")
    first.ask(path="/list")
    first.process.kill()
    first.wait_end()
    second = start_worker("answering:app", endpoint=f"unix:{first.address}")
    second.address = first.address
    second.log.wait("ready")
    assert second.ask(path="/list").text == "one item"


@pytest.mark.parametrize("endpoint", ["", "unix:", "tcp:9000", "pipe:x", "nonsense"])
def test_a_bad_endpoint_is_told(start_worker: Callable[..., Worker], endpoint: str) -> None:
    worker = start_worker("answering:app", endpoint=endpoint or "x")
    assert worker.wait_end() == 2
    assert "not an endpoint" in worker.told()


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_worker_after_what_is_in_flight(
    start_worker: Callable[..., Worker], latch: Callable[[str], Latch], sent: signal.Signals
) -> None:
    worker = start_worker("answering:app")
    came, go = latch("came"), latch("go")
    with worker.connect() as busy, worker.connect() as idle:
        assert idle.ask(path="/list").text == "one item"
        busy.start(path="/slow", query=urlencode({"came": came.path, "go": go.path}))
        busy.end_body()
        came.wait()
        os.kill(worker.process.pid, sent)
        assert idle.is_closed(), "idle connections are let go at once"
        assert worker.process.poll() is None
        with pytest.raises((OSError, Closed)):
            with Client.connect(worker.address) as late:
                late.ask(path="/list")
        go.open()
        assert busy.response().text == "at last"
        assert busy.is_closed()
    assert worker.wait_end() == 0


def test_descriptor_0_is_not_the_pipe_for_children() -> None:
    """A child that reads its standard input must not eat the web server's bytes."""
    with StdinWorker("telling:app") as worker:
        for _ in range(2):
            assert worker.client.ask(path="/child").text == "told"
            assert worker.client.ask(path="/descriptors").text.startswith("''")


def test_a_socket_pair_of_datagrams_is_no_web_server() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with ours, theirs:
        ended = processes.start([*programs.worker_command(), "answering:app", f"--site={programs.APPS}"],
                                env=programs.environment(), stdin=theirs, stderr=subprocess.DEVNULL)
        assert ended.wait(20) == 2
        processes.stop(ended)
