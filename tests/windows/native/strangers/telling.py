"""Owns telling, in response headers, how this process was started: so tests see that it was as IIS does it."""

import ctypes
import os
import struct
import sys
from ctypes import wintypes

import one_request

STDOUT, END = 6, 3
PIPE_SERVER_END, HANDLE_FLAG_INHERIT, STD_INPUT_HANDLE = 1, 1, -10
#: Handles are small multiples of four; a Python that has just started has far less than this.
HANDLES_LOOKED_AT = 16384


class StartupInfo(ctypes.Structure):
    _fields_ = [
        ("cb", wintypes.DWORD),
        ("texts", wintypes.LPWSTR * 3),
        ("numbers", wintypes.DWORD * 8),
        ("show_window", wintypes.WORD),
        ("reserved_2", wintypes.WORD),
        ("reserved", ctypes.c_void_p),
        ("input", ctypes.c_ssize_t),
        ("output", ctypes.c_ssize_t),
        ("error", ctypes.c_ssize_t),
    ]


def inherited(kernel: ctypes.CDLL) -> int:
    """How many handles are inheritable: those that were inherited, for Python makes none."""
    flags, count = wintypes.DWORD(), 0
    for handle in range(4, HANDLES_LOOKED_AT, 4):
        if kernel.GetHandleInformation(wintypes.HANDLE(handle), ctypes.byref(flags)):
            count += bool(flags.value & HANDLE_FLAG_INHERIT)
    return count


def facts() -> dict[str, object]:
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.GetStdHandle.restype = wintypes.HANDLE
    pipe = wintypes.HANDLE(kernel.GetStdHandle(STD_INPUT_HANDLE))
    event = wintypes.HANDLE(int(os.environ.get("_FCGI_SHUTDOWN_EVENT_", "0")))
    startup, flags, in_job = StartupInfo(), wintypes.DWORD(), wintypes.BOOL()
    event_flags = wintypes.DWORD()
    kernel.GetStartupInfoW(ctypes.byref(startup))
    kernel.GetNamedPipeInfo(pipe, ctypes.byref(flags), None, None, None)
    kernel.IsProcessInJob(wintypes.HANDLE(-1), None, ctypes.byref(in_job))
    return {
        "X-Inherited": inherited(kernel),
        "X-Output": startup.output if startup.output == startup.error else "two",
        "X-Server-End": flags.value & PIPE_SERVER_END,
        "X-Pipe": os.environ.get("_FCGI_X_PIPE_"),
        "X-Event": bool(kernel.GetHandleInformation(event, ctypes.byref(event_flags))),
        "X-Event-Is-Set": kernel.WaitForSingleObject(event, 0) == 0,
        "X-Console": bool(kernel.GetConsoleWindow()),
        "X-Job": bool(in_job.value),
        "X-Folder": os.getcwd(),
        "X-Executable": sys.executable,
        "X-Configured": os.environ.get("CONFIGURED"),
    }


def record(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


one_request.read()
head = "".join(f"{name}: {value}\r\n" for name, value in facts().items())
one_request.answer(record(STDOUT, f"{head}\r\n".encode()) + record(STDOUT, b"") + record(END, bytes(8)))
