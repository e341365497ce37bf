"""Owns large and broken transfers through the stand-in: constant memory, whole bodies, aborts.

Does not own what the worker does of it: see ``tests/worker``.
"""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Callable, Iterator

import pytest

from support import looking
from support.serve_site import Serve, ServeSite, handler
from support.waiting import Latch, until

MIB = 1024 * 1024
PIECE = bytes(range(256)) * 256

#: Most that memory may grow while something large passes: buffers of a few pieces on each side.
GROWTH_MAX = 24 * MIB


def _pieces(mib: int) -> Iterator[bytes]:
    for _ in range(mib * 16):
        yield PIECE


def _rss(serve: Serve, site: ServeSite) -> dict[str, int]:
    (worker,) = site.workers()
    found = {"serve": looking.rss_bytes(serve.process.pid), "worker": looking.rss_bytes(worker)}
    return found | {f"gate {pid}": looking.rss_bytes(pid) for pid in site.gates()}


def test_a_large_upload(site: ServeSite) -> None:
    # IIS takes no more than 30 MB where nothing is said.
    limits = f'<requestLimits maxAllowedContentLength="{200 * MIB}" />'
    config = (site.path / "web.config").read_text()
    end = "</system.webServer>"
    section = f"<security><requestFiltering>{limits}</requestFiltering></security>{end}"
    site.write("web.config", config.replace(end, section))
    serve = site.serve()
    serve.get("/")
    before = _rss(serve, site)
    connection = serve.connect()
    connection.request("POST", "/digest", body=_pieces(100), headers={"Content-Length": str(100 * MIB)})
    told = json.loads(connection.getresponse().read())
    connection.close()
    digest = hashlib.sha256()
    for piece in _pieces(100):
        digest.update(piece)
    assert told["length"] == 100 * MIB
    assert told["sha256"] == digest.hexdigest()
    after = _rss(serve, site)
    assert all(after[who] - before[who] < GROWTH_MAX for who in before), (before, after)


def _download(serve: Serve, mib: int, path: str = "/bytes") -> int:
    connection = serve.connect()
    connection.request("GET", f"{path}?mib={mib}")
    response = connection.getresponse()
    length, buffer = 0, bytearray(256 * 1024)
    while count := response.readinto(buffer):
        length += count
    connection.close()
    return length


def test_a_large_answer(site: ServeSite) -> None:
    assert _download(site.serve(), 1024) == 1024 * MIB


def test_a_slow_reader_costs_no_memory(site: ServeSite) -> None:
    """Memory is looked at all the while, also while the reader takes nothing at all."""
    serve = site.serve()
    serve.get("/")
    before = _rss(serve, site)
    connection = serve.connect()
    assert isinstance(connection.sock, socket.socket)
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    connection.request("GET", "/bytes?mib=512")
    response = connection.getresponse()
    (worker,) = site.workers()
    # Everybody waits for us: buffers are full.
    cpu: list[int] = []

    def stuck() -> bool:
        cpu.append(looking.cpu_ticks(worker))
        return len(cpu) > 20 and len(set(cpu[-20:])) == 1

    until("the worker is held back", stuck)
    peak = _rss(serve, site)
    length, buffer = 0, bytearray(128 * 1024)
    while count := response.readinto(buffer):
        length += count
        if length % (32 * MIB) < len(buffer):
            now = _rss(serve, site)
            peak = {who: max(peak.get(who, 0), now[who]) for who in now}
    connection.close()
    assert length == 512 * MIB
    assert all(peak[who] - before[who] < GROWTH_MAX for who in before), (before, peak)


@pytest.fixture
def patient(site: ServeSite) -> ServeSite:
    """The site, with a worker that outlives any pause between two instances."""
    site.write("web.config", handler(r"C:\iisgate\iisgate.exe|fcgi app:app --grace 20"))
    return site


def test_a_client_that_goes_in_the_middle_of_its_answer(patient: ServeSite) -> None:
    serve = patient.serve()
    pid = serve.get("/").json()["pid"]
    with serve.raw(b"GET /bytes?mib=512 HTTP/1.1\r\nHost: x\r\n\r\n") as sock:
        assert sock.recv(100)
    line = serve.wait_line("/bytes?mib=512")
    assert "cut off" in line
    assert serve.get("/").json()["pid"] == pid, "the app is not to blame: its worker serves on"


def test_a_client_that_goes_in_the_middle_of_its_upload(patient: ServeSite) -> None:
    serve = patient.serve()
    pid = serve.get("/").json()["pid"]
    with serve.raw(b"POST /digest HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 5000):
        pass
    serve.wait_line("/digest")
    assert serve.get("/").json()["pid"] == pid


def test_a_client_that_goes_while_the_app_works(patient: ServeSite, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    serve = patient.serve("--max-instances=2")
    pid = serve.get("/").json()["pid"]
    with serve.raw(f"GET /hold?told={told.path}&wait={wait.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()):
        told.wait()
    assert serve.get("/").json()["pid"] == pid
    wait.open()
    for _ in range(4):
        assert serve.get("/").json()["pid"] == pid


def test_pieces_arrive_as_they_are_made(site: ServeSite, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    serve = site.serve()
    with serve.raw(f"GET /half?told={told.path}&wait={wait.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as sock:
        seen = b""
        while b"first" not in seen:
            seen += sock.recv(4096)
        told.wait()
        wait.open()
        while b"second" not in seen:
            seen += sock.recv(4096)


@pytest.mark.parametrize("size", [10, 100_000, 5_000_000])
def test_a_body_that_the_app_leaves_unread(site: ServeSite, size: int) -> None:
    serve = site.serve("--max-instances=1")
    pids = {serve.ask("POST", "/", b"x" * size).json()["pid"] for _ in range(3)}
    assert len(pids) == 1
