"""Owns that our gate and worker, and where they can strangers, bear every way in which IIS may behave on Windows.

Does not own what each way does where Windows makes no difference: ``tests/serve/test_serve_as_iis.py`` does.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import select
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path, PureWindowsPath
from typing import Any

import pytest

from native.programs import STRANGERS
from serve_support import sites
from support import living, places
from support.launch import Argument, run_program
from support.paths import to_windows
from support.serving import Serving, served
from support.waiting import until

WAYS = [
    "synchronous-pipe", "connect-late", "null-output", "strict-job", "fixed-id", "cut-records", "ansi", "body-first",
    "buffer-response", "keep-on-disconnect", "abort", "allow-path-info", "old-defaults",
]  # fmt: skip

#: wfastcgi reads at once, wants every pair of params whole within a record, and takes PATH_INFO for the whole path.
NOT_WFASTCGI_S = {"connect-late", "cut-records", "allow-path-info"}

MIB = 1024 * 1024
BODY = os.urandom(300_000)
BLOCK = bytes(range(256)) * 256

STRANGERS_OF_SERVE = Path(__file__).resolve().parent / "serve_support" / "strangers"

#: By what the instances of one test are told from others.
STARTER = "--threads 13"

#: Starts the stand-in for our app with these ways, or gives the one that runs.
Serve = Callable[..., Serving]

_names = itertools.count()


@pytest.fixture(scope="module")
def in_way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """One stand-in for each set of ways, kept until the last of these tests."""
    running: dict[str, Serving] = {}
    with ExitStack() as all_of_them:

        def serve(*ways: str) -> Serving:
            chosen = ",".join(ways)
            if chosen not in running:
                # Its letters are in code page 1252, so that they arrive in the two ways.
                site = sites.site(tmp_path_factory.mktemp("ways") / "Sæt på øen", "noting")
                words = ["--max-instances=3", *([f"--as-iis={chosen}"] if chosen else [])]
                running[chosen] = all_of_them.enter_context(served(site, *words))
            return running[chosen]

        yield serve


def exercise(serving: Serving) -> None:
    """A page, uploads of known and unknown length, a body that is left unread, a large answer."""
    told = serving.get("/environ?x=%C3%A9", X_Asked="yes").json()["environ"]
    assert (told["SCRIPT_NAME"], told["PATH_INFO"], told["QUERY_STRING"]) == ("", "/environ", "x=%C3%A9")
    assert (told["HTTP_X_ASKED"], told["REQUEST_URI"]) == ("yes", "/environ?x=%C3%A9")
    for size in (0, 1, 10_000, len(BODY)):
        told = serving.ask("POST", "/digest", BODY[:size]).json()
        assert (told["length"], told["sha256"]) == (size, hashlib.sha256(BODY[:size]).hexdigest())
    told = serving.ask("POST", "/digest", iter([b"in ", b"chunks"])).json()
    assert told["sha256"] == hashlib.sha256(b"in chunks").hexdigest()
    assert serving.ask("POST", "/left", BODY).json()["path"] == "/left"
    assert serving.get("/bytes?mib=9").ok().body == BLOCK * 16 * 9


def test_no_way_is_forgotten() -> None:
    told = run_program(places.IISGATE, "serve", "--help")
    assert re.findall(r"^ +- ([a-z-]+):", told, re.MULTILINE) == WAYS


@pytest.mark.parametrize("way", [*WAYS, ",".join(WAYS)], ids=lambda way: way if "," not in way else "all")
def test_ours_in_every_way(in_way: Serve, way: str) -> None:
    exercise(in_way(*way.split(",")))


@pytest.mark.parametrize("way", [way for way in WAYS if way not in NOT_WFASTCGI_S])
def test_wfastcgi_in_every_way(tmp_path: Path, way: str) -> None:
    handler = sites.handler("-m wfastcgi", program=places.base_python())
    site = sites.site(tmp_path / "site", "noting", handler, settings={"WSGI_HANDLER": "app.app"})
    packages: dict[str, Argument] = {"PYTHONPATH": places.VENV / "Lib" / "site-packages"}
    with served(site, "--max-instances=1", f"--as-iis={way}", env=packages) as serving:
        exercise(serving)


def started(tmp_path: Path, stranger: Path, *ways: str) -> dict[str, str]:
    """The headers by which a stranger tells how it was started."""
    site = tmp_path / "site"
    site.mkdir()
    handler = sites.handler(f'"{to_windows(stranger)}"', program=places.base_python())
    (site / "web.config").write_text(sites.web_config(handler), encoding="utf-8")
    # They know no other id.
    with served(site, f"--as-iis={','.join(['fixed-id', *ways])}", env={"CONFIGURED": "yes"}) as serving:
        return dict(serving.get("/").ok().headers)


def test_instances_are_started_as_iis_does(tmp_path: Path) -> None:
    told = started(tmp_path, STRANGERS / "telling.py")
    assert re.fullmatch(r"\\\\\.\\pipe\\IISFCGI-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", told["X-Pipe"])
    assert (told["X-Server-End"], told["X-Output"]) == ("1", "-1"), "no output: not NUL, no handle at all"
    assert (told["X-Event"], told["X-Event-Is-Set"], told["X-Inherited"]) == ("False", "False", "1")
    assert (told["X-Console"], told["X-Job"], told["X-Configured"]) == ("False", "True", "yes")
    python = PureWindowsPath(to_windows(places.base_python()))
    assert (told["X-Executable"], told["X-Folder"]) == (str(python), str(python.parent))


def test_null_output(tmp_path: Path) -> None:
    told = started(tmp_path, STRANGERS / "telling.py", "null-output")
    assert int(told["X-Output"]) > 0 and told["X-Inherited"] == "2"


@pytest.mark.parametrize("way", ["fixed-id", "synchronous-pipe"])
def test_synchronous_pipe(tmp_path: Path, way: str) -> None:
    told = started(tmp_path, STRANGERS_OF_SERVE / "manner.py", way)
    assert told["X-Synchronous"] == str(way == "synchronous-pipe")


APPLICATION_HOST = r"""<configuration>
<system.applicationHost><sites><site name="Intranet" id="7">
 <application path="/"><virtualDirectory path="/" physicalPath="{site}" /></application>
 <bindings><binding protocol="http" bindingInformation="127.0.0.1:0:" /></bindings>
</site></sites></system.applicationHost>
<system.webServer>
 <fastCgi><application fullPath="{program}" arguments="{arguments}" {attributes}>
  <environmentVariables><environmentVariable name="COLOUR" value="blå" /></environmentVariables>
 </application></fastCgi>
 <handlers accessPolicy="Read, Script" />
</system.webServer>
</configuration>
"""


@pytest.fixture
def configured(tmp_path: Path) -> Iterator[Callable[[str], Serving]]:
    """Serves our app by an applicationHost.config with these attributes of its FastCGI application."""
    with ExitStack() as end:

        def serve(attributes: str) -> Serving:
            site = tmp_path / "site"
            # A listening socket brings no request by which the gate could learn where the site is.
            arguments = sites.fcgi("app:app", "--site", to_windows(site))
            sites.site(site, "noting", sites.handler(arguments))
            values = {"site": to_windows(site), "program": sites.OURS, "arguments": arguments}
            config = tmp_path / "applicationHost.config"
            config.write_text(APPLICATION_HOST.format(**values, attributes=attributes), encoding="utf-8")
            return end.enter_context(served(None, "--config", config, "--site", "Intranet"))

        yield serve


@pytest.mark.parametrize("protocol", ["NamedPipe", "Tcp"])
def test_an_application_host_s_protocol(configured: Callable[[str], Serving], protocol: str) -> None:
    serving = configured(f'protocol="{protocol}" maxInstances="2" signalBeforeTerminateSeconds="5"')
    exercise(serving)
    assert serving.get("/environ").json()["environ"]["INSTANCE_ID"] == "7"


def latin(text: str) -> str:
    """As WSGI has text."""
    return text.encode().decode("latin-1")


@pytest.mark.parametrize("ways", [(), ("ansi",)], ids=["utf8", "ansi"])
def test_names_of_the_code_page_reach_the_app_as_utf8(in_way: Serve, ways: tuple[str, ...]) -> None:
    """The gate finds the site's folder, too, whose name comes in the code page."""
    told = in_way(*ways).get("/environ/%C3%A6%C3%B8%C3%A5/x").json()["environ"]
    assert told["PATH_INFO"] == latin("/environ/æøå/x")
    for name in ("PATH_TRANSLATED", "SCRIPT_FILENAME"):
        assert told[name].endswith(latin(r"\Sæt på øen\environ\æøå\x")), name
    assert told["APPL_PHYSICAL_PATH"].endswith(latin("\\Sæt på øen\\"))


def test_what_the_code_page_lacks_is_read_from_the_url(in_way: Serve) -> None:
    told = in_way("ansi").get("/environ/%C5%82%C3%B3d%C5%BA/%E6%97%A5").json()["environ"]
    assert told["PATH_INFO"] == latin("/environ/łódź/日")


def is_silent(sock: Any, seconds: float = 0.3) -> bool:
    return not select.select([sock], [], [], seconds)[0]


@pytest.mark.parametrize("ways", [(), ("body-first",)], ids=["default", "body-first"])
def test_body_first(in_way: Serve, ways: tuple[str, ...]) -> None:
    serving, name = in_way(*ways), next(_names)
    head = f"POST /unread?name={name} HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
    with serving.raw(f"{head}first".encode()) as sock:
        serving.get(f"/reached?name={name}").ok()
        if ways:
            assert is_silent(sock), "the answer is made, and nobody reads it"
            sock.sendall(b"later")
        assert sock.recv(20).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    ("ways", "size", "there"), [((), 1000, 1000), (("buffer-response",), 5 * MIB, 4 * MIB)], ids=["default", "buffered"]
)
def test_how_much_is_there_while_the_app_works_on(in_way: Serve, ways: tuple[str, ...], size: int, there: int) -> None:
    serving, name = in_way(*ways), next(_names)
    connection = serving.connect()
    connection.request("GET", f"/pieces?name={name}&size={size}&count=2")
    response = connection.getresponse()
    assert len(response.read(there)) == there
    serving.get(f"/reached?name={name}").ok()
    serving.get(f"/go?name={name}").ok()
    assert len(response.read()) == 2 * size - there
    assert serving.get(f"/ended?name={name}").json()["ended"] == "2"
    connection.close()


@pytest.mark.parametrize(
    ("ways", "serves_on", "count", "taken"),
    [
        ((), False, 1_000_000, range(1, 999_999)),
        (("keep-on-disconnect",), True, 300, range(300, 301)),
        (("abort",), True, 1_000_000, range(1, 999_999)),
    ],
    ids=["default", "keep-on-disconnect", "abort"],
)
def test_a_client_that_goes_in_the_middle_of_its_answer(
    in_way: Serve, ways: tuple[str, ...], serves_on: bool, count: int, taken: range
) -> None:
    serving, name = in_way(*ways), next(_names)
    worker = serving.get("/").json()["pid"]
    path = f"/pieces?name={name}&size=65536&count={count}"
    with serving.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as sock:
        assert sock.recv(100)
        serving.get(f"/reached?name={name}").ok()
    line = serving.until_told(f"{path} ")
    assert " cut off" in line
    serving.get(f"/go?name={name}").ok()
    assert int(serving.get(f"/ended?name={name}").json()["ended"]) in taken, "the app is told by close()"
    assert serving.get("/").json()["pid"] == worker, "one visitor's leave is nothing to the others"
    (instance,) = re.findall(r" instance (\d+)", line)

    def asked_again() -> bool:
        asked = f"/again?{next(_names)}"
        serving.get(asked).ok()
        serving.until_told(f"{asked} ")
        return instance in serving.instances(asked)

    if serves_on:
        until(f"instance {instance} to serve on", asked_again)
    else:
        assert not any(asked_again() for _ in range(5))


@pytest.mark.parametrize(
    ("ways", "seen"),
    [((), "gave the request up"), (("keep-on-disconnect",), "0 more"), (("abort",), "gave the request up")],
    ids=["default", "keep-on-disconnect", "abort"],
)
def test_a_client_that_goes_in_the_middle_of_its_upload(in_way: Serve, ways: tuple[str, ...], seen: str) -> None:
    serving, name = in_way(*ways), next(_names)
    worker = serving.get("/").json()["pid"]
    head = f"POST /upload?name={name} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    with serving.raw(head.encode() + 10 * b"x"):
        serving.get(f"/reached?name={name}").ok()
    assert seen in serving.get(f"/ended?name={name}").json()["ended"]
    assert serving.get("/").json()["pid"] == worker


@pytest.mark.parametrize("ways", [[], ["--as-iis=strict-job"]], ids=["default", "strict-job"])
def test_the_end_of_the_instance_that_started_the_worker(tmp_path: Path, ways: list[str]) -> None:
    """Where its job takes the worker along, the next instance starts another."""
    site = sites.site(tmp_path / "site", "noting", sites.handler(sites.fcgi("app:app", STARTER)))
    with served(site, "--max-instances=1", *ways) as serving:
        worker, name = serving.get("/").json()["pid"], next(_names)
        path = f"/pieces?name={name}&size=65536&count=1000000"
        with serving.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()) as sock:
            assert sock.recv(100)
        assert " cut off" in serving.until_told(f"{path} ")
        if ways:
            until("another worker to serve", lambda: serving.get("/").json()["pid"] != worker)
        else:
            serving.get("/").ok()
            until("the starter to be gone", lambda: len(living.alive("iisgate.exe", STARTER)) == 1)
            assert serving.get("/").json()["pid"] == worker
            serving.get(f"/go?name={name}").ok()
            assert int(serving.get(f"/ended?name={name}").json()["ended"]) < 1_000_000
