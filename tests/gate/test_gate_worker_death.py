"""Owns what becomes of requests whose worker is killed: exactly those in flight are lost, told so.

Does not own many at once: see ``test_gate_hundred``.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from support import records
from support.fcgi_client import Closed
from support.gate_site import GateSite, facts, kill, kill_at_rest
from support.waiting import Latch

LatchMaker = Callable[[str], Latch]


def test_killed_while_idle(site: GateSite) -> None:
    gates = [site.gate() for _ in range(4)]
    pid = {gate.pid() for gate in gates}.pop()
    kill_at_rest(pid)
    pids = {gate.pid() for gate in gates}
    assert len(pids) == 1 and pids != {pid}
    assert len(site.workers_started()) == 2


def test_killed_while_idle_again_and_again(site: GateSite) -> None:
    gates = [site.gate() for _ in range(3)]
    seen = set()
    for _ in range(5):
        pids = {gate.pid() for gate in gates}
        assert len(pids) == 1 and not pids & seen
        seen |= pids
        kill_at_rest(pids.pop())


def test_killed_while_idle_after_a_body(site: GateSite) -> None:
    """The empty STDIN record is the last that the worker saw: nothing of it is still awaited."""
    gate = site.gate()
    pid = gate.pid()
    assert gate.client.ask("POST", "/digest", body=b"x" * 1000).status == 200
    kill_at_rest(pid)
    assert gate.pid() != pid


def test_killed_the_moment_the_answer_came(site: GateSite) -> None:
    """What the web server has got whole is not in flight any more."""
    gate = site.gate()
    for _ in range(10):
        kill(gate.pid())
    assert gate.pid()


#: Answers more than a socket's buffer holds; then a thread runs Python and lets nobody else have it.
HOG = """def hog(query):
    pause(query)
    sys.setswitchinterval(1000)
    tell(query["spins"])
    while True:
        pass


def large(query):
    threading.Thread(target=hog, args=(query,), daemon=True).start()
    return b"first" + bytes(4 * 2**20)


def app("""


def test_killed_while_others_hold_python_after_a_large_answer_came(site: GateSite, latch: LatchMaker) -> None:
    """The thread that has sent it cannot run Python any more; its pipe is at rest nevertheless."""
    told, wait, spins = latch("told"), latch("wait"), latch("spins")
    site.edit("app.py", "def app(", HOG)
    site.edit("app.py", '    if path == "/hold":', """    if path == "/large":
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return [large(query)]
    elif path == "/hold":""")
    gate = site.gate()
    pid = gate.pid()
    gate.begin("/large", f"told={told.path}&wait={wait.path}&spins={spins.path}")
    gate.client.read_until(b"first")
    told.wait()
    wait.open()
    spins.wait()
    assert gate.client.response().is_ended
    kill(pid)
    assert gate.pid() != pid


def test_killed_in_flight(site: GateSite, latch: LatchMaker) -> None:
    told, wait = latch("told"), latch("wait")
    busy, idle = [site.gate(), site.gate()], [site.gate(), site.gate()]
    pid = {gate.pid() for gate in [*busy, *idle]}.pop()
    for gate in busy:
        gate.begin("/hold", f"told={told.path}&wait={wait.path}")
        told.wait()
    kill(pid)
    for gate in busy:
        answer = gate.client.response()
        assert answer.is_ended and answer.status == 500
        assert "The worker ended while it answered" in answer.text
        assert answer.stderr == b""
    pids = {gate.pid() for gate in [*busy, *idle]}
    assert len(pids) == 1 and pids != {pid}


def test_killed_by_its_own_request(site: GateSite) -> None:
    gate = site.gate()
    assert gate.client.ask("GET", "/die").status == 500
    assert gate.client.ask("GET", "/die").status == 500
    assert gate.pid()


def test_the_lost_request_keeps_its_id(site: GateSite) -> None:
    gate = site.gate()
    gate.client.start("GET", "/die", id=0xABCD)
    gate.client.end_body(0xABCD)
    assert gate.client.response(0xABCD).status == 500


def test_killed_in_the_middle_of_its_answer(site: GateSite, latch: LatchMaker) -> None:
    told, wait = latch("told"), latch("wait")
    gate, other = site.gate(), site.gate()
    pid = other.pid()
    gate.begin("/half", f"told={told.path}&wait={wait.path}")
    gate.client.read_until(b"first")
    told.wait()
    kill(pid)
    with pytest.raises(Closed) as closed:
        gate.client.response()
    assert closed.value.response.stdout == b"", "nothing may look like the rest of an answer"
    gate.wait_end()
    assert other.pid() != pid


def test_killed_while_the_body_is_half_read(site: GateSite, latch: LatchMaker) -> None:
    told = latch("told")
    gate, other = site.gate(), site.gate()
    pid = other.pid()
    gate.client.start("POST", "/read", f"told={told.path}", length=1000)
    gate.client.body(b"x" * 500)
    told.wait()
    kill(pid)
    # The place in the stream is lost: the pipe is of no more use, and nothing tells the web server that
    # it could send its next request down it.
    with pytest.raises(Closed) as closed:
        gate.client.response()
    assert closed.value.response.stdout == b""
    gate.wait_end()
    assert "IG080" in site.log.text()
    assert other.pid() != pid


def test_killed_before_the_params_are_complete(site: GateSite) -> None:
    """Half a request is nobody's: the pipe closes, and the web server asks again."""
    gate, other = site.gate(), site.gate()
    pid = other.pid()
    gate.pid()
    values = records.pairs(records.params())
    gate.client.send(records.begin(), records.record(records.PARAMS, values[:20]))
    other.pid()
    kill_at_rest(pid)
    try:
        gate.client.send(records.record(records.PARAMS, values[20:]), records.record(records.PARAMS),
                         records.record(records.STDIN))
        answer = gate.client.response()
    except (Closed, BrokenPipeError, ConnectionResetError):
        pass
    else:
        assert facts(answer)["pid"] != pid
    assert other.pid() != pid


def test_the_lost_request_is_in_the_log(site: GateSite) -> None:
    site.gate().client.ask("GET", "/die")
    site.log.wait_line("the worker has ended")
