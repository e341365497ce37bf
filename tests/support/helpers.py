"""Owns a site with a helper under test: its table in ``pyproject.toml``, and the journal of its life.

Does not own the helper (``fixtures/helpers/server.py``), nor gates (``gate_site``).
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from support import processes, programs
from support.gate_site import Gate, GateSite, is_alive
from support.waiting import until

SERVER = programs.REPOSITORY / "fixtures" / "helpers" / "server.py"


class Helped:
    """A site whose helper ``queue`` is ``server.py``."""

    def __init__(self, site: GateSite, *options: str, name: str = "queue", **keys: object) -> None:
        self.site = site
        self.port = processes.free_port()
        self.journal = site.folder / "journal"
        self.options = list(options)
        shutil.copy(SERVER, site.path / "server.py")
        self.describe(name, **keys)

    def describe(self, name: str = "queue", *, port: bool = True, **keys: object) -> None:
        """Writes the table; a key's underscores stand for dashes."""
        command = ["{python}", "server.py", str(self.port), str(self.journal), *self.options]
        table = {"command": command, **({"ready-port": self.port} if port else {})}
        table |= {key.replace("_", "-"): value for key, value in keys.items()}
        lines = [f"{key} = {_toml(value)}" for key, value in table.items()]
        self.site.write("pyproject.toml", "\n".join([f"[tool.iisgate.helpers.{name}]", *lines, ""]))

    def gates(self, count: int) -> list[Gate]:
        return [self.site.gate() for _ in range(count)]

    def lines(self) -> list[tuple[str, int]]:
        """What the journal says: ``start`` and ``end``, each with the process's id."""
        text = self.journal.read_text() if self.journal.exists() else ""
        return [(word, int(pid)) for word, pid in (line.split() for line in text.splitlines())]

    def started(self) -> list[int]:
        return [pid for word, pid in self.lines() if word == "start"]

    def living(self) -> list[int]:
        return [pid for pid in self.started() if is_alive(pid)]

    def wait_started(self, count: int) -> int:
        """Waits for the start of that number, and gives its process id."""
        return until(f"start {count} of the helper", lambda: self.started()[count - 1:count])[0]

    def wait_gone(self) -> None:
        until("no helper lives", lambda: not self.living())

    def keepers(self) -> list[int]:
        """Keepers that live."""
        return [pid for pid, command in self.site.processes().items() if " keep --site " in command]

    def wait_keeper(self, but: int | None = None) -> int:
        return until("a keeper", lambda: [pid for pid in self.keepers() if pid != but])[0]


def _toml(value: object) -> str:
    """JSON's strings, lists and numbers are TOML's, too; its tables are not."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {json.dumps(text)}" for name, text in value.items()) + " }"
    return json.dumps(value)


def make_fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path
