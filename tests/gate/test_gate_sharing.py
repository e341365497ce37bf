"""Owns who shares a worker: gates of one site, user, configuration, environment; nobody else.

Does not own how long a worker lives.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys

import pytest

from support.gate_site import GateSite, facts
from support.waiting import until


def test_gates_of_a_site_share_one_worker(site: GateSite) -> None:
    gates = [site.gate() for _ in range(5)]
    assert len({gate.pid() for gate in gates}) == 1
    assert len(site.workers_started()) == 1
    assert len(site.workers()) == 1


def test_gates_started_at_once_start_one_worker(site: GateSite) -> None:
    gates = [site.gate() for _ in range(12)]
    for gate in gates:
        gate.begin("/")
    pids = {facts(gate.client.response())["pid"] for gate in gates}
    assert len(pids) == 1
    assert site.workers_started() == list(pids)


def test_a_gate_serves_request_after_request(site: GateSite) -> None:
    gate = site.gate()
    assert len({gate.pid() for _ in range(200)}) == 1
    answer = gate.client.ask("POST", "/digest", body=b"x" * 300_000)
    assert facts(answer)["length"] == 300_000


def test_a_worker_of_shared_gates_tells_the_truth(site: GateSite) -> None:
    told = site.gate().facts()
    assert told["multithread"] is True
    assert told["multiprocess"] is False


@pytest.mark.parametrize("difference", ["environment", "threads", "mount", "target", "debug", "grace", "python"])
def test_what_differs_is_not_shared(site: GateSite, difference: str) -> None:
    first = site.gate()
    pid = first.pid()
    match difference:
        case "environment":
            other = site.gate(env={"COLOUR": "blue"})
        case "threads":
            other = site.gate("--threads=3")
        case "mount":
            other = site.gate("--script-name=/x")
        case "target":
            other = site.gate(target="app.py:app")
        case "debug":
            other = site.gate("--debug")
        case "grace":
            other = site.gate(grace=0.6)
        case _:
            link = site.folder / "python"
            link.symlink_to(site.env["IISGATE_PYTHON"])
            environment = {"PYTHONPATH": ":".join(filter(None, sys.path))}
            first, pid = (again := site.gate(env=environment)), again.pid()
            other = site.gate(f"--python={link}", env=environment)
    assert other.pid() != pid
    assert first.pid() == pid


@pytest.mark.parametrize("name", ["web.config", "Web.Config", "pyproject.toml"])
def test_a_changed_configuration_is_not_shared(site: GateSite, name: str) -> None:
    before = site.gate()
    pid = before.pid()
    if name == "pyproject.toml":
        site.write(name, '[tool.iisgate.env]\nCOLOUR = "blue"\n')
    else:
        site.write(name, '<configuration><appSettings><add key="COLOUR" value="blue"/></appSettings></configuration>')
    after = site.gate()
    told = after.facts("/env")
    assert told["pid"] != pid
    assert told["environment"]["COLOUR"] == "blue"
    assert before.pid() == pid


def test_another_site_is_not_shared(site: GateSite) -> None:
    shutil.copytree(site.path, site.folder / "twin")
    assert site.gate().pid() != site.gate(site=site.folder / "twin").pid()


def test_a_site_by_another_name_is_shared(site: GateSite) -> None:
    (site.folder / "link").symlink_to(site.path)
    assert site.gate().pid() == site.gate(site=site.folder / "link").pid()


def test_what_differs_between_instances_is_shared(site: GateSite) -> None:
    """IIS tells each instance the name of its own pipe, event and mutex."""
    names = ("_FCGI_X_PIPE_", "_FCGI_SHUTDOWN_EVENT_", "_FCGI_MUTEX_")
    gates = [site.gate(env={name: f"{name}{number}" for name in names}) for number in range(2)]
    assert gates[0].pid() == gates[1].pid()


def test_the_meeting_place_is_private(site: GateSite) -> None:
    site.gate().pid()
    assert stat.S_IMODE(site.rendezvous.stat().st_mode) == 0o700
    sockets = [path for path in site.rendezvous.iterdir() if stat.S_ISSOCK(path.stat().st_mode)]
    assert len(sockets) == 1
    if os.geteuid() == 0:
        os.chmod(site.folder, 0o755)
        os.chmod(site.run, 0o755)
        code = "import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect(sys.argv[1])"
        stranger = subprocess.run(["/usr/bin/env", "python3", "-c", code, str(sockets[0])], user=65534, group=65534,
                                  extra_groups=[], capture_output=True, text=True, cwd="/")
        assert "PermissionError" in stranger.stderr


def _refused(site: GateSite) -> None:
    answer = site.gate("--debug").client.ask()
    assert answer.status == 500
    assert "must be a folder of user" in answer.text
    text = site.log.wait("must be a folder of user")
    assert str(site.rendezvous) in text and "with mode 700" in text
    assert site.workers_started() == []


def test_a_folder_that_others_may_enter_is_refused(site: GateSite) -> None:
    site.rendezvous.mkdir(mode=0o755)
    _refused(site)


def test_a_link_in_place_of_the_folder_is_refused(site: GateSite) -> None:
    (site.run / "else").mkdir(mode=0o700)
    site.rendezvous.symlink_to(site.run / "else")
    _refused(site)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make folders for others")
def test_a_folder_of_someone_else_is_refused(site: GateSite) -> None:
    site.rendezvous.mkdir(mode=0o700)
    os.chown(site.rendezvous, 65534, 65534)
    _refused(site)


def test_a_socket_left_by_a_dead_worker_is_replaced(site: GateSite) -> None:
    gate = site.gate()
    pid = gate.pid()
    os.kill(pid, 9)
    gate.kill()
    until("the worker is gone", lambda: not site.workers())
    assert any(stat.S_ISSOCK(path.stat().st_mode) for path in site.rendezvous.iterdir())
    assert site.gate().pid() != pid
