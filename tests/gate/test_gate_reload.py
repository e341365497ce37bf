"""Owns replacing the worker when code changes: on request or by wfastcgi's rule, no request lost.

Does not own SIGHUP of ``--listen``.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable

import pytest

from support.gate_site import Gate, GateSite, facts, is_alive, watches
from support.waiting import Latch, until

WFASTCGI = """<configuration><appSettings>
<add key="WSGI_HANDLER" value="app.app" />{more}
</appSettings></configuration>"""


def _regex(text: str) -> str:
    return WFASTCGI.format(more=f'<add key="WSGI_RESTART_FILE_REGEX" value="{text}" />')


def _other_pid(gate: Gate, pid: int) -> int:
    return until("another worker answers", lambda: (new := gate.pid()) != pid and new)


def _is_watching(site: GateSite, gate: Gate) -> int:
    """The worker's pid, once it has an inotify instance that watches."""
    pid = gate.pid()
    until("the worker watches its files", lambda: watches(pid))
    return pid


@pytest.mark.parametrize("how", ["flag", "environment", "wfastcgi", "regex"])
def test_a_changed_file_replaces_the_worker(site: GateSite, how: str) -> None:
    match how:
        case "flag":
            gate = site.gate("--reload")
        case "environment":
            gate = site.gate(env={"IISGATE_RELOAD": "true"})
        case "wfastcgi":
            site.write("web.config", WFASTCGI.format(more=""))
            gate = site.gate()
        case _:
            site.write("web.config", _regex(r".*\.py$"))
            gate = site.gate()
    pid = _is_watching(site, gate)
    site.edit("app.py", '"one"', '"two"')
    _other_pid(gate, pid)
    assert gate.facts()["version"] == "two"
    assert f"{site.path}/app.py has changed: the worker is replaced" in site.log.text()
    until("the old worker is gone", lambda: not is_alive(pid))


def test_a_change_right_after_the_first_answer_is_noticed(site: GateSite) -> None:
    """Files are watched from before the app is imported: none is changed unseen."""
    for _ in range(3):
        gate = site.gate("--reload")
        pid = gate.pid()
        (site.path / "app.py").touch()
        _other_pid(gate, pid)
        gate.hang_up()
        gate.wait_end()
        site.wait_gone()


def test_a_configuration_that_changes_before_the_worker_can_watch_it(site: GateSite) -> None:
    """A Python that changes it while it starts."""
    site.write("pyproject.toml", "[tool.iisgate]\nreload = true\n")
    python = site.folder / "python"
    changed = site.path / "pyproject.toml"
    change = f"grep -q threads '{changed}' || echo 'threads = 3' >> '{changed}'"
    python.write_text(f"#!/bin/sh\n{change}\nexec '{sys.executable}' \"$@\"\n")
    python.chmod(0o755)
    gate = site.gate("--python", str(python))
    until("the change is noticed", lambda: gate.facts() and len(site.workers_started()) == 2)
    assert "the configuration has changed since the worker was planned" in site.log.text()


def test_no_request_is_lost(site: GateSite) -> None:
    gates = [site.gate("--reload") for _ in range(4)]
    pid = _is_watching(site, gates[0])
    stop = threading.Event()
    failed: list[str] = []
    counts = [0] * len(gates)
    newest = [pid] * len(gates)

    def ask(number: int) -> None:
        try:
            while not stop.is_set():
                newest[number] = gates[number].pid()
                counts[number] += 1
        except BaseException as error:
            failed.append(f"gate {number} after {counts[number]}: {error!r}"[:500])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(gates))]
    for thread in threads:
        thread.start()
    seen = {pid}
    try:
        for _ in range(10):
            (site.path / "app.py").touch()

            def replaced() -> int | None:
                pids = set(newest)
                return pids.pop() if failed or len(pids) == 1 and not pids & seen else None

            pid = until("all gates have another worker", replaced)
            if failed:
                break
            seen.add(pid)
            until("it watches", lambda pid=pid: watches(pid))
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failed == []
    assert len(seen) == 11
    assert min(counts) > 10


def test_a_request_in_flight_is_finished_by_the_old_worker(
    site: GateSite, latch: Callable[[str], Latch]
) -> None:
    told, wait = latch("told"), latch("wait")
    gate, other = site.gate("--reload"), site.gate("--reload")
    pid = _is_watching(site, other)
    gate.begin("/hold", f"told={told.path}&wait={wait.path}")
    told.wait()
    (site.path / "app.py").touch()
    new = _other_pid(other, pid)
    assert is_alive(pid)
    wait.open()
    assert facts(gate.client.response())["pid"] == pid
    # A request that is there before the old worker has looked up is still its.
    until("the new one serves this pipe, too", lambda: gate.pid() == new)
    until("the old worker is gone", lambda: not is_alive(pid))


@pytest.mark.parametrize("how", ["nothing", "empty regex", "other file", "other regex"])
def test_what_does_not_replace_the_worker(site: GateSite, how: str) -> None:
    """Proven by a second change, which does, or by a worker that watches nothing."""
    if how == "empty regex":
        site.write("web.config", _regex(""))
    elif how == "other regex":
        site.write("web.config", _regex(r".*\.restart$"))
    gate = site.gate(*(["--reload"] if how == "other file" else []))
    if how in ("nothing", "empty regex"):
        pid = gate.pid()
        (site.path / "app.py").touch()
        for _ in range(20):
            assert gate.pid() == pid
        assert not watches(pid)
        return
    pid = _is_watching(site, gate)
    ignored, obeyed = ("notes.txt", "app.py") if how == "other file" else ("app.py", "now.restart")
    (site.path / ignored).touch()
    # Events come in order: had the first counted, the log would name it.
    (site.path / obeyed).touch()
    _other_pid(gate, pid)
    assert f"{obeyed} has changed" in site.log.text()
    assert f"{ignored} has changed" not in site.log.text()


def test_a_changed_web_config_is_obeyed(site: GateSite) -> None:
    """wfastcgi's rule names .config files as well: gates find the worker of the new configuration."""
    site.write("web.config", WFASTCGI.format(more='<add key="COLOUR" value="red" />'))
    gates = [site.gate(target=None) for _ in range(2)]
    pid = _is_watching(site, gates[0])
    assert gates[1].facts("/env")["environment"]["COLOUR"] == "red"
    site.edit("web.config", "red", "blue")
    for gate in gates:
        _other_pid(gate, pid)
        assert gate.facts("/env")["environment"]["COLOUR"] == "blue"


def test_a_change_that_breaks_the_app_is_told_and_mended(site: GateSite) -> None:
    """The worker that runs goes on, whatever becomes of the one that was to follow it."""
    gate = site.gate("--reload")
    pid = _is_watching(site, gate)
    site.edit("app.py", 'VERSION = "one"', "import nosuchmodule")
    line = site.log.wait_line("the new worker cannot serve: ")
    assert line.level == "ERROR" and line.text.endswith("The one that runs goes on")
    assert "No module named 'nosuchmodule'" in line.text
    for _ in range(20):
        assert gate.facts()["version"] == "one"
    assert gate.pid() == pid
    site.edit("app.py", "import nosuchmodule", 'VERSION = "three"')
    _other_pid(gate, pid)
    assert gate.facts()["version"] == "three"
    until("only one worker is left", lambda: len(site.workers()) == 1)


def test_the_next_worker_is_ready_before_the_old_one_leaves(
    site: GateSite, latch: Callable[[str], Latch]
) -> None:
    """While it starts, however slowly, the old one answers."""
    told, wait = latch("told"), latch("wait")
    gate = site.gate("--reload")
    pid = _is_watching(site, gate)
    hold = f'pause({{"told": {str(told.path)!r}, "wait": {str(wait.path)!r}}})\n\n\ndef app('
    site.edit("app.py", "def app(", hold)
    told.wait()
    assert {gate.pid() for _ in range(50)} == {pid}
    assert len(site.workers()) == 2
    wait.open()
    _other_pid(gate, pid)


def test_a_gate_that_starts_the_next_worker_may_be_killed(
    site: GateSite, latch: Callable[[str], Latch]
) -> None:
    """Another one is asked."""
    told, wait = latch("told"), latch("wait")
    gates = [site.gate("--reload") for _ in range(2)]
    pid = _is_watching(site, gates[0])
    assert gates[1].pid() == pid
    hold = f'pause({{"told": {str(told.path)!r}, "wait": {str(wait.path)!r}}})\n\n\ndef app('
    site.edit("app.py", "def app(", hold)
    told.wait()
    starters = {int(pid) for pid in re.findall(r"INFO  (\d+) - worker \d+ is started", site.log.text())}
    starter = next(gate for gate in gates if gate.process.pid == max(starters, key=_last_start(site)))
    other = next(gate for gate in gates if gate is not starter)
    starter.kill()
    # The first one that was started and the one that follows it.
    told.wait()
    wait.open()
    wait.open()
    _other_pid(other, pid)


def _last_start(site: GateSite) -> Callable[[int], int]:
    text = site.log.text()
    return lambda pid: text.rfind(f" {pid} - worker ")
