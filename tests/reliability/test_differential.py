"""Owns the comparison with FastCGI servers of other hands: the same bytes are the same request to flup and libfcgi.

Does not own bytes that break the protocol: what others do with those is their matter.
"""

from __future__ import annotations

import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import processes, programs, records
from support.fcgi_client import Client
from support.waiting import until
from support.worker import Worker

#: What is compared of the params: the rest is each server's own.
COMPARED = ("QUERY_STRING", "REQUEST_METHOD", "CONTENT_TYPE", "length", "sum")


def conversation(values: dict[str, str | bytes], body: bytes, params_cut: int = 65_528, body_cut: int = 65_528,
                 padding: int = 0) -> bytes:
    stream = records.pairs(values)
    parts = [records.begin(keep=False)]
    for kind, content, cut in ((records.PARAMS, stream, params_cut), (records.STDIN, body, body_cut)):
        parts += [records.record(kind, content[at:at + cut], padding=padding) for at in range(0, len(content), cut)]
        parts.append(records.record(kind))
    return b"".join(parts)


def values(body: bytes = b"", **more: str | bytes) -> dict[str, str | bytes]:
    return records.params("POST", "/a/b", "x=1&y=%20", len(body), CONTENT_TYPE="text/x", **more)


BODY = random.Random(7).randbytes(200_000)
LONG = {f"HTTP_X_{size}": size * "v" for size in (0, 1, 126, 127, 128, 129, 255, 256, 20_000)}
LONG |= {f"HTTP_{size * 'N'}": str(size) for size in (121, 122, 123, 124, 300)}

CONVERSATIONS = {
    "one record each": conversation(values(BODY[:100]), BODY[:100]),
    "no body": conversation(values(), b""),
    "lengths at their borders": conversation(values(**LONG), b""),
    "pairs straddle records": conversation(values(BODY[:100], **LONG), BODY[:100], params_cut=7),
    "pairs cut within their lengths": conversation(values(**LONG), b"", params_cut=1),
    "records as long as they may be": conversation(values(BODY), BODY, body_cut=65_535),
    "records of one byte": conversation(values(BODY[:500]), BODY[:500], body_cut=1),
    "padding": conversation(values(BODY[:5000], **LONG), BODY[:5000], params_cut=100, body_cut=333, padding=255),
    "odd padding": conversation(values(BODY), BODY, body_cut=4093, padding=7),
    "bytes beyond ASCII": conversation(values(HTTP_X_BYTES=bytes(range(128, 256))), b""),
}


#: flup, as wfastcgi, reads each PARAMS record on its own: a pair that straddles two is lost on it. The
#: specification (§3.3) lets streams be cut anywhere. It is asked the same in records that it can read.
BEYOND_FLUP = {
    "pairs straddle records": conversation(values(BODY[:100], **LONG), BODY[:100]),
    "pairs cut within their lengths": conversation(values(**LONG), b""),
    "padding": conversation(values(BODY[:5000], **LONG), BODY[:5000]),
}


class Peer:
    """Another server's program on a listening socket."""

    def __init__(self, folder: Path, command: list[str], listens_itself: bool) -> None:
        self.path = folder / "socket"
        self.listener = None
        if not listens_itself:
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(self.path))
            self.listener.listen(16)
        self.process = processes.start(command, stdin=self.listener or subprocess.DEVNULL)
        until("it listens", self.listens)

    def listens(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.path)) == 0

    def stop(self) -> None:
        processes.stop(self.process)
        if self.listener:
            self.listener.close()


@pytest.fixture(scope="module", params=["flup", "libfcgi"])
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    folder = tmp_path_factory.mktemp("peer")
    if request.param == "flup":
        pytest.importorskip("flup", reason="flup is in tests/requirements.txt")
        command = [sys.executable, str(programs.APPS / "echoing.py"), str(folder / "socket")]
        peer = Peer(folder, command, listens_itself=True)
    else:
        compiler, made = programs.system("gcc", "cc"), folder / "app"
        source = programs.REPOSITORY / "fixtures/sites/libfcgi/app.c"
        done = subprocess.run([compiler, "-o", made, source, "-lfcgi"], capture_output=True, text=True, check=False)
        if done.returncode:
            programs.missing("libfcgi", done.stderr.splitlines()[0])
        peer = Peer(folder, [str(made)], listens_itself=False)
    yield peer
    peer.stop()


@pytest.fixture(scope="module")
def ours() -> Iterator[Worker]:
    with Worker("echoing:app") as worker:
        yield worker


def told(client: Client, data: bytes) -> dict[str, str]:
    with client:
        client.send(data)
        answer = client.response()
    lines = answer.body.decode("latin-1").splitlines()
    found = dict(line.split("=", 1) for line in lines if "=" in line)
    return {name: value for name, value in found.items() if name in COMPARED or name.startswith("HTTP_")}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_same_bytes_are_the_same_request(ours: Worker, peer: Peer, name: str) -> None:
    data = CONVERSATIONS[name]
    found = told(ours.connect(), data)
    assert found["QUERY_STRING"] == "x=1&y=%20"
    is_flup = peer.listener is None
    readable = BEYOND_FLUP.get(name, data) if is_flup else data
    assert until("it answers", lambda: told(Client.connect(peer.path), readable)) == found
