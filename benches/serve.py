"""Owns starting servers that have no command line: serve.py flup PATH APP | wfastcgi APP.

APP is MODULE:ATTR. flup listens on the Unix socket PATH; wfastcgi serves descriptor 0.
"""

import ctypes
import importlib
import io
import os
import sys
from unittest import mock

#: One thread for each kept connection: flup gives a thread to each.
FLUP_THREADS = 16


def flup(path, target):
    """Serves with flup, threaded."""
    from flup.server.fcgi import WSGIServer

    module, _, attribute = target.partition(":")
    app = getattr(importlib.import_module(module), attribute)
    threads = {"maxThreads": FLUP_THREADS, "minSpare": FLUP_THREADS, "maxSpare": FLUP_THREADS}
    WSGIServer(app, bindAddress=path, **threads).run()


def wfastcgi(target):
    """Serves descriptor 0, as IIS starts wfastcgi, without the Windows calls that it makes."""
    ctypes.windll = mock.MagicMock()
    os.environ["WSGI_HANDLER"] = target.replace(":", ".")
    import wfastcgi as server

    server.start_file_watcher = lambda *args, **kwargs: None
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "rb", closefd=False)))
    server.main()


if __name__ == "__main__":
    {"flup": flup, "wfastcgi": wfastcgi}[sys.argv[1]](*sys.argv[2:])
