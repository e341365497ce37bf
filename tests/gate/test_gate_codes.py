"""Owns the stable codes: for each way to fail at start, what page and log tell: code, cause, place, what mends it.

Does not own that answers are whole and starts not looped (``test_gate_start_failures``), nor when a start is tried
again (``test_gate_start_retries``).
"""

from __future__ import annotations

import html
import json
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass, field

import pytest

from support import programs
from support.fcgi_client import Client, Response
from support.gate_site import Gate, GateSite
from support.waiting import until

#: A shared library of a 32-bit system, as far as a loader looks.
ELF32 = b"\x7fELF\x01\x01\x01" + bytes(1017)

WORKING = "def app(environ, start_response):\n    start_response('200 OK', [])\n    return [b'fine']\n"


@dataclass
class Case:
    """A site that does not start. ``{site}`` and ``{folder}`` in texts are its folder and the one above."""

    code: str
    cause: str
    place: str
    mends: str
    files: dict[str, str | bytes] = field(default_factory=dict)
    target: str | None = "app:app"
    env: dict[str, str] = field(default_factory=dict)
    #: Files that may be started.
    programs: tuple[str, ...] = ()
    site: str | None = None


def app(code: str, cause: str, place: str, mends: str, source: str, target: str = "app:app") -> Case:
    """A case that is an app's source alone."""
    return Case(code, cause, place, mends, {"app.py": source}, target)


FAKE_PACKAGE = {"IISGATE_PYTHON": sys.executable, "PYTHONPATH": "{site}/fake"}
SITE_PYTHON = {"IISGATE_PYTHON": "{site}/python"}

CASES = {
    "site folder missing": Case("IG010", "cannot be entered", "{site}/nowhere", "--site DIR", site="nowhere"),
    "web.config malformed": Case(
        "IG011", "web.config:3:1: not well-formed XML", "{site}/web.config:3:1", "iisgate serve",
        {"web.config": "<configuration>\n<appSettings>\n</configuration>"}),
    "web.config says what cannot be": Case(
        "IG011", "needs the attribute: key", "{site}/web.config:2:", "correct the file",
        {"web.config": "<configuration><appSettings>\n<add value='1'/></appSettings></configuration>"}),
    "pyproject key unknown": Case(
        "IG011", "thread", "{site}/pyproject.toml:2:1", "correct the file",
        {"pyproject.toml": "[tool.iisgate]\nthread = 3\n"}),
    "working directory missing": Case(
        "IG012", "there is no folder {site}/data", "{site}/pyproject.toml", 'mkdir "{site}/data"',
        {"pyproject.toml": "[tool.iisgate]\nworking-directory = 'data'\n"}),
    "no interpreter": Case(
        "IG020", "no Python was found", "{site}", '-m venv "{site}/.venv"', env={"IISGATE_PYTHON": "", "PATH": ""}),
    "named interpreter missing": Case(
        "IG021", "there is no Python at /no/such/python", "/no/such/python", "IISGATE_PYTHON",
        env={"IISGATE_PYTHON": "/no/such/python"}),
    "venv moved": Case(
        "IG022", "the Python behind the virtual environment {site}/.venv is gone", "{site}/.venv/pyvenv.cfg",
        'python -m venv --upgrade "{site}/.venv"',
        {".venv/pyvenv.cfg": "home = /old/python\n", ".venv/bin/python": "-> /old/python/bin/python3"},
        env={"IISGATE_PYTHON": ""}),
    "interpreter not executable": Case(
        "IG023", "Python cannot be started: {site}/python: Permission denied", "{site}/python",
        'chmod -R a+rX "{site}"', {"python": "#!/bin/sh\n"}, env=SITE_PYTHON),
    "interpreter is no program": Case(
        "IG024", "Python cannot be started: {site}/python: Exec format error", "{site}/python", "--python PATH",
        {"python": "not a program\n"}, env=SITE_PYTHON, programs=("python",)),
    "interpreter too old": Case(
        "IG025", "Python 2.7.18 (64-bit) is too old", "{site}/python", "-m venv --clear .venv",
        {"python": "#!/bin/sh\n[ \"$1\" = -c ] && echo 2.7.18 64\necho 'No module named iisgate' >&2\nexit 1\n"},
        env=SITE_PYTHON, programs=("python",)),
    "wrong bitness": Case(
        "IG026", "not of the same kind (32 or 64 bits)", sys.executable, "--force-reinstall --no-cache-dir iisgate",
        {"fake/iisgate/__init__.py": "", "fake/iisgate/__main__.py": "import iisgate._native",
         "fake/iisgate/_native.so": ELF32}, env=FAKE_PACKAGE),
    "Python without its library": Case(
        "IG027", "does not find its own library", sys.executable, "PYTHONHOME",
        env={"PYTHONHOME": "{site}/nowhere"}),
    "iisgate not installed": Case(
        "IG030", "iisgate is not installed for {folder}/bare/bin/python", "{folder}/bare/bin/python",
        "{folder}/bare/bin/python -m pip install iisgate",
        env={"PYTHONPATH": "", "IISGATE_PYTHON": "{folder}/bare"}),
    "built for another Python": Case(
        "IG031", "iisgate was built for another Python than Python 3.", sys.executable,
        "--force-reinstall --no-cache-dir iisgate",
        {"fake/iisgate/__init__.py": "", "fake/iisgate/__main__.py": "import iisgate._native"}, env=FAKE_PACKAGE),
    "no app found": Case("IG040", "no app was found in {site}", "{site}", "iisgate fcgi module:attr", target=None),
    "wrong TARGET": Case("IG041", "not a TARGET: 'a b c'", "TARGET 'a b c'", "module:factory()", target="a b c"),
    "file of the TARGET missing": Case(
        "IG042", "names a file that is not there: {site}/shop.py", "{site}/shop.py", "app.py", {"app.py": WORKING},
        target="shop.py:app"),
    "module missing": Case(
        "IG043", "there is no module 'shops'", "{site}", "did you mean shop?", {"shop.py": WORKING},
        target="shops:app"),
    "module in a folder below": Case(
        "IG043", "there is no module 'wsgi'", "{site}", "did you mean project.wsgi?",
        {"project/wsgi.py": WORKING}, target="wsgi:app"),
    "attribute missing": app(
        "IG044", "app has no attribute 'aplication'", "{site}/app.py", "did you mean application?",
        WORKING.replace("app(", "application("), target="app:aplication"),
    "dotted name that leads nowhere": app(
        "IG044", "'app.nothing' cannot be resolved", "{site}/app.py", "in app there are: app", WORKING, "app.nothing"),
    "no app": app("IG045", "a int cannot be called", "TARGET app:app", "environ and start_response", "app = 42\n"),
    "startup of an ASGI app": app(
        "IG046", "the ASGI app's startup failed: OSError: no database", "{site}/app.py:4", "iisgate serve --debug",
        "async def app(scope, receive, send):\n    await receive()\n    try:\n        raise OSError('no database')\n"
        "    except OSError:\n        await send({'type': 'lifespan.startup.failed'})\n        raise\n"),
    "factory without parentheses": app(
        "IG047", "it takes no arguments, not environ and start_response", "{site}/app.py:1",
        "iisgate fcgi app:create_app()", "def create_app():\n    return None\n", "app:create_app"),
    "import missing": app(
        "IG050", "ModuleNotFoundError: No module named 'nosuchmodule'", "{site}/app.py:2",
        "-m pip install nosuchmodule", "import os\nimport nosuchmodule\n"),
    "import missing, of another name": Case(
        "IG050", "No module named 'win32api'",
        "{site}/deep.py:3", "-m pip install pywin32",
        {"app.py": "import deep\n", "deep.py": "# The app's own.\n\nimport win32api\n"}),
    "syntax error": app(
        "IG051", "SyntaxError", "{site}/app.py:2:", 'py_compile "{site}/app.py"', "x = 1\ndef app(:\n    pass\n"),
    "syntax of Python 2": app(
        "IG051", "SyntaxError", "{site}/app.py:1:1", "written for Python 2", "print 'hello'\n"),
    "library missing": app(
        "IG052", "libnosuch.so.9: cannot open shared object file", "{site}/app.py:2",
        "the system does not find libnosuch.so.9", "import ctypes\nctypes.CDLL('libnosuch.so.9')\n"),
    "import error": Case(
        "IG053", "cannot import name 'nothing' from 'other'", "{site}/app.py:1", "-m pip check",
        {"app.py": "from other import nothing\n", "other.py": ""}),
    "modules that import each other": Case(
        "IG053", "partially initialized module", "{site}/b.py:1", "import each other",
        {"app.py": "import a\n", "a.py": "from b import x\ny = 1\n", "b.py": "from a import y\nx = 1\n"}),
    "file that hides a package": Case(
        "IG053", "'email' is not a package", "{site}/app.py:3", "rename it",
        {"app.py": "import sys\nsys.modules.pop('email', None)\nimport email.nothing\n", "email.py": ""}),
    "app raises": app("IG054", "RuntimeError: the database is away", "{site}/app.py:2", "iisgate serve --debug",
                      "def connect():\n    raise RuntimeError('the database is away')\nconnect()\n"),
    "factory raises": app("IG055", "KeyError: 'SHOP'", "{site}/app.py:2", "the factory was called without arguments",
                          "def make():\n    raise KeyError('SHOP')\n", "app:make()"),
    "factory wants arguments": app(
        "IG055", "missing 1 required positional argument: 'settings'", "{site}/app.py:1",
        "the factory was called without arguments", "def make(settings):\n    pass\n", "app:make()"),
    "app exits": app("IG056", "SystemExit: no licence", "{site}/app.py:2", '__name__ == "__main__"',
                     "import sys\nsys.exit('no licence')\n"),
    "library of another kind": Case(
        "IG057", "wrong ELF class: ELFCLASS32", "{site}/app.py:2", "another kind of processor",
        {"app.py": "import ctypes, os\nctypes.CDLL(os.path.dirname(__file__) + '/old.so')\n", "old.so": ELF32}),
    "file not for the app": app(
        "IG058", "Permission denied: '/secret'", "{site}/app.py:1", "ls -l \"/secret\"",
        "raise PermissionError(13, 'Permission denied', '/secret')\n"),
    "worker killed": app("IG060", "signal: 9 (SIGKILL), somebody killed it", sys.executable, "-X faulthandler",
                         "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"),
    "worker crashes": app("IG060", "a compiled module touched memory that is not its own", sys.executable,
                          "-X faulthandler", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n"),
    "worker exits": app("IG060", "exit status: 7", sys.executable, "-X faulthandler", "import os\nos._exit(7)\n"),
    "meeting place not private": Case(
        "IG072", "the folder for gates and workers cannot be used", "", "XDG_RUNTIME_DIR",
        {"run/iisgate/x": ""}, env={"XDG_RUNTIME_DIR": "{site}/run"}),
    "meeting place cannot be made": Case(
        "IG072", "the folder for gates and workers cannot be used", "", "Remove the folder",
        {"run/iisgate": "a file"}, env={"XDG_RUNTIME_DIR": "{site}/run"}),
    "disk full": app("IG073", "No space left on device", "{site}/app.py:2", "df -h",
                     "file = open('/dev/full', 'wb', 0)\nfile.write(b'x')\n"),
    "no memory": app("IG075", "MemoryError", "{site}/app.py:1", "free -h", "x = bytes(1 << 62)\n"),
}

#: Codes that have tests of their own, below.
OTHERS = {"IG070", "IG071", "IG080", "IG081"}

#: Codes without a test here, and why.
UNTESTED = {
    "IG074": "no request fails for it: test_gate_logs asks for it",
    "IG001": "what nobody has foreseen",
    "IG061": "a worker is waited for a minute",
    "IG062": "told on Windows alone",
    "IG090": "test_gate_helpers_failing asks for it",
    "IG091": "test_gate_helpers_failing asks for it",
    "IG092": "test_gate_helpers_failing asks for it",
}


def _filled(site: GateSite, text: str) -> str:
    return text.replace("{site}", str(site.path)).replace("{folder}", str(site.folder))


def _prepare(site: GateSite, case: Case) -> dict[str, str]:
    """Writes the case's files; the environment for its gate."""
    (site.path / "app.py").unlink()
    for name, content in case.files.items():
        path = site.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content.startswith("-> "):
            path.symlink_to(content.removeprefix("-> "))
        else:
            path.write_text(content, encoding="utf-8")
    for name in case.programs:
        (site.path / name).chmod(0o755)
    return {name: _filled(site, value) for name, value in case.env.items()}


def _gate(site: GateSite, case: Case, env: dict[str, str], *arguments: str) -> Gate:
    folder = site.path / case.site if case.site else True
    return site.gate(*arguments, target=case.target, env=env, site=folder)


def _text(answer: Response) -> str:
    assert answer.is_ended and answer.status == 500 and answer.stderr == b""
    return html.unescape(answer.text)


@pytest.mark.parametrize("name", CASES)
def test_code_cause_place_and_what_mends_it_are_told(
    site: GateSite, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[name]
    env = _prepare(site, case)
    if case.code == "IG020":
        # A folder in which no interpreter lies.
        monkeypatch.setenv("IISGATE_EXE", str(shutil.copy(programs.iisgate(), site.folder)))
    if case.code == "IG030":
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(site.folder / "bare")], check=True)
    cause, place, mends = (_filled(site, text) for text in (case.cause, case.place, case.mends))
    for accept in ("text/html", "text/plain"):
        full = _text(_gate(site, case, env, "--debug").client.ask(HTTP_ACCEPT=accept))
        for text in (case.code, cause, place, mends, f"iisgate explain {case.code}"):
            assert text in full, f"{text!r} is not in: {full}"
    visitor = _gate(site, case, env).client.ask(path="/secret-path", HTTP_ACCEPT="text/plain")
    seen = re.fullmatch(rf"500 – .*\n\n{case.code} · request ([0-9a-f]{{8}}-\d+)\n", _text(visitor))
    assert seen, f"a visitor sees code and request alone: {_text(visitor)}"
    log = site.log.wait(f"{case.code} · request {seen[1]}")
    for text in (f"{case.code}: ", cause, place, mends):
        assert text in log, f"{text!r} is not in: {log}"
    line = next(line for line in log.splitlines() if seen[1] in line)
    assert "/secret-path" in line and " ERROR " in line


def test_a_line_with_a_caret_shows_where_the_syntax_breaks(site: GateSite) -> None:
    site.write("app.py", "x = 1\ndef app(:\n    pass\n")
    full = _text(site.gate("--debug").client.ask(HTTP_ACCEPT="text/plain"))
    shown = re.search(r"^ *def app\(:\n( *)\^", full, re.MULTILINE)
    assert shown, full
    column = re.search(rf"{re.escape(str(site.path))}/app\.py:2:(\d+)", full)
    assert column and int(column[1]) == 9


@pytest.mark.parametrize("how", ["tcp", "unix"])
def test_a_taken_address_is_told_at_the_console(site: GateSite, how: str) -> None:
    kind = socket.AF_INET if how == "tcp" else socket.AF_UNIX
    with socket.socket(kind) as taken:
        taken.bind(("127.0.0.1", 0) if how == "tcp" else str(site.folder / "s"))
        taken.listen()
        endpoint = f"tcp:127.0.0.1:{taken.getsockname()[1]}" if how == "tcp" else f"unix:{site.folder}/s"
        process = site.fcgi(f"--listen={endpoint}")
        assert process.wait_end() == 2
    for text in ("IG070: cannot listen at", f"place: {endpoint}", "hint: ", "command: ", "iisgate explain IG070"):
        assert text in process.text


def test_an_address_that_cannot_be_had_is_told_at_the_console(site: GateSite) -> None:
    process = site.fcgi(f"--listen=unix:{site.folder}/no/such/folder/s")
    assert process.wait_end() == 2
    for text in ("IG071: cannot listen at", "place: unix:", "iisgate explain IG071"):
        assert text in process.text


@pytest.mark.parametrize(
    "name", ["import missing", "worker exits", "named interpreter missing", "web.config malformed"]
)
def test_with_listen_all_is_told_at_the_console(site: GateSite, name: str) -> None:
    case = CASES[name]
    process = site.fcgi(f"--listen=unix:{site.folder}/s", env=_prepare(site, case))
    assert process.wait_end() == 1
    cause, place, mends = (_filled(site, text) for text in (case.cause, case.place, case.mends))
    for text in (f"{case.code}: ", cause, f"place: {place}", mends, f"iisgate explain {case.code}"):
        assert text in process.text, f"{text!r} is not in: {process.text}"


def test_a_request_lost_with_its_worker_has_a_code(site: GateSite) -> None:
    site.write("app.py", "import os\ndef app(environ, start_response):\n    os._exit(3)\n")
    answer = _text(site.gate().client.ask())
    number = re.search(r"[0-9a-f]{8}-\d+", answer)
    assert "IG080" in answer and number
    site.log.wait(f"IG080 · request {number[0]}")


def test_a_worker_that_ends_again_and_again_has_a_code(site: GateSite) -> None:
    """On a listening socket: its worker dies as soon as it is asked something."""
    site.write("app.py", "import os\ndef app(environ, start_response):\n    os._exit(3)\n")
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        address = theirs.getsockname()
        site.fcgi(stdin=theirs)

    def told() -> bool:
        with Client.connect(address) as client:
            try:
                return "IG081" in client.ask(keep=False).text
            except Exception:  # The worker took the connection with it.
                return False

    until("the gate answers between two workers", told)


def test_every_code_is_explained_and_tested() -> None:
    told = subprocess.run([programs.iisgate(), "explain", "-o", "json"], check=True, capture_output=True).stdout
    codes = {entry["code"] for entry in json.loads(told) if entry["code"].startswith("IG")}
    tested = {case.code for case in CASES.values()} | OTHERS
    assert tested | UNTESTED.keys() == codes
    assert not tested & UNTESTED.keys()


def test_codes_that_python_names_are_in_the_table() -> None:
    sources = (programs.REPOSITORY / "python" / "iisgate").glob("*.py")
    named = {code for path in sources for code in re.findall(r'"(IG\d+)"', path.read_text(encoding="utf-8"))}
    assert len(named) > 10
    for code in named:
        assert _explain(code).returncode == 0, code


def _explain(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([programs.iisgate(), "explain", *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("word", ["IG050", "ig50", "50"])
def test_explain_prints_a_codes_page(word: str) -> None:
    ended = _explain(word)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("IG050 – The app imports a module that is not there\n")
    assert "pip install" in ended.stdout


def test_explain_lists_all_and_offers_the_nearest() -> None:
    listed = [line[:5] for line in _explain().stdout.splitlines() if line.startswith("IG")]
    assert listed and listed == sorted(set(listed))
    for word, near in (("IG059", "IG058"), ("dll", "IG052"), ("disk", "IG073")):
        ended = _explain(word)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert f"there is no code {word}" in ended.stderr and near in ended.stderr
    assert "lists all codes" in _explain("xyzzy").stderr


@pytest.mark.parametrize("word", ["0xC0000135", "c0000135", "3221225781", "-1073741515"])
def test_explain_knows_how_windows_ends_processes(word: str) -> None:
    """As the event log, a page or a debugger writes the number."""
    ended = _explain(word)
    assert ended.returncode == 0
    assert ended.stdout.startswith("0xC0000135 – STATUS_DLL_NOT_FOUND: a DLL that python.exe needs was not found\n")
    assert "iisgate explain IG052" in ended.stdout


def test_one_code_as_json() -> None:
    told = json.loads(_explain("IG050", "--output", "json").stdout)
    assert told["code"] == "IG050" and told["mend"][0]["command"].startswith("python -m pip")
