"""Owns wfastcgi's ``WSGI_LOG``: where the gate, and the worker behind it, then log."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from support import processes, programs
from support.fcgi_client import Client
from support.logs import Log
from support.sites import app, web_config, write


def test_wsgi_log(tmp_path: Path) -> None:
    """%VAR% is expanded as in PYTHONPATH; names in any case, as on Windows."""
    site = write(tmp_path / "site", {
        "shop.py": app("told ", more="str(print('an order'))"),
        "web.config": web_config({"WSGI_HANDLER": "shop.app", "WSGI_LOG": "%Logs%/wfastcgi.log"}),
    })
    (tmp_path / "run").mkdir(mode=0o700)
    env = {**programs.environment(), "IISGATE_PYTHON": sys.executable, "LOGS": str(tmp_path / "logs"),
           "XDG_RUNTIME_DIR": str(tmp_path / "run")}
    ours, theirs = socket.socketpair()
    with theirs:
        gate = processes.start([programs.iisgate(), "fcgi", "--grace=0", f"--site={site}"], env=env, stdin=theirs)
    with Client(ours) as client:
        assert client.ask().text == "told None"
        Log(tmp_path / "logs/wfastcgi.log").wait_line("an order")
    assert gate.wait(20) == 0
    processes.stop(gate)
