"""Owns descriptors 0, 1 and 2 of a worker: whatever the web server gave or did not give, the app and its
child processes find an empty standard input, and two outputs that lead to the log.

It is done here and not in the native half because each C runtime of Windows has its own descriptors:
only Python's own calls reach those that ``subprocess``, ``print`` and ``faulthandler`` use.

Does not own ``sys.stdout`` and its like: see `iisgate.streams`.
"""

from __future__ import annotations

import contextlib
import os
import sys

from iisgate import _native
from iisgate.errors import IisgateError

#: ``CreateFile``: may append and nothing else, so that lines of several processes never overwrite each other.
_FILE_APPEND_DATA = 0x0004
_SYNCHRONIZE = 0x0010_0000
#: Others may read, write, rename and remove it meanwhile.
_FILE_SHARE_ALL = 0x0007
_OPEN_ALWAYS = 4
_FILE_ATTRIBUTE_NORMAL = 0x0080


def lead_output_to(log: str) -> None:
    """Points 1 and 2 at a log file, or for ``-`` both at standard error, if there is one.

    Must come before anything else opens a file, which would get the number of a closed one.
    """
    if not _is_open(0):
        empty_input()
    if log != "-":
        _point(_append(log), 1, 2)
    elif _is_open(2):
        _point(2, 1)
    else:
        _point(os.open(os.devnull, os.O_WRONLY), 1, 2)


def follow_log() -> None:
    """Points 1 and 2 at the new log file, when the old one was given up. (What runs already keeps the old.)"""
    if path := _native.new_log():
        with contextlib.suppress(IisgateError):
            _point(_append(str(path)), 1, 2)


def empty_input() -> None:
    """Points 0 at nothing. Must come after the native half has taken the web server's pipe from there."""
    _point(os.open(os.devnull, os.O_RDONLY), 0)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _append(path: str) -> int:
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        return _open_to_append(path)
    except OSError as error:
        raise IisgateError(f"the log cannot be written: {path}: {error.strerror}") from error


def _open_to_append(path: str) -> int:
    if sys.platform != "win32":
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    # The C runtime's O_APPEND seeks and then writes, and child processes know nothing of it at all.
    import _winapi
    import msvcrt

    access = _FILE_APPEND_DATA | _SYNCHRONIZE
    handle = _winapi.CreateFile(path, access, _FILE_SHARE_ALL, 0, _OPEN_ALWAYS, _FILE_ATTRIBUTE_NORMAL, 0)
    return msvcrt.open_osfhandle(handle, os.O_WRONLY | os.O_APPEND)


def _point(source: int, *descriptors: int) -> None:
    """Makes descriptors copies of ``source``, for child processes as well, and closes that."""
    for descriptor in descriptors:
        if source != descriptor:
            os.dup2(source, descriptor, inheritable=True)
        else:
            # It was closed, and what was opened got its number.
            os.set_inheritable(descriptor, True)
        _tell_windows(descriptor)
    if source > 2:
        os.close(source)


def _tell_windows(descriptor: int) -> None:
    """Makes a descriptor the process's standard handle, where the C runtime has not: it does so in console
    programs only, and a service's Python may be none."""
    if sys.platform != "win32":
        return
    import _winapi
    import msvcrt

    handle = msvcrt.get_osfhandle(descriptor)
    number = (_winapi.STD_INPUT_HANDLE, _winapi.STD_OUTPUT_HANDLE, _winapi.STD_ERROR_HANDLE)[descriptor]
    # It raises when there is none: the WinError 6 that apps are spared.
    with contextlib.suppress(OSError):
        if _winapi.GetStdHandle(number) == handle:
            return
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.SetStdHandle.argtypes = (ctypes.c_uint32, ctypes.c_void_p)
    if not kernel.SetStdHandle(number, handle):
        raise ctypes.WinError(ctypes.get_last_error())
