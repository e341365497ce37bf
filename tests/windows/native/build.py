"""Owns compiling the C programs: mingw away from Windows; gcc or cl, whichever is found, on it.

Does not own running them. What is built stays in a cache folder until a source changes. Beside the tests it can be
called by hand, in this folder's parent: ``python -m native.build``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from support.places import ON_WINDOWS, WINDOWS_DIR

HERE = Path(__file__).resolve().parent

#: Where the programs are kept, built.
CACHE = WINDOWS_DIR / "native"

#: Each program with its sources and the system libraries it needs.
PROGRAMS: dict[str, tuple[str, tuple[str, ...]]] = {
    "iis_client": ("iis_client/*.c", ("rpcrt4",)),
    "responder": ("responder.c", ()),
    "python_responder": ("python_responder.c", ()),
}


class CannotBuild(Exception):
    """There is no compiler, or it refused; the message says which."""


def compiler() -> str:
    names = ("gcc", "cl") if ON_WINDOWS else ("x86_64-w64-mingw32-gcc",)
    for name in names:
        if found := shutil.which(name):
            return found
    install = "Visual Studio's C++ tools, or mingw-w64" if ON_WINDOWS else "gcc-mingw-w64-x86-64"
    raise CannotBuild(f"no C compiler for Windows, looked for {' and '.join(names)}: install {install}")


def command(program: str, sources: list[Path], output: Path) -> list[str]:
    """What compiles a program; cl leaves its object files in the current folder."""
    found = compiler()
    libraries = PROGRAMS[program][1]
    if Path(found).stem.lower() == "cl":
        flags = ["/nologo", "/O2", "/W3", "/std:c11", "/D_CRT_SECURE_NO_WARNINGS"]
        linked = [f"{name}.lib" for name in libraries]
        return [found, *flags, *map(str, sources), f"/Fe:{output}", "/link", *linked]
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-municode" if program == "iis_client" else "-mconsole"]
    return [found, *flags, *map(str, sources), "-o", str(output), *(f"-l{name}" for name in libraries)]


def build(program: str) -> Path:
    """The program's path, compiled now if it is older than its sources or was never there."""
    sources = sorted(HERE.glob(PROGRAMS[program][0]))
    output = CACHE / f"{program}.exe"
    headers = [*HERE.glob(f"{program}/*.h"), *HERE.glob("*.h")]
    newest = max(path.stat().st_mtime for path in [*sources, *headers, Path(__file__)])
    if output.is_file() and output.stat().st_mtime > newest:
        return output
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent) as folder:
        made = Path(folder) / output.name
        done = subprocess.run(command(program, sources, made), cwd=folder, capture_output=True, text=True)
        if done.returncode or not made.is_file():
            raise CannotBuild(f"{program} could not be compiled:\n{done.stdout}{done.stderr}")
        # Whoever builds at the same time makes the same: the last one wins.
        os.replace(made, output)
    return output


if __name__ == "__main__":
    for name in PROGRAMS:
        sys.stdout.write(f"{build(name)}\n")
