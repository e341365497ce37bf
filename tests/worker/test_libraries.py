"""Owns naming the DLLs that a compiled module lacks, read from its import table on any system.

Does not own what is made of it (``test_gate_codes``).
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from iisgate import libraries

#: Where the only section of the test's modules is in memory, and in the file.
ADDRESS, OFFSET = 0x1000, 0x200


def image(*names: str, is_wide: bool = True) -> bytes:
    """A program file of Windows that does nothing but name DLLs."""
    table_length = 20 * (len(names) + 1)
    texts, table = b"", b""
    for name in names:
        table += struct.pack("<12xII", ADDRESS + table_length + len(texts), 0)
        texts += name.encode() + b"\0"
    section = table + bytes(20) + texts
    directories = struct.pack("<8xII", ADDRESS if names else 0, len(table)) + bytes(14 * 8)
    optional = struct.pack("<H", 0x20B if is_wide else 0x10B).ljust(112 if is_wide else 96, b"\0") + directories
    header = struct.pack("<4sHH12xHH", b"PE\0\0", 0x8664, 1, len(optional), 0)
    described = struct.pack("<8sIIII16x", b".rdata", len(section), ADDRESS, len(section), OFFSET)
    start = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    return (start + header + optional + described).ljust(OFFSET, b"\0") + section


@pytest.mark.parametrize("is_wide", [True, False])
def test_what_a_module_imports_is_read(tmp_path: Path, is_wide: bool) -> None:
    for names in ([], ["KERNEL32.dll"], ["python311.dll", "VCRUNTIME140.dll", "libpq.dll"]):
        file = tmp_path / "module.pyd"
        file.write_bytes(image(*names, is_wide=is_wide))
        assert libraries.imported(file) == names


def test_what_is_no_module_imports_nothing(tmp_path: Path) -> None:
    whole = image("a.dll", "b.dll")
    for content in (b"", b"MZ", b"\x7fELF" + bytes(200), *(whole[:length] for length in range(0, len(whole), 7))):
        file = tmp_path / "x"
        file.write_bytes(content)
        assert set(libraries.imported(file)) <= {"a.dll", "b.dll"}
    assert libraries.imported(tmp_path / "missing") == []


def test_what_is_missing_is_named_through_what_lies_beside(tmp_path: Path) -> None:
    folder, system = tmp_path / "package", tmp_path / "system"
    folder.mkdir()
    system.mkdir()
    (folder / "module.pyd").write_bytes(image("beside.dll", "SYSTEM.dll", "api-ms-win-crt-l1.dll", "gone.dll"))
    (folder / "beside.dll").write_bytes(image("deep.dll", "gone.dll", "module.pyd"))
    (system / "SYSTEM.dll").write_bytes(b"")
    assert sorted(libraries.missing_in(folder / "module.pyd", [system])) == ["deep.dll", "gone.dll"]


def test_elsewhere_than_on_windows_nothing_is_read(tmp_path: Path) -> None:
    assert libraries.missing(tmp_path / "module.so") == []
