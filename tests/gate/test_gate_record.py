"""Owns `iisgate fcgi --record`, with real gates and a real app: what is in the file, and what never is.

Does not own which values are secret: the tables stand beside the code.
"""

from __future__ import annotations

import os
import signal
import socket
import stat

import pytest

from support import records
from support.fcgi_client import Client
from support.gate_site import GateSite, facts, kill_at_rest
from support.recordings import record, recorded, replay, streams, wire_bytes
from support.waiting import until

SECRET = "hunter2hunter2"
SECRETS = {
    "HTTP_AUTHORIZATION": f"Basic {SECRET}",
    "HTTP_COOKIE": f"theme={SECRET}; session={SECRET}",
    "HTTP_X_API_KEY": SECRET,
    "HTTP_X_ORIGINAL_URL": f"/form?token={SECRET}&x=1",
    "HTTP_REFERER": f"http://alice:{SECRET}@localhost/login?next=%2F%3Fpassword%3D{SECRET}",
    "AUTH_PASSWORD": SECRET,
    "REMOTE_USER": SECRET,
    "REMOTE_ADDR": SECRET,
}
QUERY = f"page=2&password={SECRET}"
BODY = f"password={SECRET}".encode()
#: How often a request with all of these holds the secret.
TIMES = 13


def test_a_conversation_is_recorded_readable_and_replayed(wire: GateSite) -> None:
    gate, path = record(wire, "first.txt")
    assert gate.client.ask("GET", "/hello").body == b"hello\n"
    assert gate.client.ask("POST", "/form", QUERY, BODY, id=2, **SECRETS).status == 303
    assert gate.client.ask("GET", "/nowhere", id=3).status == 404
    assert gate.client.ask("GET", "/stream", id=4).body == b"piece 0\npiece 1\npiece 2\n"
    text = recorded(gate, path).decode("ascii")
    assert text.startswith("iisgate recording 1\niisgate: ")
    assert "\nmasked: secrets, users and addresses of clients, bodies\n" in text
    assert f", process {gate.process.pid}\n" in text
    for line in (
        "> BEGIN_REQUEST id 1: Responder, keep the connection",
        "    REQUEST_METHOD=POST",
        f"    QUERY_STRING=page=2&password={'x' * len(SECRET)}",
        f"> STDIN id 2, {len(BODY)} bytes",
        "    Status: 404 Not Found",
        "< END_REQUEST id 4: RequestComplete, app status 0",
        "> end",
    ):
        assert f"\n# {line}\n" in text, line
    again = replay(wire, path)
    assert again.returncode == 0, again
    assert again.stdout.endswith("4 same, 0 different\n")
    assert "POST /form" in again.stdout and "recorded 303 See Other, got 303 See Other: same" in again.stdout


@pytest.mark.parametrize(("size", "piece"), [(1, 1), (3, 1), (1000, 1), (7, 5), (65_000, 100_000)])
def test_no_secret_is_in_the_file_however_it_was_cut(wire: GateSite, size: int, piece: int) -> None:
    gate, path = record(wire, f"cut-{size}-{piece}.txt")
    values = records.params("POST", "/form", QUERY, BODY, **SECRETS)
    data = records.request(values, BODY, size=size, padding=2)
    for at in range(0, len(data), piece):
        gate.client.send(data[at : at + piece])
    answer = gate.client.response()
    recording = recorded(gate, path)
    cookie = answer.header("Set-Cookie")
    assert answer.status == 303 and cookie
    passed = wire_bytes(recording)
    assert len(passed) > len(data), "both directions are there"
    assert streams(data).count(SECRET.encode()) == TIMES, "it would be found"
    token = (answer.header("Location") or "").partition("token=")[2].partition("&")[0]
    for secret in (SECRET, cookie.split("=")[1].split(";")[0], token):
        for found in (recording, passed, streams(passed)):
            assert secret.encode() not in found and secret.encode().hex().encode() not in found
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert replay(wire, path).returncode == 0


def test_secrets_are_kept_when_that_is_asked_for(wire: GateSite) -> None:
    gate, path = record(wire, "secrets.txt", "--record-secrets")
    values = records.params("POST", "/form", QUERY, BODY, **SECRETS)
    data = records.request(values, BODY, size=100)
    gate.client.send(data)
    gate.client.response()
    gate.client.ask("GET", "/stream", id=2)
    recording = recorded(gate, path)
    assert b"\nmasked: nothing\n" in recording and SECRET.encode() in recording
    passed = wire_bytes(recording)
    assert passed.startswith(data) and streams(passed).count(SECRET.encode()) == TIMES
    again = replay(wire, path)
    assert again.returncode == 0, again
    # Then bodies are compared, too.
    changed = path.with_name("changed.txt")
    piece = b"piece 1\n"
    assert piece.hex().encode() in recording
    changed.write_bytes(recording.replace(piece.hex().encode(), b"piece 9\n".hex().encode()))
    again = replay(wire, changed)
    assert again.returncode == 1 and "body: recorded other bytes" in again.stdout, again


def test_instances_that_share_a_name_make_files_of_their_own(wire: GateSite) -> None:
    (wire.folder / "shared.txt").write_text("somebody's\n")
    gates = [wire.gate(f"--record={wire.folder / 'shared.txt'}") for _ in range(2)]
    gates += [wire.gate(f"--record={wire.folder / 'by-{pid}.txt'}") for _ in range(2)]
    for gate in gates:
        assert gate.client.ask("GET", "/hello").status == 200
    for gate in gates:
        name = f"by-{gate.process.pid}.txt" if gate in gates[2:] else f"shared-{gate.process.pid}.txt"
        assert b"/hello" in recorded(gate, wire.folder / name)
    assert (wire.folder / "shared.txt").read_text() == "somebody's\n"


def test_what_cannot_be_recorded_is_served(wire: GateSite) -> None:
    gate, path = record(wire, "no/such/folder/wire.txt")
    for id in (1, 2):
        assert gate.client.ask("GET", "/hello", id=id).status == 200
    gate.hang_up()
    assert gate.wait_end() == 0
    told = [line for line in wire.log.lines() if str(path) in line.text]
    assert len(told) == 1 and told[0].level == "ERROR" and "nothing is recorded" in told[0].text, told


def test_a_listening_socket_is_not_recorded_and_says_so(wire: GateSite) -> None:
    refused = wire.fcgi(f"--record={wire.folder / 'no.txt'}", "--listen=tcp:127.0.0.1:0")
    assert refused.wait_end() == 1 and "'--record <FILE>' cannot be used with '--listen" in refused.text
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gate = wire.fcgi(f"--record={wire.folder / 'no.txt'}", stdin=listener)
        with Client.connect(listener.getsockname()) as client:
            assert client.ask("GET", "/hello").status == 200
        wire.log.wait_line("recording: only a pipe can be recorded, and this is a listening socket")
        gate.signal(signal.SIGTERM)
        assert gate.wait_end() == 0 and not (wire.folder / "no.txt").exists()


def test_much_passes_both_ways_at_once(site: GateSite) -> None:
    """Through the relay as through the pipe itself: an upload, a download, and the worker's return."""
    gate, path = record(site, "much.txt")
    body = os.urandom(3_000_000)
    assert facts(gate.client.ask("POST", "/digest", body=body))["length"] == len(body)
    assert len(gate.client.ask("GET", "/bytes", "mib=8", id=2).body) == 8 * 1024 * 1024
    assert body[1000:1016].hex().encode() not in recorded(gate, path)


def test_a_worker_that_dies_is_replaced_on_a_recorded_pipe(site: GateSite) -> None:
    gate, path = record(site, "death.txt")
    first = gate.pid()
    kill_at_rest(first)
    assert gate.pid() != first
    lost = gate.client.ask("GET", "/die")
    assert lost.status == 500 and "The worker ended while it answered" in lost.text
    assert gate.pid() != first
    assert recorded(gate, path).count(b"# < END_REQUEST id 1: RequestComplete") == 4


def test_a_web_server_that_hangs_up_is_noticed(site: GateSite) -> None:
    gate, path = record(site, "gone.txt")
    gate.begin("/bytes", "mib=100000")
    gate.client.read_until(b"\0" * 1000)
    gate.hang_up()
    gate.wait_end()
    until("the recording has its end", lambda: b" > end" in path.read_bytes())


def test_an_app_that_does_not_start_is_recorded_like_any_answer(site: GateSite) -> None:
    path = site.folder / "start.txt"
    gate = site.gate(f"--record={path}", target="nothing:app")
    assert gate.client.ask().status == 500
    assert b"    Status: 500 Internal Server Error\n" in recorded(gate, path)
