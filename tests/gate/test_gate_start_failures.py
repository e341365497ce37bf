"""Owns what is told when the app does not start: a whole answer, the cause in log and page, no loop.

Does not own what loading understands: see ``tests/worker``.
"""

from __future__ import annotations

import html
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support.fcgi_client import Response
from support.gate_site import Gate, GateSite, facts
from support.waiting import until

#: At most one start in a second is allowed; 20 quick requests take less than three.
STARTS_MAX = 4


@dataclass
class Case:
    """A site that does not start, and what must be told."""

    cause: str
    hint: str = ""
    target: str | None = "app:app"
    files: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable
    env: dict[str, str] = field(default_factory=dict)
    #: Where the cause is shown besides the log.
    is_python_started: bool = True


CASES = {
    "no interpreter": Case("there is no Python at /no/such/python", "IISGATE_PYTHON", python="/no/such/python",
                           is_python_started=False),
    "broken import": Case("ModuleNotFoundError: No module named 'nosuchmodule'",
                          files={"app.py": "import nosuchmodule\n"}),
    "syntax error": Case("SyntaxError", files={"app.py": "def app(:\n"}),
    "raises": Case("RuntimeError: the database is away",
                   files={"app.py": "raise RuntimeError('the database is away')"}),
    "exits": Case("SystemExit", files={"app.py": "import sys; sys.exit(3)"}),
    "no module": Case("No module named 'elsewhere'", target="elsewhere:app"),
    "no attribute": Case("nothing", target="app:nothing"),
    "no callable": Case("cannot be called", files={"app.py": "app = 42\n"}),
    "ASGI": Case("the ASGI app's startup failed: no database", "no database",
                 files={"app.py": "async def app(scope, receive, send):\n"
                                  "    await receive()\n"
                                  "    await send({'type': 'lifespan.startup.failed', 'message': 'no database'})\n"}),
    "bad target": Case("not a TARGET", target="a b c"),
    "no app found": Case("no app was found", "name it", target=None, files={"app.py": ""}),
    "bad web.config": Case("web.config:3:", "correct the file", is_python_started=False,
                           files={"web.config": "<configuration>\n<appSettings>\n<add kye='A' value='1'/>\n"
                                                "</appSettings>\n</configuration>"}),
    "malformed web.config": Case("web.config:3:", "correct the file", is_python_started=False,
                                 files={"web.config": "<configuration>\n<appSettings>\n</configuration>"}),
    "bad pyproject key": Case("pyproject.toml:3:1", "threads", is_python_started=False,
                              files={"pyproject.toml": "[tool.iisgate]\ntarget = 'app:app'\nthread = 3\n"}),
    "malformed pyproject": Case("pyproject.toml:1:", "correct the file", is_python_started=False,
                                files={"pyproject.toml": "[tool.iisgate\n"}),
    "dies while loading": Case("signal: 9",
                               files={"app.py": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"}),
    "exits hard while loading": Case("exit status: 7", files={"app.py": "import os; os._exit(7)"}),
}


def _broken(site: GateSite, case: Case, *arguments: str) -> Gate:
    for name, text in case.files.items():
        site.write(name, text)
    if case.target is None:
        (site.path / "app.py").unlink()
    return site.gate(*arguments, target=case.target, env={"IISGATE_PYTHON": case.python, **case.env})


def _is_whole(answer: Response) -> None:
    assert answer.is_ended and answer.app_status == 0 and answer.protocol_status == 0
    assert answer.status == 500
    assert answer.stderr == b"", "IIS would show it in place of the page"
    assert answer.header("Content-Length") == str(len(answer.body))
    assert (answer.header("Content-Type") or "").startswith("text/")


@pytest.mark.parametrize("name", CASES)
def test_the_cause_is_told(site: GateSite, name: str) -> None:
    case = CASES[name]
    for accept in ("text/html", "*/*"):
        shown = _broken(site, case, "--debug").client.ask(HTTP_ACCEPT=accept)
        _is_whole(shown)
        text = html.unescape(shown.text)
        assert case.cause in text and case.hint in text
        hidden = _broken(site, case).client.ask(HTTP_ACCEPT=accept)
        _is_whole(hidden)
        for secret in (case.cause, "Traceback", str(site.path)):
            assert secret not in html.unescape(hidden.text)
    log = site.log.wait(case.cause)
    assert case.hint in log


@pytest.mark.parametrize("name", CASES)
def test_a_failure_is_not_looped(site: GateSite, name: str) -> None:
    case = CASES[name]
    gates = [_broken(site, case) for _ in range(2)]
    for _ in range(10):
        for gate in gates:
            _is_whole(gate.client.ask())
    assert len(site.workers_started()) <= STARTS_MAX
    if not case.is_python_started:
        assert site.workers_started() == []
    assert site.processes().keys() >= {gate.process.pid for gate in gates}


@pytest.mark.parametrize("name", ["broken import", "exits hard while loading", "bad web.config", "bad pyproject key"])
def test_a_mended_site_serves_on_the_same_gate(site: GateSite, name: str) -> None:
    case = CASES[name]
    good = (site.path / "app.py").read_text()
    gate = _broken(site, case)
    _is_whole(gate.client.ask())
    site.write("app.py", good)
    for other in case.files.keys() - {"app.py"}:
        (site.path / other).unlink()
    answer = until("the mended site serves", lambda: (a := gate.client.ask()).status == 200 and a, pause=0.1)
    assert facts(answer)["version"] == "one"
    assert gate.process.poll() is None


def test_a_body_that_is_still_coming_does_no_harm(site: GateSite) -> None:
    """The answer is sent at once; the rest of the body belongs to nobody, and the pipe serves on."""
    gate = _broken(site, CASES["broken import"])
    body = b"x" * 3_000_000
    _is_whole(gate.client.ask("POST", "/digest", body=body))
    _is_whole(gate.client.ask("POST", "/digest", body=b"y" * 70_000))
    gate.client.start("POST", "/digest", length=200_000)
    _is_whole(gate.client.response())
    gate.client.body(b"z" * 200_000, end=True)
    _is_whole(gate.client.ask())


def test_a_web_server_that_closes_after_each_request(site: GateSite) -> None:
    gate = _broken(site, CASES["broken import"])
    _is_whole(gate.client.ask(keep=False))
    assert gate.client.is_closed()
    assert gate.wait_end() == 0


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has no iisgate."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


def test_an_interpreter_without_iisgate(site: GateSite, bare_python: Path) -> None:
    """A virtual environment's folder may be named instead of its interpreter, too."""
    case = Case("iisgate is not installed for", "-m pip install iisgate", python=str(bare_python),
                env={"PYTHONPATH": ""})
    answer = _broken(site, case, "--debug").client.ask()
    _is_whole(answer)
    assert case.cause in answer.text and case.hint in answer.text
    assert case.hint in site.log.wait(case.cause)


def test_a_target_that_is_no_program(site: GateSite) -> None:
    """Something that can be named, but not run as Python."""
    text = site.write("python", "not a program\n")
    answer = _broken(site, Case("", python=str(text)), "--debug").client.ask()
    _is_whole(answer)
    assert "Python cannot be started" in answer.text
