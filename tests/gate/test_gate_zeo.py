"""Owns a site with ZEO as its helper, two workers of one thread each and eight gates.

Does not own Plone itself: ``tests/windows/test_plone_zeo`` serves it in the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from support import processes
from support.gate_site import Gate, GateSite, facts, is_alive, kill, kill_at_rest
from support.waiting import until

GATES = 8

#: Beyond the numbers that processes get.
DEAD = 2**22 + 1

CONFIGURATION = """\
<zeo>
  address 127.0.0.1:{port}
</zeo>
<filestorage 1>
  path {folder}/var/Data.fs
</filestorage>
"""

PROJECT = """\
[tool.iisgate]
workers = 2
threads = 1
env = {{ ZEO_PORT = "{port}" }}
[tool.iisgate.helpers.zeo]
preset = "zeo"
"""


@pytest.fixture
def site() -> Iterator[GateSite]:
    site = GateSite("zeo")
    port = processes.free_port()
    site.write("var/zeo.pid", f"{DEAD}\n")
    site.write("zeo.conf", CONFIGURATION.format(port=port, folder=site.path))
    site.write("pyproject.toml", PROJECT.format(port=port))
    yield site
    site.close()


def zeos(site: GateSite) -> list[int]:
    """ZEO processes that live."""
    return [pid for pid, command in site.processes().items() if "ZEO.runzeo" in command]


def workers(gates: list[Gate]) -> set[int]:
    """Those that answer, each with half of the gates."""
    for gate in gates:
        gate.begin("/")
    found = Counter(facts(gate.client.response())["pid"] for gate in gates)
    assert sorted(found.values()) == [GATES // 2] * 2
    return set(found)


def test_zeo_is_one_and_lives_as_long_as_the_app(site: GateSite) -> None:
    gates = [site.gate() for _ in range(GATES)]
    first = workers(gates)
    (zeo,) = zeos(site)
    text = site.log.text()
    assert text.index("helper zeo is ready") < text.index(" is started for ")
    assert text.count("helper zeo: process ") == 1
    assert f"was left by a process {DEAD} that is no more: removed" in text
    told = gates[0].facts()
    assert not told["multithread"] and told["multiprocess"]

    # Both workers write to the one database.
    for number, gate in enumerate(gates, 1):
        assert facts(gate.client.ask("POST", "/"))["visits"] == number
    until("both know of all", lambda: {gate.facts()["visits"] for gate in gates} == {GATES})

    # It survives that they are replaced, and that one is killed.
    site.write("tmp/restart.txt", "")
    until("both workers are replaced", lambda: not any(map(is_alive, first)))
    second = workers(gates)
    assert not first & second
    killed = min(second)
    kill_at_rest(killed)
    third = workers(gates)
    assert len(second & third) == 1 and killed not in third
    assert zeos(site) == [zeo]

    # Killed, it is back, and the workers find it again.
    kill(zeo)
    (fresh,) = until("ZEO is back", lambda: zeos(site))
    assert fresh != zeo
    for gate in gates:
        until("the app answers", lambda gate=gate: gate.client.ask("POST", "/").status == 200)
    assert workers(gates) == third
    until("both know of all", lambda: {gate.facts()["visits"] for gate in gates} == {2 * GATES})

    # It ends after the last gate, and not with the first ones.
    for gate in gates[1:]:
        gate.hang_up()
        gate.wait_end()
    assert gates[0].pid() in third and zeos(site) == [fresh]
    gates[0].hang_up()
    until("ZEO has ended", lambda: not zeos(site))
    site.log.wait("helper zeo has ended (exit status: 0)")
    site.wait_gone()

