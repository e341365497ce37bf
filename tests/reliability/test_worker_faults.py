"""Owns what a worker bears: peers that lie, that storm, that stand still; a machine that has no more to give.

Does not own what becomes of a worker that is killed (``tests/gate/test_gate_worker_death.py``).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import resource
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from support import looking, records
from support.fcgi_client import Client, Closed
from support.looking import rss_bytes
from support.processes import free_port
from support.waiting import until
from support.worker import Worker

MIB = 1024 * 1024
StartWorker = Callable[..., Worker]


def pid_of(worker: Worker) -> int:
    return int(worker.ask(path="/pid").text)


def digest(body: bytes, more: int = 0) -> str:
    return f"{len(body)} {hashlib.sha256(body).hexdigest()} {more * 'x'}"


# ── peers ────────────────────────────────────────────────────────────────────────────────────


def test_100_000_params(start_worker: StartWorker) -> None:
    worker = start_worker("faults:app")
    values = records.params("GET", "/pid", **{f"HTTP_X_{number}": "" for number in range(100_000)})
    with worker.connect() as client:
        client.send(records.request(values))
        assert client.response().status == 431
        assert client.ask("GET", "/pid").status == 200


def test_1_gib_of_params(start_worker: StartWorker) -> None:
    """It is refused after the first MiB; the rest is thrown away, and the connection serves on."""
    worker = start_worker("faults:app")
    before = rss_bytes(pid_of(worker))
    block = 64 * records.record(records.PARAMS, 65_528 * b"x")
    with worker.connect() as client:
        client.send(records.begin())
        for _ in range(2**30 // (64 * 65_528)):
            client.send(block)
        client.send(records.record(records.PARAMS), records.record(records.STDIN))
        assert client.response().status == 431
        assert client.ask("GET", "/pid").status == 200
    assert rss_bytes(worker.process.pid) - before < 20 * MIB


def test_an_id_that_is_begun_twice_ends_its_connection_alone(start_worker: StartWorker) -> None:
    worker = start_worker("faults:app")
    with worker.connect() as client, worker.connect() as other:
        client.send(records.begin(), records.begin())
        with pytest.raises((Closed, ConnectionResetError)):
            client.response()
        for _ in range(50):
            assert other.ask("GET", "/pid", id=7).status == 200, "an id that is over is free"


def test_an_abort_storm(start_worker: StartWorker) -> None:
    worker = start_worker("faults:app", "--threads=4")
    pid = pid_of(worker)
    pairs = records.pairs(records.params("POST", "/digest"))
    with worker.connect() as client:
        for id in range(1, 3001):
            begun = [records.begin(id), *records.stream(records.PARAMS, pairs, id)]
            # In the middle of its params, before its body, twice, and once for nobody.
            client.send(*begun[: 1 + id % len(begun)], records.abort(id), records.abort(id), records.abort(60_000))
            if id % 100 == 0:
                # Its ends are read meanwhile: who asks and never reads is cut off, as others' tests show.
                client.response(id)
        assert client.ask("GET", "/pid", id=5000).text == str(pid)
    until("no thread is left with it", lambda: len(looking.threads(pid)) < 16)


def test_a_peer_that_is_gone_without_a_word_is_noticed(start_worker: StartWorker) -> None:
    """The system asks after it: on Linux after two hours, then every 75 seconds."""
    port = free_port()
    worker = start_worker("faults:app", endpoint=f"tcp:127.0.0.1:{port}")
    with worker.connect() as client:
        assert client.ask("GET", "/pid").status == 200

        def is_asked_after() -> bool:
            lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
            mine = [line for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "01"]
            # A timer of kind 1 is for what has not been acknowledged yet.
            return bool(mine) and all(line[5].startswith("02:") for line in mine)

        until("a timer of kind 2, keepalive's, runs", is_asked_after)


# ── the machine ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/memory", "/memory-of-lists"])
def test_no_memory(start_worker: StartWorker, path: str) -> None:
    worker = start_worker("faults:app", "--threads=2")
    pid = pid_of(worker)
    status = Path(f"/proc/{pid}/status").read_text()
    size = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmSize:"))
    limit = size * 1024 + 128 * MIB
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, limit))
    for _ in range(3):
        assert worker.ask(path=path).status == 500
        assert pid_of(worker) == pid
    assert "MemoryError" in worker.told()


def test_no_descriptors(start_worker: StartWorker) -> None:
    """Connections wait in the listener's queue until others end; then the same worker serves on."""
    worker = start_worker("faults:app")
    pid = pid_of(worker)
    limit = looking.open_descriptors(pid) + 8
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (limit, limit))
    many = [Client.connect(worker.address) for _ in range(40)]
    worker.log.wait_line("accepting connections")
    for client in many:
        client.close()
    for _ in range(10):
        assert pid_of(worker) == pid


def test_a_disk_that_is_full_for_the_log(start_worker: StartWorker) -> None:
    worker = start_worker("faults:app", "--log=/dev/full", log=False)
    for _ in range(20):
        assert worker.ask(path="/pid").status == 200
    body = os.urandom(3 * MIB)
    assert worker.ask("POST", "/digest", body=body).text.strip() == digest(body).strip()


def test_a_disk_that_is_full_for_a_spooled_body(start_worker: StartWorker) -> None:
    """The body that cannot be kept costs its own request, and no other."""
    worker = start_worker("reading:app")
    assert worker.ask("POST", "/some", body=b"some").text == "some"
    pid = worker.process.pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (64 * 1024, resource.RLIM_INFINITY))
    block = records.record(records.STDIN, 65_528 * b"u")
    with worker.connect() as client:
        # An answer that waits for room, while the body comes on: it must be put somewhere.
        client.start("POST", "/deaf", "mib=48&read=1", length=48 * 16 * 65_528)
        try:
            for _ in range(48 * 16):
                client.send(block)
            client.end_body()
            while client.sock.recv(MIB):
                pass
        except (BrokenPipeError, ConnectionResetError):
            pass
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert worker.ask("POST", "/some", body=b"next").text == "next"
    assert worker.process.poll() is None
    assert "File too large" in worker.told()


# ── the process ──────────────────────────────────────────────────────────────────────────────


def test_a_fork_in_the_app(start_worker: StartWorker) -> None:
    worker = start_worker("faults:app")
    with worker.connect() as client:
        for _ in range(5):
            assert client.ask("GET", "/fork").text == "child ended with 7"
        assert client.ask("GET", "/pid").text == str(pid_of(worker))


def test_a_forked_child_that_returns_from_the_app_answers_nothing(start_worker: StartWorker) -> None:
    """Only the process that was asked answers: two answers would mix on the wire."""
    worker = start_worker("faults:app")
    pid = pid_of(worker)
    with worker.connect() as client:
        for _ in range(5):
            assert client.ask("GET", "/fork-that-returns").text == f"{pid} answers"
            assert client.ask("GET", "/pid").text == str(pid)


def test_signals_at_every_moment(start_worker: StartWorker) -> None:
    """Whatever call a signal interrupts is made again: nothing is lost or cut."""
    worker = start_worker("faults:app", "--threads=4")
    pid, is_over = pid_of(worker), threading.Event()

    def storm() -> None:
        while not is_over.is_set():
            for thread in looking.threads(pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(thread, signal.SIGUSR1)

    storming = threading.Thread(target=storm)
    storming.start()
    try:
        with worker.connect() as client:
            for size in (0, 10, 70_000, MIB, 3 * MIB):
                body = os.urandom(size)
                answer = client.ask("POST", "/digest", f"more={2 * MIB}", body=body)
                assert answer.text == digest(body, 2 * MIB)
    finally:
        is_over.set()
        storming.join()
    assert worker.process.poll() is None


SIZE = 200_000


def parts_of_a_request() -> list[bytes]:
    values = records.params("POST", "/digest", f"more={MIB}", SIZE)
    params = b"".join(records.stream(records.PARAMS, records.pairs(values)))
    body = b"".join(records.stream(records.STDIN, SIZE * b"x"))
    return [records.begin(), params, body[:SIZE // 2], body[SIZE // 2:]]


@pytest.mark.parametrize("sent", range(5), ids=["connected", "begun", "params", "half-a-body", "all"])
def test_a_signal_to_end_at_every_moment(start_worker: StartWorker, sent: int) -> None:
    """Who has connected is served: the rest of the request is awaited, its answer comes whole, the worker ends."""
    worker, parts = start_worker("faults:app"), parts_of_a_request()
    pid_of(worker)
    with worker.connect() as client:
        client.send(*parts[:sent])
        os.kill(worker.process.pid, signal.SIGTERM)
        if parts[sent:]:
            client.send(*parts[sent:])
        answer = client.response()
        assert answer.is_ended and answer.text == digest(SIZE * b"x", MIB)
    assert worker.wait_end() == 0
