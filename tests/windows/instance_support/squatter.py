"""Owns a pipe that stands where a worker's should: run by the Windows Python, until its standard input ends.

Given are the pipe's name, the SID of its owner, and what becomes of who connects: ``garbage`` is said to it, it is
``closed`` at once, or it is ``heard``. Prints a line for each who connects, and for what it hears.
"""

from __future__ import annotations

import _winapi
import ctypes
import os
import sys
import threading
from contextlib import suppress
from ctypes import byref, wintypes

PIPE_TYPE_AND_READ_MESSAGES = 4 | 2
BUFFER_BYTES = 128 * 1024
SDDL_REVISION = 1

kernel = ctypes.WinDLL("kernel32", use_last_error=True)
advapi = ctypes.WinDLL("advapi32", use_last_error=True)
kernel.CreateNamedPipeW.restype = wintypes.HANDLE

name, owner, manner = sys.argv[1:]


class SecurityAttributes(ctypes.Structure):
    _fields_ = [("size", wintypes.DWORD), ("descriptor", ctypes.c_void_p), ("inherited", wintypes.BOOL)]


security = SecurityAttributes(ctypes.sizeof(SecurityAttributes), None, False)
text = f"O:{owner}D:P(A;;GA;;;WD)"
convert = advapi.ConvertStringSecurityDescriptorToSecurityDescriptorW
if not convert(text, SDDL_REVISION, byref(security, SecurityAttributes.descriptor.offset), None):
    raise ctypes.WinError(ctypes.get_last_error())


def instance() -> int:
    mode, unlimited, size = _winapi.PIPE_ACCESS_DUPLEX, _winapi.PIPE_UNLIMITED_INSTANCES, BUFFER_BYTES
    made = (name, mode, PIPE_TYPE_AND_READ_MESSAGES, unlimited, size, size, 0, byref(security))
    return int(kernel.CreateNamedPipeW(*made))


def serve(following: int) -> None:
    kept = []
    while True:
        pipe, following = following, instance()
        # Whoever connected before, or has gone since, is told by an error.
        with suppress(OSError):
            _winapi.ConnectNamedPipe(pipe)
        print("taken", flush=True)
        if manner == "garbage":
            with suppress(OSError):
                _winapi.WriteFile(pipe, b"\0garbage")
        if manner == "heard":
            with suppress(OSError):
                print("heard", len(_winapi.ReadFile(pipe, BUFFER_BYTES)[0]), flush=True)
        if manner == "closed":
            _winapi.CloseHandle(pipe)
        else:
            kept.append(pipe)


threading.Thread(target=serve, args=(instance(),), daemon=True).start()
print("here", flush=True)
sys.stdin.read()
os._exit(0)
