"""Owns the app that does, within a request, what a server without a console may not be ready for.

Each path is a function here; its result is the answer.
"""

from __future__ import annotations

import ctypes
import faulthandler
import json
import logging
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from ctypes import wintypes
from typing import Any

VERSION = "one"

PIPE, SERVER_END = 3, 1
#: Handles are small multiples of four; a Python that has just started has far less than this.
HANDLES_LOOKED_AT = 16384

#: Longer than any test, and not for ever.
STAY_SECONDS = 60

_children: list[subprocess.Popen[bytes]] = []


def python(program: str, **more: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], text=True, timeout=60, **more)


def captured() -> str:
    return python("print('seen by the app')", capture_output=True).stdout


def inherited() -> int:
    """Its output goes where ours does."""
    return python("import sys; print('a child prints'); print('a child complains', file=sys.stderr)").returncode


def fed() -> str:
    return python("print(input().upper())", input="hello\n", stdout=subprocess.PIPE).stdout


def child_reads() -> str:
    """Its input is ours: empty, and not the web server's pipe."""
    return python("import sys; print(repr(sys.stdin.read()))", stdout=subprocess.PIPE).stdout


def shell() -> str:
    return os.popen("echo seen by a shell").read()


def printing() -> int:
    print("printed by the app")
    print("complained by the app", file=sys.stderr)
    sys.stdout.write("half a line, ")
    sys.stdout.flush()
    print("and its end")
    return len([stream.fileno() for stream in (sys.stdin, sys.stdout, sys.stderr)])


def written() -> int:
    """As libraries in C do."""
    return os.write(1, b"written to 1\n") + os.write(2, b"written to 2\n")


def asking() -> str:
    try:
        return input("your name? ")
    except EOFError as error:
        return f"{type(error).__name__}, then {sys.stdin.read()!r}"


def logged() -> str:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s of %(name)s: %(message)s")
    logging.getLogger("shop").info("logged by the app")
    logging.getLogger("shop").error("Fehler: größer als €")
    return "logged"


def fault() -> bool:
    faulthandler.enable()
    faulthandler.dump_traceback(all_threads=False)
    return faulthandler.is_enabled()


def square(number: int) -> int:
    return number * number


def answer(queue: Any) -> None:
    print("a process of multiprocessing prints")
    queue.put((os.getpid(), multiprocessing.current_process().name))


def processes() -> dict[str, Any]:
    # (Wine loses wake-ups of `concurrent.futures` with more than one task, whoever starts it.)
    with multiprocessing.Pool(1) as pool:
        squares = pool.map(square, range(4))
    queue: Any = multiprocessing.Queue()
    process = multiprocessing.Process(target=answer, args=(queue,), name="the other")
    process.start()
    pid, name = queue.get(timeout=60)
    process.join(60)
    return {"squares": squares, "name": name, "is_other": pid != os.getpid(), "exit": process.exitcode}


def held() -> list[str]:
    """The names of the pipes of which a child has the server's end, when it inherits all it can."""
    program = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r}); import app; print(*app.server_ends())"
    # It inherits what may be inherited, as the children of old programs do.
    return python(program, stdout=subprocess.PIPE, close_fds=False).stdout.split()


def own() -> list[str]:
    return server_ends()


def server_ends() -> list[str]:
    kernel = ctypes.WinDLL("kernel32")
    found = []
    for number in range(4, HANDLES_LOOKED_AT, 4):
        handle, flags = wintypes.HANDLE(number), wintypes.DWORD()
        if kernel.GetFileType(handle) == PIPE and kernel.GetNamedPipeInfo(
            handle, ctypes.byref(flags), None, None, None
        ):
            found += [str(number)] if flags.value & SERVER_END else []
    return found


def child() -> int:
    """Starts one that stays until it is killed. (By the Python behind the environment: one process, not two.)"""
    python = getattr(sys, "_base_executable", sys.executable)
    stays = f"import threading; threading.Event().wait({STAY_SECONDS})"
    process = subprocess.Popen([python, "-c", stays, "the child that stays"], close_fds=False)
    _children.append(process)
    return process.pid


def end() -> None:
    """The process ends, as when a library crashes."""
    os._exit(3)


def extension() -> str:
    """A module in machine code, out of the site's folder."""
    from quick import _speedups

    return f"{VERSION} {_speedups.__file__}"


def wait() -> str:
    """Does not return by itself."""
    print("waits in the app")
    threading.Event().wait(STAY_SECONDS)
    return "waited"


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    what = globals()[environ["PATH_INFO"].strip("/")]
    body = json.dumps({"pid": os.getpid(), "result": what()}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
