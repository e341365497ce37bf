"""Owns the app that gets itself and its process into trouble, and waits where a test wants it to."""

import atexit
import ctypes
import faulthandler
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import parse_qsl

VERSION = "one"
MARK = "LEAKED"
PAUSE_SECONDS = 0.01
#: Longer than any test.
FOR_EVER_SECONDS = 600


def pause(name):
    """Tells the test that this place was reached, and waits until it lets us go on."""
    latch = Path(os.environ["LATCHES"], name)
    latch.with_suffix(".reached").touch()
    while not latch.with_suffix(".go").exists():
        threading.Event().wait(PAUSE_SECONDS)


def halves(name):
    """A body that stops in its middle."""
    yield b"first"
    pause(name)
    yield b"second"


def stick():
    """Holds the interpreter up, in C."""
    kernel = ctypes.PyDLL("kernel32")
    Path(os.environ["LATCHES"], "stuck.reached").touch()
    # It waits for its own process to end.
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    kernel.WaitForSingleObject.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
    kernel.WaitForSingleObject(kernel.GetCurrentProcess(), FOR_EVER_SECONDS * 1000)


def write_everywhere():
    """Writes to whatever might be, or have been, the web server's pipe."""
    failures = []
    for descriptor in (0, 1, 2):
        try:
            os.write(descriptor, f"{MARK} os.write {descriptor}\n".encode())
        except OSError as error:
            failures.append([descriptor, error.errno])
    print(MARK, "print")
    print(MARK, "print to stderr", file=sys.stderr)
    sys.stdout.buffer.write(f"{MARK} buffer\n".encode())
    sys.stdout.buffer.flush()
    for name in ("__stdout__", "__stderr__"):
        print(MARK, name, file=getattr(sys, name), flush=True)
    # The runtime of Python, and one that a library may bring along: its descriptors are its own.
    for runtime in ("ucrtbase", "msvcrt"):
        text = f"{MARK} {runtime}\n".encode()
        library = ctypes.CDLL(runtime)
        for descriptor in (0, 1, 2):
            library._write(descriptor, text, len(text))
        library.puts(text)
        library.fflush(None)
    kernel = ctypes.WinDLL("kernel32")
    kernel.GetStdHandle.restype = ctypes.c_void_p
    kernel.WriteFile.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p]
    for number in (-10, -11, -12):
        text = f"{MARK} WriteFile {number}\n".encode()
        kernel.WriteFile(kernel.GetStdHandle(number), text, len(text), ctypes.byref(ctypes.c_uint32()), None)
    return {"failures": failures}


def read_input():
    """Reads what might be, or have been, the web server's pipe."""
    return {"input": sys.stdin.read(), "descriptor": os.read(0, 100).decode()}


def start_child(inherits):
    """Starts a process that would outlive us."""
    waits = "import sys, threading; threading.Event().wait(float(sys.argv[2]))"
    program = f"print('said by the child', flush=True); {waits}"
    # Its command line tells whose it is.
    argv = [sys.executable, "-c", program, os.environ["LATCHES"], str(FOR_EVER_SECONDS)]
    return {"child": subprocess.Popen(argv, close_fds=not inherits).pid}


def app(environ, start_response):
    path, query = environ["PATH_INFO"], dict(parse_qsl(environ["QUERY_STRING"]))
    more = {}
    if path == "/hold":
        pause(query["latch"])
    elif path == "/half":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return halves(query["latch"])
    elif path == "/read":
        # A few bytes, then all.
        more["read"] = len(environ["wsgi.input"].read(10))
        pause(query["latch"])
        more["read"] += len(environ["wsgi.input"].read())
    elif path == "/stick":
        stick()
    elif path == "/exit":
        os._exit(3)
    elif path == "/raise":
        raise {"SystemExit": SystemExit, "KeyboardInterrupt": KeyboardInterrupt}[query["what"]](3)
    elif path == "/crash":
        faulthandler._sigsegv()
    elif path == "/write":
        more = write_everywhere()
    elif path == "/input":
        more = read_input()
    elif path == "/child":
        more = start_child(query.get("inherits") == "1")
    elif path == "/at-exit":
        atexit.register(pause, query["latch"])
    body = json.dumps({"pid": os.getpid(), "version": VERSION, "query": environ["QUERY_STRING"], **more}).encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
