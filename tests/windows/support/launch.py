"""Owns starting Windows programs: directly on Windows, else by Wine, with the streams they need.

Does not own telling which live: see ``living``.
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from support.paths import written, written_all
from support.places import ON_WINDOWS, PREFIX
from support.waiting import until

#: A ``Path`` is written as Windows writes it, text is taken as it is.
Argument = str | os.PathLike[str]

#: How long a program may take to say or do what a test waits for: the first start of a large one, on a busy machine.
PATIENCE_SECONDS = 60.0

#: What of this system's environment a program under Wine gets.
_KEPT = ("HOME", "PATH", "TMPDIR", "USER")

_WINE = {
    "LC_ALL": "C.UTF-8",
    "WINEARCH": "win64",
    "WINEDEBUG": "-all",
    "WINEDLLOVERRIDES": "mscoree=d;winemenubuilder.exe=d",
    "WINEPREFIX": str(PREFIX),
}


def environment(more: Mapping[str, Argument] | None = None) -> dict[str, str]:
    """The environment that Windows programs get: a bare one, and ``more``."""
    if ON_WINDOWS:
        # Not what the tests' own Python was told.
        bare = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    else:
        bare = {name: os.environ[name] for name in _KEPT if name in os.environ} | _WINE
    return bare | written_all(more or {})


def windows_program(
    program: os.PathLike[str], *arguments: Argument, env: Mapping[str, Argument] | None = None, **more: Any
) -> subprocess.Popen[bytes]:
    """Starts a Windows program; its standard streams are pipes, unless ``more`` says otherwise.

    Under Wine the process that is returned *is* the Windows program. There its standard input and output must not be
    ``/dev/null`` nor a file: Python may then fail to start.
    """
    argv = [os.fspath(program) if ON_WINDOWS else os.path.abspath(program), *map(written, arguments)]
    more.setdefault("stdin", subprocess.PIPE)
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stderr", subprocess.STDOUT)
    return subprocess.Popen(argv if ON_WINDOWS else ["wine", *argv], env=environment(env), **more)


def run_program(
    program: os.PathLike[str],
    *arguments: Argument,
    input: bytes = b"",
    seconds: float = PATIENCE_SECONDS,
    status: int | None = 0,
    **more: Any,
) -> str:
    """Runs a Windows program to its end and gives what it printed; ``status`` is what it must end with."""
    process = windows_program(program, *arguments, **more)
    try:
        told, errors = process.communicate(input, timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        told, errors = process.communicate()
        raise AssertionError(f"{Path(program).name} did not end in {seconds:g} s; it said: {told!r}") from None
    text = told.decode(errors="replace").replace("\r\n", "\n")
    complaint = (errors or b"").decode(errors="replace")
    assert status in (None, process.returncode), f"status {process.returncode}: {text}{complaint}"
    return text


class Conversation:
    """A Windows program that runs meanwhile: what it printed can be read at any time, and waited for."""

    def __init__(self, program: os.PathLike[str], *arguments: Argument, **more: Any) -> None:
        self.name = Path(program).name
        self.process = windows_program(program, *arguments, **more)
        self._told = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        stream: IO[bytes] | None = self.process.stdout
        assert stream is not None
        while chunk := os.read(stream.fileno(), 65536):
            self._told += chunk

    def told(self) -> str:
        """All that it printed so far."""
        return bytes(self._told).decode(errors="replace").replace("\r\n", "\n")

    def until_told(self, text: str, seconds: float = PATIENCE_SECONDS) -> str:
        """Waits until it printed ``text``; gives the line that holds it."""

        def has_told_or_ended() -> bool:
            return text in self.told() or (self.process.poll() is not None and not self._reader.is_alive())

        try:
            until(f"{self.name} to say {text!r}", has_told_or_ended, seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}; it said: {self.told()}") from None
        for line in self.told().splitlines():
            if text in line:
                return line
        raise AssertionError(f"{self.name} ended with {self.process.returncode} and said: {self.told()}")

    def say(self, line: str) -> None:
        """Writes a line to its standard input."""
        stream = self.process.stdin
        assert stream is not None
        stream.write(line.encode() + b"\n")
        stream.flush()

    def end(self, seconds: float = PATIENCE_SECONDS) -> int:
        """Ends its standard input and waits for it; gives its exit status."""
        if self.process.stdin and not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except OSError:
                # It has gone already.
                pass
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end in {seconds:g} s; it said: {self.told()}") from None
        self._reader.join(PATIENCE_SECONDS)
        return status

    def kill(self) -> None:
        """Ends it as TerminateProcess does: it gets to do nothing more."""
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Conversation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            if kind is None:
                self.end()
            else:
                self.kill()
