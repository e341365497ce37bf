"""Owns the life of a helper: one process however many gates, before the first worker, until after the last gate.

Does not own what is told when it fails: see ``test_gate_helpers_failing``.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from support.gate_site import GateSite, facts, is_alive, kill, kill_at_rest
from support.helpers import Helped, make_fifo
from support.waiting import until


def test_one_helper_for_eight_gates(site: GateSite) -> None:
    helped = Helped(site)
    gates = helped.gates(8)
    for gate in gates:
        gate.begin("/")
    assert len({facts(gate.client.response())["pid"] for gate in gates}) == 1
    assert len(helped.started()) == len(helped.keepers()) == 1
    line = site.log.wait_line(f"serving at {helped.port}")
    assert (line.request, line.level) == ("queue", "INFO")


def test_each_site_has_its_own(site: GateSite, another_site: Callable[[], GateSite]) -> None:
    here, there = Helped(site), Helped(another_site())
    for helped in (here, there):
        assert helped.gates(1)[0].pid()
    assert len(here.started()) == len(there.started()) == 1
    assert here.started() != there.started()
    there.site.close()
    assert here.living() == here.started() and not there.living()


def test_it_is_ready_before_the_first_worker_starts(site: GateSite) -> None:
    fifo = make_fifo(site.folder / "wait")
    helped = Helped(site, "--wait-for", str(fifo))
    gates = helped.gates(3)
    for gate in gates:
        gate.begin("/")
    helped.wait_started(1)
    with fifo.open("wb"):
        # It has opened its end: it waits for us, and has not listened yet.
        assert site.workers_started() == []
    assert all(facts(gate.client.response()) for gate in gates)
    text = site.log.text()
    assert text.index("helper queue is ready") < text.index(" is started for ")
    assert len(helped.started()) == 1


def test_it_survives_the_workers(site: GateSite) -> None:
    helped = Helped(site)
    gate = helped.gates(1)[0]
    for _ in range(3):
        kill_at_rest(gate.pid())
    assert gate.pid()
    site.write("app.py", (site.path / "app.py").read_text() + "\n")
    assert len(helped.started()) == 1 and helped.living() == helped.started()


def test_gates_come_and_go(site: GateSite) -> None:
    """IIS ends an instance after some requests; another gate is there meanwhile, or comes within the grace."""
    helped = Helped(site)
    gates = helped.gates(2)
    for _ in range(5):
        gates.append(site.gate())
        assert gates[-1].pid()
        gates.pop(0).hang_up()
    assert len(helped.started()) == 1 and helped.living()


def test_it_ends_with_the_app(site: GateSite) -> None:
    helped = Helped(site)
    gates = helped.gates(3)
    workers = {gate.pid() for gate in gates}
    pid = helped.living()[0]
    for gate in gates:
        gate.hang_up()
    helped.wait_gone()
    assert helped.lines() == [("start", pid), ("end", pid)], "it was told, not killed"
    assert not any(is_alive(worker) for worker in workers)
    site.wait_gone()


def test_it_ends_when_all_gates_are_killed_at_once(site: GateSite) -> None:
    helped = Helped(site)
    gates = helped.gates(8)
    assert {gate.pid() for gate in gates}
    pid = helped.living()[0]
    for gate in gates:
        gate.process.kill()
    helped.wait_gone()
    assert helped.lines() == [("start", pid), ("end", pid)]
    site.wait_gone()


def test_the_end_of_one_gate_does_not_orphan_it(site: GateSite) -> None:
    """Not even of the one that started it."""
    helped = Helped(site)
    first = site.gate()
    assert first.pid()
    other = site.gate()
    assert other.pid()
    first.kill()
    assert other.pid() and helped.living() == helped.started()
    other.hang_up()
    helped.wait_gone()


def test_killed_it_is_back(site: GateSite) -> None:
    helped = Helped(site)
    gate = helped.gates(1)[0]
    worker = gate.pid()
    for number in range(2, 5):
        kill(helped.living()[0])
        helped.wait_started(number)
        until("it lives", helped.living)
    site.log.wait_line("is started again in")
    assert gate.pid() == worker


def test_with_its_keeper_it_dies_and_is_back(site: GateSite) -> None:
    helped = Helped(site, "--child")
    gates = helped.gates(4)
    assert {gate.pid() for gate in gates}
    keeper, old = helped.keepers()[0], helped.living()[0]
    kill(keeper)
    fresh = helped.wait_started(2)
    assert fresh != old and not is_alive(old)
    until("one keeper", lambda: len(helped.keepers()) == 1)
    assert {gate.pid() for gate in gates}
    assert helped.living() == [fresh]
    for gate in gates:
        gate.hang_up()
    site.wait_gone()


def test_what_it_started_ends_with_it(site: GateSite) -> None:
    helped = Helped(site, "--child")
    assert (gate := helped.gates(1)[0]).pid()
    kill(helped.living()[0])
    helped.wait_started(2)
    until("one child", lambda: len([1 for command in site.processes().values() if "threading.Event" in command]) == 1)
    gate.hang_up()
    site.wait_gone()


def test_one_that_does_not_end_is_killed(site: GateSite) -> None:
    helped = Helped(site, "--deaf", stop_timeout=1)
    assert (gate := helped.gates(1)[0]).pid()
    gate.hang_up()
    helped.wait_gone()
    site.log.wait_line("helper queue did not end within 1 s: it is killed")
    site.wait_gone()


def test_its_stop_command_is_used(site: GateSite) -> None:
    helped = Helped(site)
    stop = "import os, signal; os.kill(int(open('pid').read()), signal.SIGTERM); print('stopped by command')"
    helped.options += ["--pid-file", "pid"]
    helped.describe(stop_command=["{python}", "-c", stop])
    assert (gate := helped.gates(1)[0]).pid()
    gate.hang_up()
    helped.wait_gone()
    site.log.wait_line("stopped by command")
    site.wait_gone()


def test_a_changed_table_replaces_it(site: GateSite) -> None:
    helped = Helped(site)
    old = site.gate()
    assert old.pid()
    helped.describe(env={"HELPER_WORDS": "changed"})
    fresh = site.gate()
    assert fresh.pid()
    first, second = helped.started()
    assert helped.living() == [second]
    assert ("end", first) in helped.lines()
    site.log.wait_line("changed")
    # What else stands in the file is not its business.
    site.write("pyproject.toml", "# a comment\n" + (site.path / "pyproject.toml").read_text())
    assert site.gate().pid() and helped.living() == [second]


def test_a_task_is_done_before_the_first_worker_and_once(site: GateSite) -> None:
    helped = Helped(site)
    code = f"open({str(helped.journal)!r}, 'a').write('start 1\\n'); print('migrated', flush=True)"
    site.write("pyproject.toml", "[tool.iisgate.helpers.migration]\n"
               f"command = ['{{python}}', '-c', '''{code}''']\nrestart = 'never'\n")
    assert site.gate().pid() and site.gate().pid()
    text = site.log.text()
    assert text.index("helper migration ended") < text.index(" is started for ")
    assert helped.started() == [1]


def test_listening_workers_have_it_too(site: GateSite) -> None:
    helped = Helped(site)
    process = site.fcgi("--listen", f"unix:{site.folder / 'app.sock'}", "--workers=2")
    site.log.wait_line("listening at")
    assert len(helped.started()) == 1
    assert site.log.text().index("helper queue is ready") < site.log.text().index(" is started for ")
    process.signal(signal.SIGTERM)
    process.wait_end()
    helped.wait_gone()


def test_files_of_dead_processes_are_removed(site: GateSite) -> None:
    site.write("var/a.pid", f"{2**22 + 1}\n")
    site.write("var/notes.lock", "version = 1\n")
    helped = Helped(site, stale_files=["var/*.pid", "var/*.lock"])
    assert helped.gates(1)[0].pid()
    site.log.wait_line(f"a.pid was left by a process {2**22 + 1} that is no more: removed")
    assert os.listdir(site.path / "var") == ["notes.lock"]
