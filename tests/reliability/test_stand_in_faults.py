"""Owns what the stand-in bears of clients, and of a machine that has no more to give.

Does not own requests with two ends (``test_smuggling``), nor instances that fail (``tests/serve``).
"""

from __future__ import annotations

import resource
import socket

from support import looking
from support.looking import rss_bytes
from support.serve_site import Serve

MIB = 1024 * 1024
CLIENTS = 300


def test_heads_that_never_end_are_in_nobody_s_way(serve: Serve) -> None:
    """A slow loris costs a descriptor and some KiB for each connection, for two minutes at most."""
    assert serve.get("/").status == 200
    before = rss_bytes(serve.process.pid)
    lorises = [serve.raw(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ") for _ in range(CLIENTS)]
    try:
        for _ in range(3):
            for loris in lorises:
                loris.send(b"a")
            assert serve.get("/").status == 200
        assert rss_bytes(serve.process.pid) - before < CLIENTS * 64 * 1024
    finally:
        for loris in lorises:
            loris.close()


def test_bodies_that_never_end_hold_their_own_instances_alone(serve: Serve) -> None:
    head = b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    slow = [serve.raw(head + b"x") for _ in range(3)]
    try:
        for _ in range(5):
            assert serve.get("/").status == 200
    finally:
        for each in slow:
            each.close()


def test_no_descriptors(serve: Serve) -> None:
    """New clients wait until others have gone; who is connected is served."""
    kept = serve.connect()
    assert serve.ask("GET", "/", on=kept).status == 200
    pid = serve.process.pid
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (looking.open_descriptors(pid) + 4, hard))
    many = [socket.create_connection(("127.0.0.1", serve.port)) for _ in range(30)]
    try:
        serve.wait_line("cannot accept a connection")
        assert serve.ask("GET", "/", on=kept).status == 200
    finally:
        for each in many:
            each.close()
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
    assert serve.get("/").status == 200
    kept.close()
