"""Owns telling, in a header, whether this FastCGI process was given an end of a pipe that takes one call at a time.

Only for the Windows Python that the tests start. What else it was given, ``native/strangers/telling.py`` tells.
"""

import ctypes
import struct
import sys
from ctypes import wintypes
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "native" / "strangers"))

import one_request  # noqa: E402

STDOUT, END = 6, 3
STD_INPUT_HANDLE = -10
FILE_MODE_INFORMATION = 16
#: FILE_SYNCHRONOUS_IO_ALERT and FILE_SYNCHRONOUS_IO_NONALERT.
IS_SYNCHRONOUS = 0x30


def is_synchronous() -> bool:
    kernel, system = ctypes.WinDLL("kernel32"), ctypes.WinDLL("ntdll")
    kernel.GetStdHandle.restype = wintypes.HANDLE
    handle = wintypes.HANDLE(kernel.GetStdHandle(STD_INPUT_HANDLE))
    status, mode = (ctypes.c_void_p * 2)(), wintypes.ULONG()
    refused = system.NtQueryInformationFile(
        handle, status, ctypes.byref(mode), ctypes.sizeof(mode), FILE_MODE_INFORMATION
    )
    assert refused == 0, hex(refused)
    return bool(mode.value & IS_SYNCHRONOUS)


def record(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


one_request.read()
head = f"X-Synchronous: {is_synchronous()}\r\n\r\n".encode()
one_request.answer(record(STDOUT, head) + record(STDOUT, b"") + record(END, bytes(8)))
