"""Owns starting instances as IIS does, and relaying between each one's pipe and a socket: run by the Windows Python.

Prints the port at which it listens. Each connection begins with a line of JSON, an order; the answer is a line, too.
After the order ``start`` the connection is the instance's: what comes goes into its pipe, what its pipe gives comes
back, and the end of either side ends the other. It ends with its standard input.

Does not know FastCGI.
"""

from __future__ import annotations

import _winapi
import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
import uuid
from ctypes import wintypes
from typing import Any

KERNEL = ctypes.WinDLL("kernel32", use_last_error=True)
KERNEL.CreateEventW.restype = wintypes.HANDLE
KERNEL.SetEvent.argtypes = (wintypes.HANDLE,)

PIPE_BUFFER_BYTES = 4096
READ_BYTES = 65536
PROCESS_TERMINATE, SYNCHRONIZE = 0x0001, 0x0010_0000
INVALID_HANDLE = ctypes.c_void_p(-1).value
KILLED = 1


def event() -> int:
    return int(KERNEL.CreateEventW(None, True, False, None))


class Instance:
    """A process, our end of its pipe, and its shutdown event."""

    def __init__(self, order: dict[str, Any]) -> None:
        name = rf"\\.\pipe\IISFCGI-{uuid.uuid4()}"
        mode = _winapi.PIPE_ACCESS_DUPLEX | _winapi.FILE_FLAG_OVERLAPPED | _winapi.FILE_FLAG_FIRST_PIPE_INSTANCE
        size = PIPE_BUFFER_BYTES
        server = _winapi.CreateNamedPipe(name, mode, 0, 1, size, size, 0, 0)
        access = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
        self.pipe = _winapi.CreateFile(name, access, 0, 0, _winapi.OPEN_EXISTING, _winapi.FILE_FLAG_OVERLAPPED, 0)
        self.shutdown = event()
        self.hang_up = event()
        for handle in (server, self.shutdown):
            os.set_handle_inheritable(handle, True)
        environment = os.environ | order["environment"]
        environment |= {"_FCGI_X_PIPE_": name, "_FCGI_SHUTDOWN_EVENT_": str(self.shutdown)}
        startup = subprocess.STARTUPINFO(
            dwFlags=subprocess.STARTF_USESTDHANDLES,
            hStdInput=server,
            hStdOutput=INVALID_HANDLE,
            hStdError=INVALID_HANDLE,
            lpAttributeList={"handle_list": [server, self.shutdown]},
        )
        self.process = subprocess.Popen(
            f'"{order["full_path"]}" {order["arguments"]}',
            executable=order["full_path"],
            env=environment,
            cwd=os.path.dirname(order["full_path"]),
            startupinfo=startup,
            creationflags=subprocess.DETACHED_PROCESS,
        )
        _winapi.CloseHandle(server)

    def _wait(self, overlapped: Any) -> bytes | None:
        """What came of an operation; ``None`` at the end of the pipe, or when we hang up."""
        events = [overlapped.event, self.hang_up]
        if _winapi.WaitForMultipleObjects(events, False, _winapi.INFINITE) != _winapi.WAIT_OBJECT_0:
            overlapped.cancel()
        try:
            overlapped.GetOverlappedResult(True)
        except OSError:
            return None
        return bytes(overlapped.getbuffer() or b"")

    def read(self) -> bytes:
        try:
            overlapped, _ = _winapi.ReadFile(self.pipe, READ_BYTES, overlapped=True)
        except OSError:
            return b""
        return self._wait(overlapped) or b""

    def write(self, data: bytes) -> bool:
        try:
            overlapped, _ = _winapi.WriteFile(self.pipe, data, overlapped=True)
        except OSError:
            return False
        return self._wait(overlapped) is not None


class WebServer:
    """All instances."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.instances: dict[int, Instance] = {}

    def run(self) -> None:
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.obey, args=(connection,), daemon=True).start()

    def obey(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb", buffering=0) as lines:
            order = json.loads(lines.readline())
            instance = None
            if order["do"] == "start":
                instance = Instance(order)
                answer: Any = instance.process.pid
                self.instances[answer] = instance
            else:
                answer = getattr(self, order["do"])(order["pid"])
            connection.sendall(json.dumps(answer).encode() + b"\n")
            if instance:
                relay(instance, connection)

    def end(self, pid: int) -> None:
        """Sets the shutdown event."""
        KERNEL.SetEvent(self.instances[pid].shutdown)

    def wait(self, pid: int) -> int | None:
        """The exit code of an instance; ``None`` if it does not end in time."""
        try:
            return self.instances[pid].process.wait(60)
        except subprocess.TimeoutExpired:
            return None

    def kill(self, pid: int) -> None:
        """TerminateProcess, of any process; returns when it has ended. That it has gone already is no error."""
        try:
            handle = _winapi.OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, False, pid)
        except OSError:
            return
        try:
            _winapi.TerminateProcess(handle, KILLED)
            _winapi.WaitForSingleObject(handle, 60_000)
        finally:
            _winapi.CloseHandle(handle)


def relay(instance: Instance, connection: socket.socket) -> None:
    """Until both directions have ended."""

    def into_pipe() -> None:
        try:
            while data := connection.recv(READ_BYTES):
                if not instance.write(data):
                    # The answer, or the end, is still to be read.
                    return
        except OSError:
            pass
        KERNEL.SetEvent(instance.hang_up)

    sending = threading.Thread(target=into_pipe, daemon=True)
    sending.start()
    try:
        while data := instance.read():
            connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    KERNEL.SetEvent(instance.hang_up)
    _winapi.CloseHandle(instance.pipe)


def main() -> None:
    server = WebServer()
    print("port", server.listener.getsockname()[1], flush=True)
    threading.Thread(target=server.run, daemon=True).start()
    sys.stdin.read()
    # Threads of instances may be reading still, and one that is ended in the middle of something could leave a lock
    # that the end of a process waits for.
    _winapi.TerminateProcess(_winapi.GetCurrentProcess(), 0)


main()
