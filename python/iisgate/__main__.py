"""Owns ``python -m iisgate``: the ``worker`` command here, all others in the native executable.

Does not own what a worker does: see `iisgate.worker`.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig


def native_executable() -> str | None:
    """Finds the native ``iisgate`` that was installed with this package."""
    name = "iisgate.exe" if os.name == "nt" else "iisgate"
    beside = os.path.join(sysconfig.get_path("scripts"), name)
    return beside if os.path.isfile(beside) else shutil.which("iisgate")


def main() -> int:
    """Runs a command and returns the exit status."""
    if sys.argv[1:2] == ["worker"]:
        from iisgate import worker

        return worker.main(sys.argv[2:])
    executable = native_executable()
    if executable is None:
        print("iisgate: the native executable is not installed beside this Python", file=sys.stderr)
        return 2
    command = [executable, *sys.argv[1:]]
    if os.name != "nt":
        os.execv(executable, command)
    # There `execv` starts a second process and ends at once, as if the command were done.
    return _run(command)


def _run(command: list[str]) -> int:
    """Runs a command to its end; the exit status. It gets every handle that was meant for us."""
    child = subprocess.Popen(command, close_fds=False)
    while True:
        # Ctrl-C goes to both, and the command decides what is made of it.
        with contextlib.suppress(KeyboardInterrupt):
            return child.wait()


if __name__ == "__main__":
    sys.exit(main())
