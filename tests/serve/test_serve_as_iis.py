"""Owns ``--as-iis``: a real app runs through every way in which IIS may behave, and each way has its effect.

Does not own the ways that act on Windows only: here they must do no harm.
"""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import os
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support import programs
from support.serve_site import Serve, ServeSite, handler
from support.waiting import Latch, until

WAYS = ["synchronous-pipe", "connect-late", "null-output", "strict-job", "fixed-id", "cut-records", "ansi",
        "body-first", "buffer-response", "keep-on-disconnect", "abort", "allow-path-info", "old-defaults"]

BODY = os.urandom(300_000)
MIB = 1024 * 1024

#: A route with a FIFO each for: told, wait, closed.
MakeLatch = Callable[[str], Latch]


@pytest.fixture
def telling(make_site: Callable[..., ServeSite]) -> ServeSite:
    """The site whose app tells what it sees of bodies and clients."""
    site = make_site("gate")
    shutil.copyfile(Path(__file__).with_name("as_iis_app.py"), site.path / "app.py")
    site.write("web.config", handler(r"C:\iisgate\iisgate.exe|fcgi app:app --grace 20"))
    return site


class Fifos:
    """The FIFOs of one request, and its URL."""

    def __init__(self, latch: MakeLatch) -> None:
        self.told, self.wait, self.closed = (latch(name) for name in ("told", "wait", "closed"))

    def url(self, path: str, **more: int) -> str:
        pairs = {"told": self.told.path, "wait": self.wait.path, "closed": self.closed.path, **more}
        return path + "?" + "&".join(f"{name}={value}" for name, value in pairs.items())


@pytest.fixture
def fifos(latch: MakeLatch) -> Fifos:
    return Fifos(latch)


def _help(command: str, flag: str) -> str:
    done = subprocess.run([programs.iisgate(), command, flag], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout


@pytest.mark.parametrize("command", ["serve", "request"])
def test_help_lists_every_way(command: str) -> None:
    assert re.findall(r"^ +- ([a-z-]+):", _help(command, "--help"), re.M) == WAYS
    assert "--as-iis" not in _help(command, "-h")


def test_an_unknown_way_is_told_with_those_there_are(site: ServeSite) -> None:
    done = site.request("GET", "/", "--as-iis=ansi,asni")
    assert done.returncode == 1 and done.stdout == b""
    said = done.stderr.decode()
    assert "'asni'" in said and all(way in said for way in WAYS)


@pytest.mark.parametrize("ways", [*WAYS, ",".join(WAYS)])
def test_the_app_serves_in_every_way(site: ServeSite, ways: str) -> None:
    serve = site.serve(f"--as-iis={ways}", "--max-instances=3")
    told = serve.get("/environ?x=%C3%A9", X_Asked="yes").json()["environ"]
    assert (told["SCRIPT_NAME"], told["PATH_INFO"], told["QUERY_STRING"]) == ("", "/environ", "x=%C3%A9")
    assert (told["HTTP_X_ASKED"], told["REQUEST_URI"]) == ("yes", "/environ?x=%C3%A9")
    head = serve.ask("HEAD", "/")
    assert (head.status, head.body) == (200, b"")
    for size in (0, 1, 10_000, len(BODY)):
        told = serve.ask("POST", "/digest", BODY[:size]).json()
        assert (told["length"], told["sha256"]) == (size, hashlib.sha256(BODY[:size]).hexdigest())
    told = serve.ask("POST", "/digest", iter([b"in ", b"chunks"])).json()
    assert told["sha256"] == hashlib.sha256(b"in chunks").hexdigest()
    assert serve.ask("POST", "/", BODY).json()["path_info"] == "/", "a body that the app leaves unread"
    assert len(serve.get("/bytes?mib=9").body) == 9 * MIB
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: serve.get(f"/n{n}").json(), range(30)))
    assert sorted(int(answer["path_info"][2:]) for answer in answers) == list(range(30))


#: A line of ``iisgate request -v``.
LINE = re.compile(r"^([→←]) (\w+) +id (\d+) +(\d+) bytes", re.M)


def _records(site: ServeSite, *arguments: str) -> list[tuple[str, str, int, int]]:
    """Direction, type, id and length of each record of one request."""
    done = site.request(*arguments, "-v")
    assert done.returncode == 0, done.stderr.decode()
    lines = LINE.findall(done.stderr.decode())
    assert lines[0][1] == "BeginRequest" and lines[-1][1] == "EndRequest", lines
    return [(way, kind, int(id), int(length)) for way, kind, id, length in lines]


def test_ids_differ_from_run_to_run(site: ServeSite) -> None:
    runs = [{id for _, _, id, _ in _records(site, "GET", "/")} for _ in range(3)]
    assert all(len(ids) == 1 for ids in runs)
    assert len(set.union(*runs)) == 3


def test_fixed_id(site: ServeSite) -> None:
    for _ in range(2):
        assert {id for _, _, id, _ in _records(site, "GET", "/", "--as-iis=fixed-id")} == {1}


def test_cut_records(site: ServeSite) -> None:
    body = site.folder / "body"
    body.write_bytes(BODY[:10_000])
    request = ["POST", "/environ", f"--data=@{body}", "-H", "X-Long: " + 300 * "long "]
    for ways, lengths in ([], range(8, 65_536)), (["--as-iis=cut-records"], range(1, 8)):
        sent = [record for record in _records(site, *request, *ways) if record[0] == "→"]
        for kind in ("Params", "Stdin"):
            stream = [length for _, other, _, length in sent if other == kind]
            assert stream.pop() == 0, "a stream ends with an empty record"
            assert stream and all(length in lengths for length in stream), (kind, stream)
    plain, cut = (json.loads(site.request(*request, *ways).stdout) for ways in ([], ["--as-iis=cut-records"]))
    assert plain["environ"] == cut["environ"]


def _latin(text: str) -> str:
    """As WSGI has text."""
    return text.encode().decode("latin-1")


def test_ansi(site: ServeSite) -> None:
    """The app finds its path all the same; what cannot be had from elsewhere has lost its Polish letters."""
    site.write("app.py", (site.path / "app.py").read_text().replace('path == "/environ"', '"environ" in path'))
    for ways, raw in ([], _latin("/environ/café/łódź")), (["--as-iis=ansi"], "/environ/caf\xe9/?\xf3d?"):
        told = site.serve(*ways).get("/environ/caf%C3%A9/%C5%82%C3%B3d%C5%BA").json()["environ"]
        assert told["PATH_INFO"] == _latin("/environ/café/łódź")
        assert told["URL"] == raw
        assert told["PATH_TRANSLATED"] == told["SCRIPT_FILENAME"] == str(site.path) + raw


def test_allow_path_info(make_site: Callable[..., ServeSite]) -> None:
    """What IIS sends is looked at in an application that corrects nothing."""
    site = make_site("strangers")
    site.write("web.config", handler(f"{sys.executable}|{site.path / 'app.py'}", path="*.app"))
    for ways, path_info, translated in (([], "/x/tool.app/a/b", "/x/tool.app"),
                                        (["--as-iis=allow-path-info"], "/a/b", "/a/b")):
        params = site.serve(*ways).get("/x/tool.app/a/b").json()["params"]
        assert (params["PATH_INFO"], params["SCRIPT_NAME"]) == (path_info, "/x/tool.app")
        assert params["PATH_TRANSLATED"] == str(site.path) + translated
        assert params["SCRIPT_FILENAME"] == f"{site.path}/x/tool.app"


def _is_silent(connection: http.client.HTTPConnection, seconds: float = 0.3) -> bool:
    return not select.select([connection.sock], [], [], seconds)[0]


def test_body_first(telling: ServeSite, fifos: Fifos) -> None:
    for ways, is_late in ([], False), (["--as-iis=body-first"], True):
        connection = telling.serve(*ways).connect()
        connection.putrequest("POST", fifos.url("/unread"))
        connection.putheader("Content-Length", "10")
        connection.endheaders(b"first")
        fifos.told.wait()
        if is_late:
            assert _is_silent(connection), "the answer is made, and nobody reads it"
            connection.send(b"later")
        assert connection.getresponse().status == 200
        connection.close()


def test_without_buffering_pieces_leave_as_they_come(telling: ServeSite, fifos: Fifos) -> None:
    _half_is_there(telling.serve(), fifos, size=1000, there=1000)


def test_buffer_response(telling: ServeSite, fifos: Fifos) -> None:
    serve = telling.serve("--as-iis=buffer-response")
    connection = serve.connect()
    connection.request("GET", fifos.url("/pieces", size=4 * MIB - 1, count=2))
    fifos.told.wait()
    assert _is_silent(connection), "one byte is missing"
    fifos.wait.open()
    assert len(connection.getresponse().read()) == 8 * MIB - 2
    assert fifos.closed.wait() == b"2"
    connection.close()
    _half_is_there(serve, fifos, size=5 * MIB, there=4 * MIB)


def test_buffer_response_obeys_the_handler_mapping(telling: ServeSite, fifos: Fifos) -> None:
    config = (telling.path / "web.config").read_text()
    telling.write("web.config", config.replace(" verb=", ' responseBufferLimit="0" verb='))
    _half_is_there(telling.serve("--as-iis=buffer-response"), fifos, size=1000, there=1000)


def _half_is_there(serve: Serve, fifos: Fifos, size: int, there: int) -> None:
    """Gets two pieces of that size; so many bytes are there while the app waits between them."""
    connection = serve.connect()
    connection.request("GET", fifos.url("/pieces", size=size, count=2))
    response = connection.getresponse()
    assert len(response.read(there)) == there
    fifos.told.wait()
    fifos.wait.open()
    assert len(response.read()) == 2 * size - there
    assert fifos.closed.wait() == b"2"
    connection.close()


_asked = itertools.count()


def _instance(serve: Serve) -> int:
    """Who answers the next request."""
    path = f"/who?n={next(_asked)}."
    assert serve.get(path).status == 200
    found = re.search(r" instance (\d+)", serve.wait_line(path))
    assert found
    return int(found[1])


@pytest.mark.parametrize("ways, serves_on, count, taken", [
    ([], False, 1_000_000, range(1, 999_999)),
    (["--as-iis=keep-on-disconnect"], True, 300, range(300, 301)),
    (["--as-iis=abort"], True, 1_000_000, range(1, 999_999)),
], ids=["default", "keep-on-disconnect", "abort"])
def test_a_client_that_goes_in_the_middle_of_its_answer(
    telling: ServeSite, fifos: Fifos, ways: list[str], serves_on: bool, count: int, taken: range
) -> None:
    serve = telling.serve("--max-instances=1", *ways)
    instance = _instance(serve)
    url = fifos.url("/pieces", size=65_536, count=count)
    with serve.raw(f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as sock:
        assert sock.recv(100)
        fifos.told.wait()
    serve.wait_line("cut off")
    fifos.wait.open()
    assert int(fifos.closed.wait()) in taken, "the app is told by close()"
    assert (_instance(serve) == instance) == serves_on
    assert len(telling.workers()) == 1


@pytest.mark.parametrize("ways, serves_on, seen", [
    ([], False, b"gave the request up"),
    (["--as-iis=keep-on-disconnect"], True, b"0 more"),
    (["--as-iis=abort"], True, b"gave the request up"),
], ids=["default", "keep-on-disconnect", "abort"])
def test_a_client_that_goes_in_the_middle_of_its_upload(
    telling: ServeSite, fifos: Fifos, ways: list[str], serves_on: bool, seen: bytes
) -> None:
    serve = telling.serve("--max-instances=1", *ways)
    instance = _instance(serve)
    with serve.raw(f"POST {fifos.url('/upload')} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n".encode()
                   + 10 * b"x"):
        assert fifos.told.wait() == b"10"
    assert seen in fifos.closed.wait()
    assert (_instance(serve) == instance) == serves_on
    assert len(telling.workers()) == 1


@pytest.mark.parametrize("way", ["keep-on-disconnect", "abort"])
def test_a_client_that_goes_before_the_answer(site: ServeSite, latch: MakeLatch, way: str) -> None:
    told, wait = latch("told"), latch("wait")
    serve = site.serve("--max-instances=1", f"--as-iis={way}")
    instance = _instance(serve)
    with serve.raw(f"GET /hold?told={told.path}&wait={wait.path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()):
        told.wait()
    until("the stand-in has noticed", lambda: "/hold" in serve.text)
    wait.open()
    assert [_instance(serve) for _ in range(3)] == [instance] * 3
