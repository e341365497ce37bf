"""Owns what is told when a helper does not start: on the page, in the log, and that the site recovers.

Does not own its life when it starts: see ``test_gate_helpers``.
"""

from __future__ import annotations

import os
import socket

from support.gate_site import GateSite
from support.helpers import Helped
from support.waiting import until


def refused(site: GateSite, *words: str) -> None:
    answer = site.gate("--debug").client.ask()
    assert answer.status == 500
    for word in words:
        assert word in answer.text, answer.text
    assert site.workers_started() == []


def test_its_last_words_are_told(site: GateSite) -> None:
    Helped(site, "--fail")
    refused(site, "IG090", "helper queue does not start: it ended (exit status: 3) before it was ready",
            "the database is broken")
    site.log.wait_line("the database is broken")


def test_a_program_that_is_not_there(site: GateSite) -> None:
    site.write("pyproject.toml", "[tool.iisgate.helpers.queue]\ncommand = ['no-such-program']\n")
    refused(site, "IG090", "helper queue does not start: no-such-program", "[tool.iisgate.helpers.queue]")


def test_one_that_is_never_ready(site: GateSite) -> None:
    helped = Helped(site, ready_line="no such line", ready_timeout=5)
    refused(site, "IG090", "helper queue does not start: after 5 s it has not printed «no such line»", "serving at")
    assert ("end", helped.started()[0]) in helped.lines()


def test_a_port_that_is_taken(site: GateSite) -> None:
    helped = Helped(site)
    with socket.create_server(("127.0.0.1", helped.port)):
        refused(site, f"another process listens at 127.0.0.1:{helped.port} already")
        assert helped.started() == []
    # Nothing was changed but the machine: the next request finds it mended.
    gate = site.gate()
    until("the site answers", lambda: gate.client.ask().status == 200)


def test_a_file_of_a_living_process_is_respected(site: GateSite) -> None:
    path = site.write("var/a.pid", f"{os.getpid()}\n")
    helped = Helped(site, stale_files=["var/*.pid"])
    refused(site, "IG091", f"{path} belongs to process {os.getpid()} (")
    assert path.exists() and helped.started() == []


def test_it_recovers_when_its_table_is_corrected(site: GateSite) -> None:
    helped = Helped(site, "--fail")
    gate = site.gate()
    assert gate.client.ask().status == 500
    helped.options = []
    helped.describe()
    until("the site answers", lambda: gate.client.ask().status == 200)


def test_a_mistake_in_the_table_has_a_place(site: GateSite) -> None:
    site.write("pyproject.toml", "[tool.iisgate.helpers.queue]\ncomand = ['a']\n")
    refused(site, "unknown key in [tool.iisgate.helpers.queue]: comand (did you mean command?)", "pyproject.toml:2:1")


def test_a_service_is_awaited(site: GateSite) -> None:
    helped = Helped(site, start="service", ready_timeout=1)
    refused(site, "IG092", f"helper queue, a service, is not ready: nobody listens at 127.0.0.1:{helped.port}")
    with socket.create_server(("127.0.0.1", helped.port)):
        gate = site.gate()
        until("the site answers", lambda: gate.client.ask().status == 200)
    assert helped.started() == []


def test_zeo_needs_its_configuration(site: GateSite) -> None:
    site.write("pyproject.toml", "[tool.iisgate.helpers.zeo]\npreset = 'zeo'\n")
    refused(site, "ZEO has no configuration: there is no ", "[tool.iisgate.helpers.zeo] config")
    site.write("zeo.conf", "<zeo>\n  address $(ZEO_ADDRESS)\n</zeo>\n")
    refused(site, "does not tell where ZEO listens", "ready-port")
