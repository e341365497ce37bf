"""Owns what is large: streams both ways in constant memory, back-pressure, no deadlock."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator

import pytest

from support import looking, records
from support.fcgi_client import Client
from support.looking import rss_bytes
from support.waiting import until
from support.worker import Worker

MIB = 1024 * 1024
#: What a worker may take, whatever passes through it.
RSS_MAX = 80 * MIB
#: Enough that anything kept would show, little enough for a debug build in a few seconds.
STREAM_MIB = int(os.environ.get("IISGATE_TEST_STREAM_MIB", "512"))

BLOCK = records.record(records.STDIN, b"u" * 65_528)


class Watch:
    """Keeps the highest memory use of a worker while something is going on."""

    def __init__(self, worker: Worker) -> None:
        self.pid = worker.process.pid
        self.highest = 0

    def look(self) -> None:
        self.highest = max(self.highest, rss_bytes(self.pid))


@pytest.fixture(scope="module")
def answering() -> Iterator[Worker]:
    with Worker("answering:app") as worker:
        yield worker


@pytest.fixture(scope="module")
def reading() -> Iterator[Worker]:
    with Worker("reading:app") as worker:
        yield worker


def drain(client: Client, each: Callable[[int], None] = lambda total: None) -> int:
    """Reads a response without keeping it; gives the bytes of STDOUT."""
    total = 0
    for record in client.records():
        if record.kind == records.STDOUT:
            total += len(record.content)
            each(total)
    return total


def test_a_large_response_to_a_slow_reader(answering: Worker) -> None:
    watch = Watch(answering)
    seen = 0

    def look(total: int) -> None:
        nonlocal seen
        if total // (64 * MIB) > seen:
            seen = total // (64 * MIB)
            # Slow: nothing is read until the worker's side has come to rest.
            until("the worker is held back", lambda: answering_sleeps(answering))
            watch.look()

    with answering.connect() as client:
        client.start(path="/stream", query=f"mib={STREAM_MIB}")
        client.end_body()
        assert drain(client, look) > STREAM_MIB * MIB
        assert client.ask(path="/list").text == "one item"
    assert seen >= STREAM_MIB // 64 and watch.highest < RSS_MAX


def answering_sleeps(worker: Worker) -> bool:
    """Whether no thread of the worker runs: it waits for us."""
    return "R" not in looking.states(worker.process.pid)


def test_a_large_upload(reading: Worker) -> None:
    """The app reads as fast as it can; what it has read is not kept."""
    watch = Watch(reading)
    blocks = STREAM_MIB * 16
    with reading.connect() as client:
        client.start("POST", "/sha256", "size=65536", length=blocks * 65_528)
        for n in range(blocks):
            client.send(BLOCK)
            if n % 1000 == 0:
                watch.look()
        client.end_body()
        length, digest = client.response().text.split()
    watch.look()
    assert int(length) == blocks * 65_528
    assert watch.highest < RSS_MAX
    expected = hashlib.sha256()
    for _ in range(blocks):
        expected.update(BLOCK[8:])
    assert digest == expected.hexdigest()


def test_an_upload_of_100_mb_arrives_as_it_was(reading: Worker) -> None:
    block = os.urandom(100_000)
    expected = hashlib.sha256()
    with reading.connect() as client:
        client.start("POST", "/sha256", "size=100000", length=100_000_000)
        for n in range(1000):
            piece = block[n:] + block[:n]
            expected.update(piece)
            client.body(piece, size=60_000, padding=n % 8)
        client.end_body()
        assert client.response().text == f"100000000 {expected.hexdigest()}"


def test_an_unread_upload_is_drained_in_constant_memory(reading: Worker) -> None:
    watch = Watch(reading)
    with reading.connect() as client:
        client.start("POST", "/unread", length=200 * 16 * 65_528)
        for n in range(200 * 16):
            client.send(BLOCK)
            if n % 500 == 0:
                watch.look()
        client.end_body()
        assert client.response().text == "not read"
        assert client.ask("POST", "/some", body=b"next").text == "next"
    assert watch.highest < RSS_MAX


class Sender(threading.Thread):
    """Sends a body from another thread, as a web server with an event loop would."""

    def __init__(self, client: Client, blocks: int) -> None:
        super().__init__()
        self.client, self.blocks = client, blocks
        self.start()

    def run(self) -> None:
        for _ in range(self.blocks):
            self.client.send(BLOCK)
        self.client.end_body()


@pytest.mark.parametrize("read", ["", "&read=1"], ids=["never-read", "read-later"])
def test_a_large_answer_beside_a_large_unread_body(reading: Worker, read: str) -> None:
    """A web server that sends the whole body before it reads a byte: no deadlock."""
    watch = Watch(reading)
    blocks = 48 * 16
    with reading.connect() as client:
        client.start("POST", "/deaf", f"mib=48{read}", length=blocks * 65_528)
        # All of the body first, from this thread: only then the answer is read.
        for _ in range(blocks):
            client.send(BLOCK)
        client.end_body()
        watch.look()
        tail = 64 if read else 0
        total = drain(client)
        assert total - tail >= 48 * MIB and total - tail < 48 * MIB + 1000
        assert client.ask("POST", "/some", body=b"next").text == "next"
    assert watch.highest < RSS_MAX


def test_an_echo_of_more_than_any_buffer(reading: Worker) -> None:
    watch = Watch(reading)
    blocks = 64 * 16
    with reading.connect() as client:
        client.start("POST", "/echo", length=blocks * 65_528)
        sender = Sender(client, blocks)
        digest, total = hashlib.sha256(), 0
        head = b""
        for record in client.records():
            if record.kind != records.STDOUT:
                continue
            content = record.content
            if b"\r\n\r\n" not in head:
                head += content
                content = head.partition(b"\r\n\r\n")[2]
            digest.update(content)
            total += len(content)
            if total % (8 * MIB) < 65_536:
                watch.look()
        sender.join()
    expected = hashlib.sha256()
    for _ in range(blocks):
        expected.update(BLOCK[8:])
    assert (total, digest.hexdigest()) == (blocks * 65_528, expected.hexdigest())
    assert watch.highest < RSS_MAX


def test_sixteen_slow_readers_at_once(answering: Worker) -> None:
    """Held back by their readers, sixteen streams take no memory to speak of."""
    watch = Watch(answering)
    clients = [answering.connect() for _ in range(16)]
    for client in clients:
        client.start(path="/stream", query="mib=8")
        client.end_body()
        client.read_until(b"\r\n\r\n")
    until("all are held back", lambda: answering_sleeps(answering))
    watch.look()
    for client in clients:
        assert drain(client) > 7 * MIB
        client.close()
    assert watch.highest < RSS_MAX
