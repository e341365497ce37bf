"""Owns what ``/proc`` tells of a process, which goes on living while it is looked at.

A descriptor is closed and a thread ends between being listed and being read: what is gone is left out.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def read(path: str | Path) -> str:
    """A file of ``/proc``, or nothing when what it tells of is gone."""
    try:
        return Path(path).read_bytes().decode(errors="surrogateescape")
    except OSError:
        return ""


def open_descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def threads(pid: int) -> list[int]:
    return [int(task) for task in os.listdir(f"/proc/{pid}/task")]


def thread_files(pid: int, name: str) -> list[str]:
    """The file of that name of every thread."""
    return _all_read(Path(f"/proc/{pid}/task/{task}/{name}") for task in threads(pid))


def descriptor_facts(pid: int) -> list[str]:
    """What is told of each open descriptor (``fdinfo``): an inotify instance tells its watches."""
    return _all_read(Path(f"/proc/{pid}/fdinfo").iterdir())


def open_paths(pid: int) -> list[str]:
    """What a process works in and has open."""
    folder, found = Path(f"/proc/{pid}"), []
    for link in (folder / "cwd", *(folder / "fd").iterdir()):
        try:
            found.append(os.readlink(link))
        except OSError:
            continue
    return found


def stat_fields(pid: int) -> list[str]:
    """The fields of ``stat`` from the state on; nothing for a process that is gone."""
    return _fields(read(f"/proc/{pid}/stat"))


def states(pid: int) -> list[str]:
    """The state of every thread: ``S`` sleeps, ``R`` runs, ``T`` is stopped, ``Z`` is dead."""
    return [fields[0] for told in thread_files(pid, "stat") if (fields := _fields(told))]


def lives(pid: int) -> bool:
    fields = stat_fields(pid)
    return bool(fields) and fields[0] not in "ZX"


def cpu_ticks(pid: int) -> int:
    """Processor time that a process has used, its own and the system's for it."""
    fields = stat_fields(pid)
    return int(fields[11]) + int(fields[12])


def rss_bytes(pid: int) -> int:
    """Memory of a process that is its own or in page cache mapped by it."""
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError(f"process {pid} has no VmRSS")


def environment(pid: int) -> list[str]:
    return read(f"/proc/{pid}/environ").split("\0")


def _fields(stat: str) -> list[str]:
    """The program's name is in parentheses and may have any character."""
    return stat.rpartition(")")[2].split()


def _all_read(paths: Iterable[Path]) -> list[str]:
    return [told for path in paths if (told := read(path))]
