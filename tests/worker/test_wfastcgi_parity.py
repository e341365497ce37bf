"""Owns what wfastcgi's own suite (PTVS ``FastCgiTests2x``) asked, told anew for us.

The table at the end says of each of its cases which test here asks the same, or why none does.
Where wfastcgi sent the error's text to visitors as STDERR, we log it and answer 500.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from support.fcgi_client import Closed
from support.programs import REPOSITORY
from support.sites import web_config, write
from support.waiting import Latch
from support.worker import Worker

IIS = {"SERVER_SOFTWARE": "Microsoft-IIS/10.0", "APPL_MD_PATH": "/LM/W3SVC/1/ROOT"}

HELLO = """\
def handler(environ, start_response):
    start_response("200", [("Content-type", "text/html"), ("Custom-Header", "42")])
    return [b"<html>", b"<body>", b"hello world", b"</body>", b"</html>"]

def callable_handler():
    return handler

def error_handler(environ, start_response):
    start_response("404", [("Content-type", "text/html")])
    return [b"<html>", b"<body>", b"closed for two weeks", b"</body>", b"</html>"]

def environ_handler(environ, start_response):
    start_response("200", [])
    names = ("QUERY_STRING", "PATH_INFO", "SCRIPT_NAME")
    return ["".join(f"{name}: {environ[name]}\\n" for name in names).encode()]

nothing = None
"""

BAD_HEADERS = """\
import sys

def early(environ, start_response):
    try:
        start_response("200", [])
        raise Exception
        yield b"200 OK"
    except Exception:
        start_response("500", [], sys.exc_info())
        yield b"500 Error"

def late(environ, start_response):
    try:
        start_response("200", [])
        yield b"200 OK"
        raise Exception("after the first chunk")
    except Exception:
        start_response("500", [], sys.exc_info())

def twice(environ, start_response):
    start_response("200", [])
    try:
        start_response("200", [])
        yield b"should have raised"
    except Exception as error:
        start_response("500", [], sys.exc_info())
        yield f"{type(error).__name__}: {error}".encode()

def never(environ, start_response):
    yield b"no head"

def handler(environ, start_response):
    return globals()[environ["PATH_INFO"].strip("/")](environ, start_response)
"""


@pytest.fixture
def wfastcgi_site(start_worker: Callable[..., Worker], tmp_path: Path) -> Callable[..., Worker]:
    """A site as wfastcgi's users have it: files, and WSGI_HANDLER in ``web.config``."""

    def make(handler: str | None, files: dict[str, str], **settings: str) -> Worker:
        named = {"WSGI_HANDLER": handler} if handler is not None else {}
        write(tmp_path, {**files, "web.config": web_config({**named, **settings})})
        return start_worker(None, site=tmp_path)

    return make


def test_custom_handler(wfastcgi_site: Callable[..., Worker]) -> None:
    response = wfastcgi_site("hello.handler", {"hello.py": HELLO}).ask()
    assert response.text == "<html><body>hello world</body></html>"
    assert response.header("Custom-Header") == "42"


def test_custom_callable_handler(wfastcgi_site: Callable[..., Worker]) -> None:
    worker = wfastcgi_site("hello.callable_handler()", {"hello.py": HELLO})
    assert worker.ask().text == "<html><body>hello world</body></html>"


def test_error_handler(wfastcgi_site: Callable[..., Worker]) -> None:
    response = wfastcgi_site("hello.error_handler", {"hello.py": HELLO}).ask()
    assert (response.status, response.text) == (404, "<html><body>closed for two weeks</body></html>")


BAD_HANDLERS = {
    "missing attribute": ("hello.does_not_exist", {"hello.py": HELLO}, ["does_not_exist"]),
    "missing module": ("no_such_module.handler", {}, ["there is no module 'no_such_module'"]),
    "raises at import": ("bad.handler", {"bad.py": "raise Exception('handler file is raising')"},
                         ["Exception: handler file is raising", "bad.py"]),
    "module only": ("bad", {"bad.py": "x = 1"}, ["bad is a module, not an app"]),
    "not set": (None, {"README.txt": ""}, ["no app was found", "name it:"]),
    "none": ("hello.nothing", {"hello.py": HELLO}, ["a NoneType cannot be called"]),
    "talks and raises": (
        "bad.handler",
        {"bad.py": "import sys\nsys.stderr.write('something to std err')\nprint('something to std out')\n"
                   "raise Exception('handler file is raising')\n"},
        ["something to std err", "something to std out", "handler file is raising"],
    ),
}


@pytest.mark.parametrize("name", BAD_HANDLERS)
def test_bad_handlers(wfastcgi_site: Callable[..., Worker], name: str) -> None:
    handler, files, told = BAD_HANDLERS[name]
    worker = wfastcgi_site(handler, files)
    assert worker.wait_end() == 1
    for text in told:
        assert text in worker.log.text(), worker.told()


def test_environment(wfastcgi_site: Callable[..., Worker]) -> None:
    worker = wfastcgi_site("hello.environ_handler", {"hello.py": HELLO})
    path = "/fob/oar/baz"
    for more in ({}, {"IIS_WasUrlRewritten": "1", "HTTP_X_ORIGINAL_URL": f"{path}?quox=100"}):
        sent = "/handler.fcgi" if more else path
        response = worker.ask(path=sent, query="quox=100", SCRIPT_NAME=sent, **IIS, **more)
        assert response.text == f"QUERY_STRING: quox=100\nPATH_INFO: {path}\nSCRIPT_NAME: \n"


def test_bad_headers(wfastcgi_site: Callable[..., Worker]) -> None:
    worker = wfastcgi_site("bad.handler", {"bad.py": BAD_HEADERS})
    early = worker.ask(path="/early")
    assert (early.status, early.text) == (500, "500 Error")
    with pytest.raises(Closed) as late:
        worker.ask(path="/late")
    assert late.value.response.body == b"200 OK"
    worker.log.wait_line("Exception: after the first chunk")
    twice = worker.ask(path="/twice")
    assert (twice.status, twice.text) == (
        500, "AssertionError: start_response() called again without exc_info"
    )
    never = worker.ask(path="/never")
    assert never.status == 500 and b"no head" not in never.stdout
    worker.log.wait("never called it")


def test_streaming_handler(wfastcgi_site: Callable[..., Worker], latch: Callable[[str], Latch]) -> None:
    """The second piece is made only after another request was answered meanwhile."""
    source = """\
from urllib.parse import parse_qs
def handler(environ, start_response):
    start_response("200", [])
    if environ["PATH_INFO"] == "/fob":
        yield b"fob"
        return
    yield b"Hello world!"
    with open(parse_qs(environ["QUERY_STRING"])["go"][0], "rb", buffering=0) as fifo:
        fifo.read(1)
    yield b"goodbye world!"
"""
    worker = wfastcgi_site("stream.handler", {"stream.py": source})
    go = latch("go")
    with worker.connect() as client:
        client.start(query=urlencode({"go": go.path}))
        client.end_body()
        client.read_until(b"Hello world!")
        assert worker.ask(path="/fob").text == "fob"
        go.open()
        assert client.response().stdout == b"goodbye world!"


DJANGO = {
    "shop/__init__.py": "",
    "shop/settings.py": "SECRET_KEY = 'x'\nROOT_URLCONF = 'shop.urls'\nALLOWED_HOSTS = ['*']\nDEBUG = True\n",
    "shop/urls.py": """\
        from django.http import HttpResponse
        from django.urls import re_path
        def tell(request, *_):
            if request.path == "/large":
                return HttpResponse("0123456789abcdef" * 12_000)
            lines = [f"GET: {request.GET.urlencode()}", f"POST: {request.POST.urlencode()}",
                     f"path: {request.path}", f"path_info: {request.path_info}"]
            return HttpResponse("\\n".join(lines))
        urlpatterns = [re_path(".*", tell)]
        """,
}


@pytest.fixture
def django(wfastcgi_site: Callable[..., Worker]) -> Worker:
    pytest.importorskip("django", reason="Django is in tests/requirements.txt")
    return wfastcgi_site("django.core.handlers.wsgi.WSGIHandler()",
                         {**DJANGO, "shop/wsgi.py": "import django\ndjango.setup()\n"},
                         DJANGO_SETTINGS_MODULE="shop.settings")


def test_django(django: Worker) -> None:
    """Query string, form post, path and a response of many records, from one site."""
    assert "GET: fob=42&oar=100" in django.ask(query="fob=42&oar=100", **IIS).text
    post = django.ask("POST", body=b"fob=42&oar=100", CONTENT_TYPE="application/x-www-form-urlencoded", **IIS)
    assert "POST: fob=42&oar=100" in post.text
    path = "/fob/oar/baz"
    assert f"path: {path}\npath_info: {path}" in django.ask(path=path, SCRIPT_NAME=path, **IIS).text
    rewritten = {"IIS_WasUrlRewritten": "1", "HTTP_X_ORIGINAL_URL": f"{path}?fob=42"}
    text = django.ask(path="/x.fcgi", SCRIPT_NAME="/x.fcgi", query="fob=42", **IIS, **rewritten).text
    assert f"path: {path}\npath_info: {path}" in text and "GET: fob=42" in text
    assert django.ask(path="/large", **IIS).text == "0123456789abcdef" * 12_000


def test_hello_world_parallel(django: Worker) -> None:
    """Twelve visitors at once; wfastcgi's suite sends a thousand requests each, from Windows."""
    answers: list[int] = []

    def visit() -> None:
        with django.connect() as client:
            answers.extend(client.ask(path="/", **IIS).status for _ in range(40))

    threads = [threading.Thread(target=visit) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [200] * 480


HERE = "worker/test_wfastcgi_parity.py"
SETTINGS = "worker/test_wfastcgi_settings.py"
GATE = "gate/test_gate_reload.py"

#: Each case of FastCgiTests2x.cs: the test that asks the same, or ``None`` and why there is none.
CASES: dict[str, tuple[str, str] | str] = {
    "DjangoHelloWorld": (HERE, "test_hello_world_parallel"),
    "ConfigVariables": (SETTINGS, "test_every_other_setting_is_an_environment_variable"),
    "LargeResponse": (HERE, "test_django"),
    "DjangoHelloWorldParallel": (HERE, "test_hello_world_parallel"),
    "CustomHandler": (HERE, "test_custom_handler"),
    "CustomCallableHandler": (HERE, "test_custom_callable_handler"),
    "ErrorHandler": (HERE, "test_error_handler"),
    "TestDjangoNewApp": (SETTINGS, "test_django"),
    "TestDjangoNewAppUrlRewrite": (HERE, "test_django"),
    "TestHelloWorld": (SETTINGS, "test_wsgi_handler"),
    "TestHelloWorldCallable": (SETTINGS, "test_wsgi_handler"),
    **{f"TestBadHandler{n or ''}": (HERE, "test_bad_handlers") for n in (0, 2, 3, 4, 5, 6, 7)},
    "TestEnvironment": (HERE, "test_environment"),
    "TestEnvironmentUrlRewrite": (HERE, "test_environment"),
    "TestFileSystemChanges": (GATE, "test_a_changed_file_replaces_the_worker"),
    "TestFileSystemChangesPackage": (GATE, "test_a_changed_file_replaces_the_worker"),
    "TestFileSystemChangesCustomRegex": (GATE, "test_a_changed_file_replaces_the_worker"),
    "TestFileSystemChangesDisabled": (GATE, "test_what_does_not_replace_the_worker"),
    "TestStaticFiles": "static files are the web server's: crates/front, static_files",
    "TestStaticFilesUrlRewrite": "URL Rewrite rules are IIS's own; crates/front serves static files",
    "TestStreamingHandler": (HERE, "test_streaming_handler"),
    "TestDjangoQueryString": (HERE, "test_django"),
    "TestDjangoPost": (HERE, "test_django"),
    "TestDjangoPath": (HERE, "test_django"),
    "TestDjangoQueryStringUrlRewrite": (HERE, "test_django"),
    "TestDjangoPostUrlRewrite": (HERE, "test_django"),
    "TestDjangoPathUrlRewrite": (HERE, "test_django"),
    "TestExpandPathEnvironmentVariables": (SETTINGS, "test_pythonpath_is_expanded_split_and_appended"),
    **{f"TestBadHeaders{n}": (HERE, "test_bad_headers") for n in (1, 2, 3, 4)},
}


def test_the_table_names_tests_that_exist() -> None:
    assert len(CASES) == 38
    for case, told in CASES.items():
        if isinstance(told, str):
            assert len(told) > 20, case
            continue
        file, function = told
        source = (REPOSITORY / "tests" / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {function}\(", source, re.MULTILINE), f"{case}: {file}: {function}"
