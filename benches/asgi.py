"""Owns comparing ways to serve an ASGI app: ours, ours with a2wsgi, uvicorn. CPU per request, whichever is asked.

    python benches/asgi.py [--seconds N] [--connections N,N]     # wants iisgate, uvicorn and a2wsgi installed; Linux

Does not own the app (``benches/apps/asgi.py``). The load is made by this process: the CPU of servers alone counts.
"""

import argparse
import importlib.util
import os
import selectors
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

APPS = Path(__file__).parent / "apps"
TICK = os.sysconf("SC_CLK_TCK")
POST_BYTES = 64 * 1024


def record(kind, content=b""):
    """A FastCGI record."""
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def fastcgi(path, body):
    """A request as nginx sends it."""
    values = {
        "REQUEST_METHOD": "POST" if body else "GET", "SCRIPT_NAME": path, "REQUEST_URI": path, "DOCUMENT_URI": path,
        "QUERY_STRING": "", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "localhost", "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "4711", "CONTENT_LENGTH": str(len(body)), "HTTP_HOST": "localhost",
        "HTTP_ACCEPT": "*/*", "HTTP_USER_AGENT": "bench", "GATEWAY_INTERFACE": "CGI/1.1",
    }
    pairs = b"".join(bytes([len(name), len(value)]) + name.encode() + value.encode() for name, value in values.items())
    begin = record(1, struct.pack(">HB5x", 1, 1))
    pieces = [record(5, body[at : at + 32768]) for at in range(0, len(body), 32768)]
    return begin + record(4, pairs) + record(4) + b"".join(pieces) + record(5)


def http(path, body):
    """The same over HTTP."""
    method = "POST" if body else "GET"
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: bench\r\n{length}\r\n"
    return head.encode() + body


def fastcgi_ends(answer):
    """Whether END_REQUEST has come: a record of eight bytes at the end."""
    return len(answer) >= 16 and answer[-16:-14] == b"\x01\x03"


def http_ends(answer):
    """Whether head and body have come."""
    head, blank, body = answer.partition(b"\r\n\r\n")
    if not blank:
        return False
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    return len(body) >= length


WORKER = [sys.executable, "-m", "iisgate", "worker"]
UVICORN = [sys.executable, "-m", "uvicorn", "asgi:app", "--uds={at}", "--no-access-log", "--log-level=warning"]
#: Command, request, the answer's end, environment.
PEERS = {
    "iisgate": ([*WORKER, "asgi:app", "--endpoint=unix:{at}", "--log={at}.log"], fastcgi, fastcgi_ends, {}),
    "iisgate, a2wsgi": ([*WORKER, "asgi:wsgi", "--endpoint=unix:{at}", "--log={at}.log"], fastcgi, fastcgi_ends, {}),
    "uvicorn": ([*UVICORN, "--loop=asyncio", "--http=h11"], http, http_ends, {}),
    "iisgate, uvloop": ([*WORKER, "asgi:app", "--endpoint=unix:{at}", "--log={at}.log"], fastcgi, fastcgi_ends,
                        {"IISGATE_EVENT_LOOP": "uvloop"}),
    "uvicorn, uvloop, httptools": ([*UVICORN, "--loop=uvloop", "--http=httptools"], http, http_ends, {}),
}
CASES = {"hello": ("/hello", b""), "64 KiB": ("/block", b""), "POST 64 KiB": ("/digest", b"p" * POST_BYTES)}


def cpu(process):
    """Seconds of processor time that a server has used."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def connect(at):
    """A connection, once the server takes it."""
    end = time.monotonic() + 20
    while True:
        found = socket.socket(socket.AF_UNIX)
        try:
            found.connect(at)
            return found
        except OSError:
            found.close()
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def load(at, request, is_whole, connections, seconds):
    """Asks for so long; the number of answers."""
    waiting = selectors.DefaultSelector()
    for _ in range(connections):
        sock = connect(at)
        waiting.register(sock, selectors.EVENT_READ, bytearray())
        sock.sendall(request)
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for key, _ in waiting.select(1):
            key.data.extend(key.fileobj.recv(256 * 1024))
            if is_whole(key.data):
                assert b"200" in key.data[:64], bytes(key.data[:200])
                key.data.clear()
                count += 1
                key.fileobj.sendall(request)
    for key in list(waiting.get_map().values()):
        key.fileobj.close()
    return count


def measure(name, connections, seconds, rounds=3):
    """Microseconds of CPU per request by case, medians of rounds."""
    command, make, is_whole, env = PEERS[name]
    with tempfile.TemporaryDirectory() as folder:
        at = f"{folder}/s"
        process = subprocess.Popen([part.format(at=at) for part in command], cwd=APPS, env={**os.environ, **env})
        try:
            found = {}
            for case, (path, body) in CASES.items():
                request = make(path, body)
                load(at, request, is_whole, connections, 0.3)
                figures = []
                for _ in range(rounds):
                    before = cpu(process)
                    count = load(at, request, is_whole, connections, seconds)
                    figures.append((cpu(process) - before) / count * 1e6)
                found[case] = statistics.median(figures)
            return found
        finally:
            process.terminate()
            process.wait(20)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--connections", default="1,16")
    options = parser.parse_args()
    for connections in map(int, options.connections.split(",")):
        print(f"\n| {connections} connections, CPU µs | {' | '.join(CASES)} |\n|---|{'---:|' * len(CASES)}")
        for name in PEERS:
            if "uvloop" in name and not importlib.util.find_spec("uvloop"):
                print(f"| {name} | not installed | | |")
                continue
            found = measure(name, connections, options.seconds)
            print(f"| {name} | {' | '.join(f'{found[case]:.0f}' for case in CASES)} |", flush=True)


if __name__ == "__main__":
    main()
