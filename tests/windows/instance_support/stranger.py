"""Owns saying to a worker what no gate would: run by the Windows Python, until its standard input ends.

Given is the pipe's name. It connects once for each thing that it says, and once to say nothing; prints ``said``.
"""

from __future__ import annotations

import _winapi
import ctypes
import sys
from contextlib import suppress

kernel = ctypes.WinDLL("kernel32", use_last_error=True)

ACCESS = _winapi.GENERIC_READ | _winapi.GENERIC_WRITE
PIPE_BUSY_SECONDS = 10
NO_HANDLE = bytes(8)
THIS_PROCESS = b"\xff" * 8

SAID = [
    b"garbage",
    b"\0garbage",
    b"\0R",
    b"\0C",
    # Two handles of ours, which are none; then more than there are in the message.
    b"\2" + NO_HANDLE + THIS_PROCESS + b"Crequest",
    b"\1" + THIS_PROCESS + b"L",
    b"\xff" + NO_HANDLE,
    b"\0" + b"x" * 1_000_000,
]


def connect() -> int:
    _winapi.WaitNamedPipe(sys.argv[1], PIPE_BUSY_SECONDS * 1000)
    return int(_winapi.CreateFile(sys.argv[1], ACCESS, 0, 0, _winapi.OPEN_EXISTING, 0, 0))


pipes = [connect()]
for text in SAID:
    pipes.append(connect())
    with suppress(OSError):
        _winapi.WriteFile(pipes[-1], text)
print("said", flush=True)
sys.stdin.read()
