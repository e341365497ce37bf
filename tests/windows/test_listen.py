"""Owns that ``iisgate fcgi --listen tcp:…`` serves nginx and others on Windows: workers that share a listening socket.

Does not own the protocol's corners, which are the same everywhere: see ``tests/worker``.
"""

from __future__ import annotations

import signal
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from native import programs
from support import living
from support.launch import Conversation
from support.places import IISGATE, ON_WINDOWS, VENV

BEGIN, PARAMS, STDIN, STDOUT, END = 1, 4, 5, 6, 3


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("!BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def ask(port: int, path: str, body: bytes = b"") -> tuple[bytes, bytes]:
    """One request on a connection of its own; head and body of the response."""
    values = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "REQUEST_URI": path,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
    }
    params = b"".join(bytes([len(k), len(v)]) + k.encode() + v.encode() for k, v in values.items())
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(record(BEGIN, b"\0\1\0\0\0\0\0\0") + record(PARAMS, params) + record(PARAMS, b""))
        for at in range(0, len(body), 60_000):
            connection.sendall(record(STDIN, body[at : at + 60_000]))
        connection.sendall(record(STDIN, b""))
        stream = connection.makefile("rb")
        told = b""
        while header := stream.read(8):
            _, kind, _, length, padding, _ = struct.unpack("!BBHHBB", header)
            content = stream.read(length + padding)[:length]
            if kind == STDOUT:
                told += content
    head, _, rest = told.partition(b"\r\n\r\n")
    return head, rest


@pytest.fixture
def listening(tmp_path: Path, converse: Callable[..., Conversation]) -> Iterator[tuple[Conversation, int]]:
    site = programs.site("measured", tmp_path)
    words = ["fcgi", "measured:app", "--site", site, "--python", VENV]
    talk = converse(IISGATE, *words, "--listen", "tcp:127.0.0.1:0", "--workers", "2")
    line = talk.until_told("listening at tcp:127.0.0.1:")
    yield talk, int(line.split("tcp:127.0.0.1:")[1].split(":")[0])


def test_two_workers_share_a_socket_and_end_when_told(listening: tuple[Conversation, int]) -> None:
    talk, port = listening
    assert ask(port, "/hello")[1] == b"Hello, world!"
    with ThreadPoolExecutor(8) as pool:
        bodies = set(pool.map(lambda _: ask(port, "/large")[1], range(40)))
    assert bodies == {b"x" * 65_536}
    assert ask(port, "/upload", b"u" * 1_500_000)[1] == b"1500000"
    # Wine makes Ctrl-C of it.
    talk.process.send_signal(signal.CTRL_BREAK_EVENT if ON_WINDOWS else signal.SIGINT)
    assert talk.process.wait(30) == 0, talk.told()
    living.until_gone(lambda: living.alive("python.exe", "iisgate worker"))
