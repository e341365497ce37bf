"""Owns programs that only start us, with a listening socket as descriptor 0: spawn-fcgi, cgi-fcgi.

Behind spawn-fcgi's socket nginx serves; cgi-fcgi is its own client, a process per request.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping

from support import processes, programs
from support.fronts.answers import Answer
from support.fronts.base import Body, Front
from support.fronts.nginx import Nginx
from support.waiting import until


class SpawnFcgi(Nginx):
    """A gate under spawn-fcgi, nginx before it."""

    name = "spawn-fcgi"

    def upstream(self) -> str:
        socket = f"{self.folder}/fcgi.sock"
        self.run([programs.system("spawn-fcgi"), "-n", "-s", socket, "--", *self.command()])
        until("spawn-fcgi made its socket", lambda: os.path.exists(socket))
        return f"unix:{socket}"


class CgiFcgi(Front):
    """``cgi-fcgi -start`` starts a gate; each request is a ``cgi-fcgi -bind`` of its own."""

    name = "cgi-fcgi"
    keeps_alive = False

    def start(self) -> None:
        self.program = programs.system("cgi-fcgi")
        self.socket = f"{self.folder}/fcgi.sock"
        before = set(processes.ours())
        starter = self.run([self.program, "-start", "-connect", self.socket, str(self.script()), "1"])
        starter.wait(20)
        self.started.remove(starter)
        self.gates = set(processes.ours()) - before

    def __exit__(self, *_: object) -> None:
        for pid in self.gates & set(processes.ours()):
            os.kill(pid, 15)
        until("the gates have ended", lambda: not self.gates & set(processes.ours()))
        super().__exit__()

    def hang_up_during_upload(self, path: str, length: int, piece: bytes) -> None:
        """The visitor has gone, and his web server kills the CGI process."""
        process = self._ask("POST", path, str(length), {})
        assert process.stdin
        process.stdin.write(piece)
        process.kill()
        process.communicate()

    def ask(self, method: str, path: str, body: Body = None, headers: Mapping[str, str] | None = None) -> Answer:
        headers = dict(headers or {})
        length = headers.pop("Content-Length", str(len(body)) if isinstance(body, bytes) else "")
        process = self._ask(method, path, length, headers)
        threading.Thread(target=_feed, args=(process, body), daemon=True).start()
        return _answer(process)

    def _ask(self, method: str, path: str, length: str, headers: dict[str, str]) -> subprocess.Popen[bytes]:
        path, _, query = path.partition("?")
        variables = {
            "GATEWAY_INTERFACE": "CGI/1.1", "SERVER_PROTOCOL": "HTTP/1.1", "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80", "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path,
            "QUERY_STRING": query, "CONTENT_LENGTH": length,
            "CONTENT_TYPE": headers.pop("Content-Type", ""), "HTTP_HOST": "127.0.0.1",
            **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()},
        }
        return subprocess.Popen(
            [self.program, "-bind", "-connect", self.socket], env=variables,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )


def _answer(process: subprocess.Popen[bytes]) -> Answer:
    """Reads the head that cgi-fcgi prints; the body follows."""
    assert process.stdin and process.stdout and process.stderr
    head: list[tuple[str, str]] = []
    while (line := process.stdout.readline()) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode("latin-1").partition(":")
        head.append((name, value.strip()))

    def close() -> None:
        process.kill()
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()

    if not head:
        told = process.stderr.read().decode()
        close()
        raise ConnectionError(f"cgi-fcgi gave nothing: {told}")
    status = next((value for name, value in head if name == "Status"), "200")
    return Answer(int(status.split()[0]), head, process.stdout.read, close)


def _feed(process: subprocess.Popen[bytes], body: Body) -> None:
    assert process.stdin
    try:
        for piece in [body] if isinstance(body, bytes) else body or []:
            process.stdin.write(piece)
        process.stdin.close()
    except (BrokenPipeError, ValueError):
        pass
