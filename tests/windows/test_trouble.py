"""What an app does to its own process, or fails to be, costs its own request and not the site: no pipe, no process."""

from __future__ import annotations

import pytest

from instance_support.instances import LOST, NOT_STARTED, Site, facts, page, shared
from support.waiting import until

pytest_plugins = ["instance_support.fixtures"]

#: In each line that the app writes to whatever might be the web server's pipe.
MARK = "LEAKED"


@pytest.mark.parametrize("path", ["/exit", "/crash"])
def test_a_worker_ends_by_its_own_request(site: Site, path: str) -> None:
    gate, other = site.instance(), site.instance()
    seen = set()
    for _ in range(2):
        seen.add(shared([gate, other]))
        page(gate.ask(path), LOST)
    assert shared([gate, other]) not in seen and len(seen) == 2


@pytest.mark.parametrize("what", ["SystemExit", "KeyboardInterrupt"])
def test_an_exception_that_would_end_a_program(site: Site, what: str) -> None:
    gate, other = site.instance(), site.instance()
    worker = other.worker()
    page(gate.ask("/raise", f"what={what}"), "Internal Server Error")
    assert shared([gate, other]) == worker
    assert f"{what}: 3" in site.until_logged("the app failed")


def test_what_is_written_goes_to_the_log(site: Site) -> None:
    """To standard output or error: each line once; nothing anywhere else."""
    gate, other = site.instance(), site.instance()
    for instance in (gate, other):
        answer = instance.ask("/write")
        told = facts(answer)
        assert [descriptor for descriptor, _ in told["failures"]] == [0]
        assert MARK.encode() not in answer.stdout + answer.stderr
        assert answer.header("Content-Length") == str(len(answer.body))
    assert shared([gate, other]) == told["pid"]
    lines = [line.partition(MARK)[2].strip() for line in site.log().splitlines() if MARK in line]
    print(lines)
    for text in ("os.write 1", "os.write 2", "print", "print to stderr", "buffer", "__stdout__", "__stderr__"):
        assert lines.count(text) == 2, text
    # Of Python's own C runtime; what of another one goes astray does no harm.
    assert lines.count("ucrtbase") >= 4
    assert lines.count("WriteFile -11") == lines.count("WriteFile -12") == 2
    assert not [line for line in lines if line in ("os.write 0", "WriteFile -10")]


def test_there_is_nothing_to_read(site: Site) -> None:
    gate = site.instance()
    for _ in range(2):
        told = facts(gate.ask("/input"))
        assert (told["input"], told["descriptor"]) == ("", "")
    assert gate.worker() == told["pid"]


@pytest.mark.parametrize("inherits", [0, 1])
def test_a_child_that_would_outlive_the_site(site: Site, inherits: int) -> None:
    """It holds no pipe open and does not stay."""
    gate, other = site.instance(), site.instance()
    worker = facts(gate.ask("/child", f"inherits={inherits}"))["pid"]
    site.until_logged("said by the child")
    gate.kill()
    assert gate.client.is_closed()
    assert other.worker() == worker
    assert site.children()
    other.hang_up()
    assert other.exit_code() == 0
    site.until_gone()


@pytest.mark.parametrize("inherits", [0, 1])
def test_a_child_whose_worker_ends_by_a_request(site: Site, inherits: int) -> None:
    """Its gates notice, although the child still lives, and serve on; so the child has to go."""
    gate, other = site.instance(), site.instance()
    worker = other.worker()
    facts(gate.ask("/child", f"inherits={inherits}"))
    page(gate.ask("/exit"), LOST)
    assert shared([gate, other]) != worker
    until("the child to end", lambda: not site.children())


BROKEN = {
    "no such module": "import nosuchmodule",
    "exits": "import sys; sys.exit(3)",
    "ends the process": "import os; os._exit(7)",
}
CAUSES = {
    "no such module": "No module named 'nosuchmodule'",
    "exits": "SystemExit: 3",
    "ends the process": "exit code: 7",
}


@pytest.mark.parametrize("how", BROKEN)
def test_why_the_app_does_not_start_is_told_and_mended(site: Site, how: str) -> None:
    """In full to whoever runs the site, in a sentence to a visitor."""
    site.edit('VERSION = "one"', BROKEN[how])
    visitor = site.instance()
    shown = page(visitor.ask(), NOT_STARTED)
    assert CAUSES[how] not in shown and "mortal" not in shown
    assert CAUSES[how] in site.until_logged(CAUSES[how])
    local = site.instance(IISGATE_LOCAL="1")
    assert CAUSES[how] in page(local.ask(HTTP_ACCEPT="text/plain"), NOT_STARTED)
    site.edit(BROKEN[how], 'VERSION = "two"')
    for gate in (visitor, local):
        answer = until("the mended site to serve", lambda gate=gate: (a := gate.ask()).status == 200 and a, pause=0.1)
        assert facts(answer)["version"] == "two"


@pytest.mark.parametrize(
    ("site", "cause"),
    [
        ("--debug elsewhere:app", "No module named 'elsewhere'"),
        ("--debug mortal:nothing", "nothing"),
        ('--debug "a b c"', "not a TARGET"),
    ],
    indirect=["site"],
)
def test_a_wrong_target(site: Site, cause: str) -> None:
    gates = [site.instance() for _ in range(2)]
    for _ in range(5):
        for gate in gates:
            assert cause in page(gate.ask(), NOT_STARTED)
    # Python is started at most once a second.
    assert site.workers_started() <= 4
    for gate in gates:
        gate.hang_up()
        assert gate.exit_code() == 0
