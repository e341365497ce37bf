"""Owns telling which Windows programs live, and ending one as ``TerminateProcess`` does.

Under Wine those of our prefix alone; on Windows those whose files or arguments lie in the folders of the tests.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from support.places import ON_WINDOWS, PREFIX, WINDOWS_DIR
from support.waiting import until

#: Programs that Wine starts for itself, one set a prefix.
_OF_WINE = {
    "conhost.exe", "explorer.exe", "plugplay.exe", "rpcss.exe", "rundll32.exe", "services.exe", "svchost.exe",
    "tabtip.exe", "wineboot.exe", "winedevice.exe", "winemenubuilder.exe",
}  # fmt: skip

_QUERY = "Get-CimInstance Win32_Process | Select-Object ProcessId,Name,CommandLine | ConvertTo-Json -Compress"


@dataclass(frozen=True)
class WindowsProcess:
    """A Windows program that runs."""

    #: This system's number of the process: under Wine not the one that Windows programs know.
    pid: int
    #: The file's name in small letters: ``python.exe``.
    name: str
    command_line: str

    def kill(self) -> None:
        """Ends it at once; that it has gone already is no error."""
        if ON_WINDOWS:
            subprocess.run(["taskkill", "/F", "/PID", str(self.pid)], capture_output=True)
            return
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def is_alive(self) -> bool:
        return any(process.pid == self.pid for process in alive())


def alive(name: str | None = None, told: str = "") -> list[WindowsProcess]:
    """The programs that live, of that file ``name``, with ``told`` in their command lines; oldest numbers first."""
    found = _on_windows() if ON_WINDOWS else _under_wine()
    chosen = [process for process in found if name in (None, process.name) and told in process.command_line]
    return sorted(chosen, key=lambda process: process.pid)


def one_alive(name: str, told: str = "") -> WindowsProcess:
    """The one program of that name that lives."""
    found = alive(name, told)
    assert len(found) == 1, f"not one {name} but {found}"
    return found[0]


def until_gone(which: Callable[[], list[WindowsProcess]], seconds: float = 20.0) -> None:
    """Waits until none of ``which`` is left."""
    try:
        until("processes to end", lambda: not which(), seconds, pause=0.05)
    except AssertionError as error:
        raise AssertionError(f"{error}: {which()}") from None


def _under_wine() -> list[WindowsProcess]:
    mark = f"WINEPREFIX={PREFIX}".encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        folder = Path("/proc", entry)
        try:
            # The helpers of shells have our environment, too, but are no Windows programs.
            if not os.readlink(folder / "exe").rpartition("/")[2].startswith(("wine64", "wine-preloader")):
                continue
            if mark not in (folder / "environ").read_bytes().split(b"\0"):
                continue
            arguments = (folder / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
        except OSError:
            # It has just gone.
            continue
        process = understand(int(entry), arguments)
        if process and process.name not in _OF_WINE and not _is_of_cargo(process):
            found.append(process)
    return found


def _is_of_cargo(process: WindowsProcess) -> bool:
    """Tests in Rust may run beside these."""
    return "deps" in PureWindowsPath(process.command_line.partition(".exe")[0]).parts


def understand(pid: int, arguments: list[str]) -> WindowsProcess | None:
    """What a process under Wine is, by its arguments; nothing if it has none, for it is about to end."""
    if arguments and PureWindowsPath(arguments[0]).name in ("wine", "wine64", "wine64-preloader"):
        # Wine's loader, before it made place for the program.
        arguments = arguments[1:]
    if not arguments or not arguments[0]:
        return None
    return WindowsProcess(pid, PureWindowsPath(arguments[0]).name.lower(), " ".join(arguments))


def _on_windows() -> list[WindowsProcess]:
    told = subprocess.run(["powershell", "-NoProfile", "-Command", _QUERY], capture_output=True, check=True).stdout
    found = []
    for entry in json.loads(told):
        command_line = entry["CommandLine"] or ""
        is_ours = str(WINDOWS_DIR).lower() in command_line.lower() or "-m iisgate" in command_line
        if is_ours and entry["ProcessId"] != os.getpid():
            found.append(WindowsProcess(entry["ProcessId"], entry["Name"].lower(), command_line))
    return found
