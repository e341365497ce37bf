"""Owns which DLLs a compiled module needs that are not found: Windows itself does not tell.

Loads nothing, and knows nothing of other systems' libraries, whose loaders name what is missing.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

#: Most bytes of a module that are read: import tables lie far ahead of that.
BYTES_MAX = 256 * 1024 * 1024

#: Names that Windows maps by itself.
_VIRTUAL = ("api-ms-", "ext-ms-")


def missing(module: str | os.PathLike[str]) -> list[str]:
    """Names the DLLs of a module, and of those beside it, that lie in no folder where they are looked for."""
    if os.name != "nt":
        return []
    folders = [Path(sys.base_prefix), Path(sys.prefix), Path(os.environ.get("SystemRoot", "C:\\Windows")) / "System32"]
    return missing_in(Path(module), folders)


def missing_in(module: Path, folders: list[Path]) -> list[str]:
    """As `missing`, for folders that are given; the module's own comes first."""
    found: list[str] = []
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        file = waiting.pop()
        for name in imported(file):
            if name.lower() in seen or name.lower().startswith(_VIRTUAL):
                continue
            seen.add(name.lower())
            beside = file.parent / name
            if beside.is_file():
                waiting.append(beside)
            elif not any((folder / name).is_file() for folder in folders):
                found.append(name)
    return found


def imported(file: Path) -> list[str]:
    """The DLLs that a program file of Windows names in its import table; none for any other file."""
    try:
        with file.open("rb") as stream:
            return list(_names(stream.read(BYTES_MAX)))
    except (OSError, struct.error, ValueError, IndexError):
        return []


def _names(image: bytes) -> Iterator[str]:
    """Reads the table as "PE Format" in Microsoft's documentation has it."""
    header = struct.unpack_from("<I", image, 0x3C)[0]
    if image[:2] != b"MZ" or image[header : header + 4] != b"PE\0\0":
        return
    sections, optional = struct.unpack_from("<H12xH", image, header + 6)
    start = header + 24
    is_wide = struct.unpack_from("<H", image, start)[0] == 0x20B
    directory = start + (112 if is_wide else 96) + 8
    table = struct.unpack_from("<I", image, directory)[0]
    if not table:
        return

    def at(address: int) -> int:
        for number in range(sections):
            size, begin, length, offset = struct.unpack_from("<4I", image, start + optional + 40 * number + 8)
            if begin <= address < begin + max(size, length):
                return int(address - begin + offset)
        raise ValueError(f"no section holds {address:#x}")

    entry = at(table)
    while name := struct.unpack_from("<I", image, entry + 12)[0]:
        begin = at(name)
        yield image[begin : image.index(b"\0", begin)].decode("ascii", "replace")
        entry += 20
