"""Owns helpers on Windows: one process however many gates, kept alive, ended with the app and with its keeper.

Does not own what is told when they fail: ``tests/gate`` does, for all systems.
"""

from __future__ import annotations

import shutil
import socket
from concurrent.futures import ThreadPoolExecutor

from instance_support.instances import Instance, Site, shared
from support import living
from support.paths import to_windows
from support.places import FIXTURES, ON_WINDOWS
from support.waiting import until

pytest_plugins = ["instance_support.fixtures"]


class Helped:
    """The helper ``queue`` of a site: ``fixtures/helpers/server.py``."""

    def __init__(self, site: Site, *options: str, stop_command: str = "") -> None:
        self.site = site
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        folder = site.folder
        self.journal = folder.parent / "journal"
        shutil.copy(FIXTURES / "helpers" / "server.py", folder / "server.py")
        words = ["{python}", "server.py", str(self.port), to_windows(self.journal), *options]
        command = ", ".join(f"'{word}'" for word in words)
        project = folder / "pyproject.toml"
        text = project.read_text(encoding="utf-8") if project.exists() else ""
        table = f"[tool.iisgate.helpers.queue]\ncommand = [{command}]\nready-port = {self.port}\nstop-timeout = 60\n"
        if stop_command:
            table += f"stop-command = ['{{python}}', '-c', '{stop_command}']\n"
        project.write_text(f"{text}\n{table}", encoding="utf-8")

    def lines(self) -> list[tuple[str, int]]:
        text = self.journal.read_text() if self.journal.exists() else ""
        return [(word, int(pid)) for word, pid in (line.split() for line in text.splitlines())]

    def started(self) -> list[int]:
        """Their process ids, as Windows programs know them."""
        return [pid for word, pid in self.lines() if word == "start"]

    def wait_started(self, count: int) -> int:
        return until(f"start {count} of the helper", lambda: self.started()[count - 1 : count])[0]

    def living(self) -> list[living.WindowsProcess]:
        """What lives of it: an environment's ``python.exe`` is a process of its own before the base Python's."""
        return [each for each in living.alive("python.exe", "server.py") if str(self.port) in each.command_line]

    def was_told(self) -> bool:
        """Whether the first one ended as it was told. Wine has no Ctrl+Break without a window: there it is killed."""
        if not ON_WINDOWS:
            return "gets no Ctrl+Break" in self.site.log()
        return ("end", self.started()[0]) in self.lines()

    def keepers(self) -> list[living.WindowsProcess]:
        return living.alive("iisgate.exe", to_windows(self.site.folder))


def asked(site: Site, count: int) -> list[Instance]:
    gates = [site.instance() for _ in range(count)]
    shared(gates)
    return gates


def test_one_helper_for_eight_gates_until_they_end(site: Site) -> None:
    helped = Helped(site)
    gates = asked(site, 8)
    assert len(helped.started()) == len(helped.keepers()) == 1
    log = site.log()
    assert log.index("helper queue is ready") < log.index(" is started for ")
    assert "serving at" in log
    for gate in gates:
        gate.hang_up()
    living.until_gone(helped.living)
    assert helped.was_told()
    living.until_gone(helped.keepers)


def test_its_stop_command_ends_it(site: Site) -> None:
    """What Ctrl+Break does not end, or what has a way of its own to be ended."""
    # Said before it is done: then nobody waits for this command any more.
    stop = 'print("stopped by command", flush=True); open("stop", "w").close()'
    helped = Helped(site, "--end-by", "stop", stop_command=stop)
    asked(site, 1)[0].hang_up()
    living.until_gone(helped.living)
    pid = helped.started()[0]
    assert helped.lines() == [("start", pid), ("end", pid)], "it ended by itself"
    living.until_gone(helped.keepers)
    log = site.log()
    assert "stopped by command" in log and "gets no Ctrl+Break" not in log and "it is killed" not in log


def test_killed_it_is_back_and_survives_the_workers(site: Site) -> None:
    helped = Helped(site)
    gate = asked(site, 1)[0]
    site.web.kill(helped.started()[0])
    helped.wait_started(2)
    worker = gate.worker()
    site.web.kill(worker)
    assert gate.worker() != worker
    assert len(helped.started()) == 2


def test_all_gates_are_killed_at_once(site: Site) -> None:
    helped = Helped(site)
    gates = asked(site, 4)
    with ThreadPoolExecutor(len(gates)) as pool:
        list(pool.map(Instance.kill, gates))
    living.until_gone(helped.living)
    living.until_gone(helped.keepers)
    assert helped.was_told()


def test_with_its_keeper_it_dies_with_all_it_started_and_is_back(site: Site) -> None:
    helped = Helped(site, "--child")
    gates = asked(site, 2)
    old = helped.living()
    keeper = helped.keepers()[0]
    keeper.kill()
    helped.wait_started(2)
    until("the old one to end", lambda: not any(each.is_alive() for each in old))
    until("one child", lambda: len(living.alive("python.exe", "threading.Event")) == 1)
    shared(gates)
    assert len(helped.started()) == 2


def test_files_of_dead_processes_are_removed(site: Site) -> None:
    path = site.folder / "var" / "a.pid"
    path.parent.mkdir()
    path.write_text("4000000\n")
    helped = Helped(site)
    project = site.folder / "pyproject.toml"
    project.write_text(project.read_text() + "stale-files = ['var/*.pid']\n")
    asked(site, 1)
    assert not path.exists() and len(helped.started()) == 1
