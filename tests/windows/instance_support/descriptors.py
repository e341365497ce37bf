"""Owns reading who may use a worker's meeting place: run by the Windows Python, prints JSON.

Given are the private folder and the pipe's name.
"""

from __future__ import annotations

import ctypes
import json
import sys
from ctypes import byref, wintypes

SE_FILE_OBJECT, SE_KERNEL_OBJECT = 1, 6
OWNER_AND_ACCESS = 1 | 4
GENERIC_READ_AND_WRITE = 0xC000_0000
READ_CONTROL, OPEN_EXISTING, BACKUP_SEMANTICS = 0x0002_0000, 3, 0x0200_0000
SHARE_ALL = 7
SDDL_REVISION = 1
TOKEN_QUERY, TOKEN_USER = 8, 1
INVALID_HANDLE = wintypes.HANDLE(-1).value
SID_ROOM_BYTES = 128

kernel = ctypes.WinDLL("kernel32", use_last_error=True)
advapi = ctypes.WinDLL("advapi32", use_last_error=True)
kernel.CreateFileW.restype = kernel.OpenJobObjectW.restype = wintypes.HANDLE
kernel.GetCurrentProcess.restype = wintypes.HANDLE
for handles in (kernel.GetNamedPipeServerProcessId, advapi.GetTokenInformation, advapi.GetSecurityInfo):
    handles.argtypes = None


def check(done: int) -> None:
    if not done:
        raise ctypes.WinError(ctypes.get_last_error())


def opened(handle: int | None) -> wintypes.HANDLE:
    check(handle not in (None, INVALID_HANDLE))
    return wintypes.HANDLE(handle)


def user() -> str:
    token, size, text = wintypes.HANDLE(), wintypes.DWORD(), wintypes.LPWSTR()
    check(advapi.OpenProcessToken(wintypes.HANDLE(kernel.GetCurrentProcess()), TOKEN_QUERY, byref(token)))
    room = (ctypes.c_void_p * (SID_ROOM_BYTES // 8))()
    check(advapi.GetTokenInformation(token, TOKEN_USER, byref(room), SID_ROOM_BYTES, byref(size)))
    check(advapi.ConvertSidToStringSidW(ctypes.c_void_p(room[0]), byref(text)))
    return str(text.value)


def sddl(handle: wintypes.HANDLE, kind: int) -> str:
    descriptor, text = ctypes.c_void_p(), wintypes.LPWSTR()
    error = advapi.GetSecurityInfo(handle, kind, OWNER_AND_ACCESS, None, None, None, None, byref(descriptor))
    if error:
        raise ctypes.WinError(error)
    check(
        advapi.ConvertSecurityDescriptorToStringSecurityDescriptorW(
            descriptor, SDDL_REVISION, OWNER_AND_ACCESS, byref(text), None
        )
    )
    return str(text.value)


def file(name: str, access: int, flags: int) -> wintypes.HANDLE:
    return opened(kernel.CreateFileW(name, access, SHARE_ALL, None, OPEN_EXISTING, flags, None))


folder, name = sys.argv[1:]
pipe, server = file(name, GENERIC_READ_AND_WRITE, 0), wintypes.DWORD()
check(kernel.GetNamedPipeServerProcessId(pipe, byref(server)))
job = opened(kernel.OpenJobObjectW(READ_CONTROL, False, "Local\\" + name.rpartition("\\")[2]))
told = {
    "user": user(),
    "pipe": sddl(pipe, SE_KERNEL_OBJECT),
    "job": sddl(job, SE_KERNEL_OBJECT),
    "folder": sddl(file(folder, READ_CONTROL, BACKUP_SEMANTICS), SE_FILE_OBJECT),
    "server": server.value,
}
print(json.dumps(told))
