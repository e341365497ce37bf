"""Owns starting servers that have no command line: serve.py KIND ADDRESS APP, APP being MODULE:ATTR.

ADDRESS is a Unix socket's path; for fastwsgi it is a port. `wfastcgi APP` serves descriptor 0 and ends with it,
`wfastcgi APP PATH` takes one connection after the other; `gates` starts our gate for each connection, which becomes
its standard input.
"""

import ctypes
import importlib
import io
import os
import signal
import socket
import subprocess
import sys
from unittest import mock

#: One thread for each kept connection: flup gives a thread to each.
FLUP_THREADS = 16

BACKLOG = 1024


def load(target):
    """The app."""
    module, _, attribute = target.partition(":")
    return getattr(importlib.import_module(module), attribute)


def listener(path):
    """A listening Unix socket."""
    made = socket.socket(socket.AF_UNIX)
    made.bind(path)
    made.listen(BACKLOG)
    return made


def flup(path, target):
    """Serves with flup, threaded."""
    from flup.server.fcgi import WSGIServer

    threads = {"maxThreads": FLUP_THREADS, "minSpare": FLUP_THREADS, "maxSpare": FLUP_THREADS}
    WSGIServer(load(target), bindAddress=path, **threads).run()


def bjoern(path, target):
    """Serves with bjoern, one thread, libev."""
    import bjoern as server

    server.run(load(target), f"unix:{path}")


def fastwsgi(port, target):
    """Serves with fastwsgi, one thread, libuv; it knows no Unix sockets."""
    import fastwsgi as server

    server.run(wsgi_app=load(target), host="127.0.0.1", port=int(port), loglevel=0)


def pyfloor(path, target):
    """Serves with the yardstick."""
    import pyfloor as server

    server.serve(listener(path).detach(), load(target))


def gates(path, target):
    """As IIS starts instances: a process for each connection, which is its standard input."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    gate = os.path.join(os.path.dirname(sys.executable), "iisgate")
    taken = listener(path)
    running = []
    while True:
        connection, _ = taken.accept()
        running = [child for child in running if child.poll() is None]
        running.append(subprocess.Popen([gate, "fcgi", target], stdin=connection, stdout=subprocess.DEVNULL))
        connection.close()


def wfastcgi(target, path=None):
    """As IIS starts wfastcgi, on descriptor 0, without the Windows calls that it makes."""
    ctypes.windll = mock.MagicMock()
    os.environ["WSGI_HANDLER"] = target.replace(":", ".")
    import wfastcgi as server

    server.start_file_watcher = lambda *args, **kwargs: None
    if path is None:
        wfastcgi_once(server)
        return
    server.run_exit_tasks = lambda *args, **kwargs: None
    streams = sys.stdout, sys.stderr
    taken = listener(path)
    while True:
        connection, _ = taken.accept()
        os.dup2(connection.fileno(), 0)
        connection.close()
        wfastcgi_once(server)
        sys.stdout, sys.stderr = streams


def wfastcgi_once(server):
    """Until the peer closes; then the other end must be told."""
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "rb", closefd=False)))
    try:
        server.main()
    except SystemExit:
        pass
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)


if __name__ == "__main__":
    kinds = [flup, bjoern, fastwsgi, pyfloor, gates, wfastcgi]
    {kind.__name__: kind for kind in kinds}[sys.argv[1]](*sys.argv[2:])
