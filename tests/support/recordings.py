"""Owns recordings of conversations in tests: making them, reading them apart from our Rust code, asking them again.

Does not own a gate or a site: see ``gate_site``.
"""

from __future__ import annotations

import os
import re
import struct
import subprocess
from pathlib import Path

from support import processes, programs
from support.gate_site import Gate, GateSite

FIXTURES = sorted((programs.REPOSITORY / "fixtures" / "wire").glob("*.txt"))


def recorded(gate: Gate, path: Path) -> bytes:
    """What the file holds once the gate has ended in order."""
    gate.hang_up()
    assert gate.wait_end() == 0, gate.text
    return path.read_bytes()


def wire_bytes(recording: bytes) -> bytes:
    """What a recording says that passed, both ways one after the other."""
    lanes: dict[bytes, list[bytes]] = {b">": [], b"<": []}
    for line in recording.splitlines():
        if re.match(rb"\d+ [<>] (?!end)", line):
            _, sign, text = line.split(b" ", 2)
            for word in text.split():
                digits, _, count = word.partition(b"*")
                lanes[sign].append(bytes.fromhex(digits.decode()) * int(count or 1))
    return b"".join(lanes[b">"] + lanes[b"<"])


def streams(passed: bytes) -> bytes:
    """What records hold, those of one kind behind each other."""
    contents: dict[int, bytes] = {}
    at = 0
    while at < len(passed):
        kind, length, padding = struct.unpack_from(">xBxxHB", passed, at)
        contents[kind] = contents.get(kind, b"") + passed[at + 8 : at + 8 + length]
        at += 8 + length + padding
    return b"\n".join(contents.values())


def replay(site: GateSite, recording: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Asks the site's app again; with a command, another program."""
    words = command or (str(programs.iisgate()), "fcgi", "app:app", f"--site={site.path}", "--grace=0.5")
    argv = [str(programs.iisgate()), "replay", str(recording), "--", *words]
    env = {**os.environ, **site.env, processes.MARK_NAME: processes.MARK}
    return subprocess.run(argv, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def record(site: GateSite, name: str, *arguments: str) -> tuple[Gate, Path]:
    path = site.folder / name
    return site.gate(f"--record={path}", *arguments), path
