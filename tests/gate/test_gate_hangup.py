"""Owns SIGHUP of ``iisgate fcgi --listen``: new workers, new code, and no request lost under load.

Does not own the load: see ``support.gate_load``.
"""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from support.fcgi_client import Client
from support.gate_load import Load
from support.gate_site import GateSite, facts, is_alive
from support.waiting import Latch, until

HANG_UPS = 4


@pytest.mark.parametrize("workers", [1, 2])
def test_a_reload_under_load_loses_nothing(site: GateSite, workers: int) -> None:
    address = site.folder / "s"
    process = site.fcgi(f"--listen=unix:{address}", f"--workers={workers}")
    site.log.wait("listening at")
    with Load(address) as load:
        until("all workers serve", lambda: len(load.pids()) == workers)
        for number in range(HANG_UPS):
            before = set(site.workers())
            site.edit("app.py", "VERSION = ", f"NUMBER = {number}\nVERSION = ")
            process.signal(signal.SIGHUP)
            until("the old workers are gone", lambda before=before: not before & set(site.workers()))
            load.forget()
            # An answer of those that are gone may be counted late.
            until("the new ones serve", lambda before=before: len(load.pids() - before) == workers)
    assert load.failed == []
    assert len(site.workers_started()) == workers * (HANG_UPS + 1)
    assert process.process.poll() is None


def test_hang_ups_that_come_faster_than_workers_start(site: GateSite) -> None:
    address = site.folder / "s"
    process = site.fcgi(f"--listen=unix:{address}")
    site.log.wait("listening at")
    with Load(address, threads=4) as load:
        first = until("it serves", load.pids)
        for _ in range(5):
            process.signal(signal.SIGHUP)
        until("the first worker is gone", lambda: not first & set(site.workers()))
        until("one worker is left", lambda: len(site.workers()) == 1)
        load.forget()
        until("and serves", lambda: set(site.workers()) <= load.pids())
    assert load.failed == []


def test_new_code_is_loaded(site: GateSite) -> None:
    address = site.folder / "s"
    process = site.fcgi(f"--listen=unix:{address}")
    site.log.wait("listening at")
    site.edit("app.py", '"one"', '"two"')
    with Client.connect(address) as client:
        assert facts(client.ask(keep=False))["version"] == "one"
    process.signal(signal.SIGHUP)

    def version() -> str:
        with Client.connect(address) as client:
            return str(facts(client.ask(keep=False))["version"])

    until("the new code answers", lambda: version() == "two")


def test_broken_code_leaves_the_old_workers(site: GateSite) -> None:
    address = site.folder / "s"
    process = site.fcgi(f"--listen=unix:{address}", "--workers=2")
    site.log.wait("listening at")
    until("both are ready", lambda: site.log.text().count("ready: ") == 2)
    before = set(site.workers())
    site.edit("app.py", 'VERSION = "one"', "import nosuchmodule")
    process.signal(signal.SIGHUP)
    site.log.wait("the reload is given up: the workers that run go on")
    until("only the old ones are left", lambda: set(site.workers()) == before)
    with Client.connect(address) as client:
        assert facts(client.ask(keep=False))["version"] == "one"
    site.edit("app.py", "import nosuchmodule", 'VERSION = "three"')
    process.signal(signal.SIGHUP)
    until("the mended code takes over", lambda: not before & set(site.workers()))
    with Client.connect(address) as client:
        assert facts(client.ask(keep=False))["version"] == "three"


def test_the_old_worker_finishes_its_request(site: GateSite, latch: Callable[[str], Latch]) -> None:
    told, wait = latch("told"), latch("wait")
    address = site.folder / "s"
    process = site.fcgi(f"--listen=unix:{address}")
    site.log.wait("listening at")
    with Client.connect(address) as busy:
        busy.start("GET", "/hold", f"told={told.path}&wait={wait.path}")
        busy.end_body()
        told.wait()
        (pid,) = site.workers()
        process.signal(signal.SIGHUP)

        def other() -> bool:
            with Client.connect(address) as client:
                return bool(facts(client.ask(keep=False))["pid"] != pid)

        until("another worker answers", other)
        assert is_alive(pid)
        wait.open()
        assert facts(busy.response())["pid"] == pid
    until("the old worker is gone", lambda: not is_alive(pid))
