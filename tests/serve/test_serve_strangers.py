"""Owns that FastCGI applications of others run behind the stand-in: php-cgi, libfcgi, a plain one.

Does not own ours.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support import programs
from support.gate_site import SITES
from support.serve_site import Serve, ServeSite, handler
from support.waiting import Latch

BODY = os.urandom(3_000_000)

HOST = """<configuration>
<system.applicationHost><sites><site name="It" id="1">
 <application path="/"><virtualDirectory path="/" physicalPath="{folder}" /></application>
 <bindings><binding protocol="http" bindingInformation="127.0.0.1:0:" /></bindings>
</site></sites></system.applicationHost>
<system.webServer>
 <fastCgi><application fullPath="{program}" arguments="{arguments}" protocol="{protocol}" maxInstances="{instances}"
   instanceMaxRequests="{php_requests}">
  <environmentVariables><environmentVariable name="COLOUR" value="blue" />
   <environmentVariable name="PHP_FCGI_MAX_REQUESTS" value="{php_requests}" /></environmentVariables>
 </application></fastCgi>
 <handlers accessPolicy="Read, Script" />
</system.webServer>
</configuration>
"""


def _serve(site: ServeSite, program: str, arguments: str = "", protocol: str = "Tcp", path: str = "*",
           instances: int = 4, php_requests: int = 10_000) -> Serve:
    site.write("web.config", handler(f"{program}|{arguments}" if arguments else program, path))
    file = site.folder / "applicationHost.config"
    file.write_text(HOST.format(folder=site.path, program=program, arguments=arguments, protocol=protocol,
                                instances=instances, php_requests=php_requests))
    return site.serve(f"--config={file}", dir=False)


MakeSite = Callable[..., ServeSite]


@pytest.fixture
def php(make_site: MakeSite) -> Serve:
    return _serve(make_site("php"), programs.system("php-cgi"), path="*.php")


def test_php_get_and_head(php: Serve) -> None:
    told = php.get("/facts.php?a=1&b=x%20y", X_Asked="yes").json()
    assert told["query"] == {"a": "1", "b": "x y"}
    assert (told["method"], told["header"], told["environment"]) == ("GET", "yes", "blue")
    assert told["script"].endswith("/site/facts.php")
    head = php.ask("HEAD", "/facts.php")
    assert (head.status, head.body) == (200, b"")


def test_php_post(php: Serve) -> None:
    for _ in range(3):
        told = php.ask("POST", "/facts.php", BODY, {"Content-Type": "application/octet-stream"}).json()
        assert (told["length"], told["sha256"]) == (len(BODY), hashlib.sha256(BODY).hexdigest())


def test_php_status_and_cookies(php: Serve) -> None:
    answer = php.get("/status.php")
    assert (answer.status, answer.text, answer.headers["X-Kind"]) == (418, "short and stout", "teapot")
    assert answer.headers.get_all("Set-Cookie") == ["first=one", "second=two"]


def test_php_at_once(php: Serve) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: php.get(f"/facts.php?n={n}").json(), range(40)))
    assert sorted(int(each["query"]["n"]) for each in told) == list(range(40))
    assert len({each["pid"] for each in told}) <= 4


def test_php_that_ends_by_itself_is_replaced(make_site: MakeSite) -> None:
    """With PHP_FCGI_MAX_REQUESTS equal to instanceMaxRequests, as PHP's manual wants it."""
    serve = _serve(make_site("php"), programs.system("php-cgi"), path="*.php", instances=1, php_requests=3)
    pids = [serve.get("/facts.php").json()["pid"] for _ in range(10)]
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 3, 1]


def test_php_leaves_nothing(make_site: MakeSite) -> None:
    site = make_site("php")
    serve = _serve(site, programs.system("php-cgi"), path="*.php")
    serve.get("/facts.php").json()
    serve.process.terminate()
    assert serve.wait_end() == 0
    assert site.processes() == {}


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = programs.system("gcc", "cc")
    made = tmp_path_factory.mktemp("libfcgi") / "app"
    source = SITES / "libfcgi" / "app.c"
    done = subprocess.run([compiler, "-O1", "-o", made, source, "-lfcgi"], capture_output=True, text=True, check=False)
    if done.returncode:
        if "fcgi_stdio.h" in done.stderr or "-lfcgi" in done.stderr:
            programs.missing("libfcgi", done.stderr.splitlines()[0])
        pytest.fail(done.stderr)
    return made


def _lines(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def test_libfcgi(make_site: MakeSite, program: Path) -> None:
    serve = _serve(make_site("libfcgi"), str(program), instances=2)
    told = _lines(serve.get("/a/b?x=1", X_Asked="yes").text)
    assert told["QUERY_STRING"] == "x=1"
    assert told["HTTP_X_ASKED"] == "yes"
    assert told["REQUEST_METHOD"] == "GET"
    answer = serve.ask("POST", "/", BODY)
    assert answer.status == 200
    total = 0
    for byte in BODY:
        total = (total * 31 + byte) & 0xFFFFFFFF
    told = _lines(answer.text)
    assert (int(told["length"]), int(told["sum"])) == (len(BODY), total)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda n: serve.get(f"/?n={n}"), range(60)))
    assert sorted(int(_lines(answer.text)["QUERY_STRING"][2:]) for answer in answers) == list(range(60))
    assert len({answer.headers["X-Pid"] for answer in answers}) <= 2


@pytest.fixture
def plain(make_site: MakeSite) -> Serve:
    site = make_site("strangers")
    return _serve(site, sys.executable, str(site.path / "app.py"), protocol="NamedPipe")


def test_a_plain_application_on_a_pipe(plain: Serve) -> None:
    told = plain.get("/some/where?x=1", X_Asked="yes").json()
    assert told["role"] == 1 and told["keep"] is True
    assert told["params"]["QUERY_STRING"] == "x=1"
    assert told["params"]["HTTP_X_ASKED"] == "yes"
    assert told["environment"]["COLOUR"] == "blue"
    assert told["environment"]["_FCGI_X_PIPE_"].startswith("\\\\.\\pipe\\")
    assert told["environment"]["APP_POOL_ID"]


def test_a_plain_application_gets_bodies(plain: Serve) -> None:
    for size in (0, 1, 65_535, 65_536, len(BODY)):
        told = plain.ask("POST", "/", BODY[:size]).json()
        assert (told["length"], told["sha256"]) == (size, hashlib.sha256(BODY[:size]).hexdigest())


def test_a_plain_application_serves_one_at_a_time(plain: Serve) -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: plain.get(f"/?n={n}").json(), range(40)))
    assert sorted(int(each["params"]["QUERY_STRING"][2:]) for each in told) == list(range(40))
    assert len({each["pid"] for each in told}) <= 4


def test_a_client_that_has_all_of_the_answer_may_go_before_its_end(
    make_site: MakeSite, latch: Callable[[str], Latch]
) -> None:
    site = make_site("strangers")
    serve = _serve(site, sys.executable, str(site.path / "app.py"), protocol="NamedPipe", instances=1)
    wait = latch("wait")
    first = serve.get(f"/?wait={wait.path}").json()
    wait.open()
    second = serve.get("/").json()
    assert (first["pid"], first["served"]) == (second["pid"], second["served"] - 1)


@pytest.mark.parametrize("code, words", [
    ("raise SystemExit(3)", "exited unexpectedly"),
    ("import socket; socket.socket(fileno=0).sendall(b'HTTP/1.1 200 OK')", ""),
])
def test_an_application_that_breaks_is_told(make_site: MakeSite, code: str, words: str) -> None:
    site = make_site("strangers")
    site.write("app.py", code)
    serve = _serve(site, sys.executable, str(site.path / "app.py"), protocol="NamedPipe")
    for _ in range(3):
        answer = serve.get("/")
        assert answer.status == 500
        assert words in answer.text
