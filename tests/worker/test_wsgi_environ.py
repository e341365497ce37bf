"""Owns the environ: what each web server sends, and what of it an app may see."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from support import records
from support.worker import Worker

APP = "telling"

#: What IIS sends besides (iis-fastcgi.md §3.1), unknown values as empty strings.
IIS = {
    "SERVER_SOFTWARE": "Microsoft-IIS/10.0",
    "APPL_MD_PATH": "/LM/W3SVC/1/ROOT",
    "APPL_PHYSICAL_PATH": "C:\\site\\",
    "DOCUMENT_ROOT": "C:\\site",
    "HTTPS": "off",
    "SERVER_PORT_SECURE": "0",
    "AUTH_TYPE": "",
    "AUTH_USER": "",
    "AUTH_PASSWORD": "",
    "LOGON_USER": "",
    "REMOTE_USER": "",
    "CONTENT_TYPE": "",
    "CONTENT_LENGTH": "0",
    "CERT_SUBJECT": "",
    "INSTANCE_ID": "1",
}
NGINX = {"SERVER_SOFTWARE": "nginx/1.22.1"}
APACHE = {"SERVER_SOFTWARE": "Apache/2.4.71 (Debian)"}
LIGHTTPD = {"SERVER_SOFTWARE": "lighttpd/1.4.69"}


def environ(worker: Worker, path: str = "/environ", **more: str | bytes | None) -> dict[str, str]:
    response = worker.ask(path=path, **more)  # type: ignore[arg-type]
    assert response.status == 200, response.stdout
    found = json.loads(response.body)
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module", params=["plain", "linted"])
def anywhere(request: pytest.FixtureRequest) -> Worker:  # type: ignore[misc]
    """Tells its environ at every path."""
    with Worker(f"paths:{'app' if request.param == 'plain' else 'linted'}") as worker:
        yield worker


def paths(worker: Worker, **params: str | bytes) -> tuple[bytes, bytes]:
    """SCRIPT_NAME and PATH_INFO as the bytes that PEP 3333's strings stand for."""
    found = environ(worker, **params)
    return found["SCRIPT_NAME"].encode("latin-1"), found["PATH_INFO"].encode("latin-1")


def iis(path: str | bytes, uri: str | bytes, mount: str = "", **more: str) -> dict[str, str | bytes | None]:
    """IIS sends the whole decoded path twice, and tells the mount in APPL_MD_PATH."""
    return {**IIS, "SCRIPT_NAME": path, "PATH_INFO": path, "REQUEST_URI": uri,
            "APPL_MD_PATH": f"/LM/W3SVC/1/ROOT{mount}", **more}


CASES = {
    "iis": (iis("/fob/oar", "/fob/oar?x=1"), (b"", b"/fob/oar")),
    "iis-root": (iis("/", "/"), (b"", b"/")),
    "iis-mount": (iis("/app1/x", "/app1/x", "/app1"), (b"/app1", b"/x")),
    "iis-mount-itself": (iis("/app1", "/app1", "/app1"), (b"/app1", b"")),
    "iis-mount-slash": (iis("/app1/", "/app1/", "/app1"), (b"/app1", b"/")),
    "iis-mount-case": (iis("/APP1/x", "/APP1/x", "/app1"), (b"/APP1", b"/x")),
    "iis-mount-nested": (iis("/a/b/c", "/a/b/c", "/a/b"), (b"/a/b", b"/c")),
    "iis-mount-near": (iis("/app10/x", "/app10/x", "/app1"), (b"", b"/app10/x")),
    "iis-utf8": (iis("/café €", "/caf%C3%A9%20%E2%82%AC"), (b"", "/café €".encode())),
    "iis-code-page": (iis(b"/caf\xe9 ?", "/caf%C3%A9%20%E2%82%AC"), (b"", "/café €".encode())),
    "iis-not-utf8": (iis(b"/caf\xe9", b"/caf%E9"), (b"", b"/caf\xe9")),
    "iis-slash": (iis("/a/b", "/a%2Fb"), (b"", b"/a/b")),
    "iis-query-only": (iis("/x", "/x?a=/b%2F#c"), (b"", b"/x")),
    "iis-rewritten": (iis("/real.py", "/real.py", HTTP_X_ORIGINAL_URL="/pretty/%C3%A9?q", IIS_WasUrlRewritten="1"),
                      (b"", "/pretty/é".encode())),
    "iis-forged": (iis("/real", "/real", HTTP_X_ORIGINAL_URL="/admin"), (b"", b"/real")),
    "nginx": ({**NGINX, "SCRIPT_NAME": "/a/b", "PATH_INFO": ""}, (b"", b"/a/b")),
    "nginx-bare": ({**NGINX, "SCRIPT_NAME": "/a b", "PATH_INFO": None}, (b"", b"/a b")),
    "nginx-split": ({**NGINX, "SCRIPT_NAME": "/app", "PATH_INFO": "/b"}, (b"/app", b"/b")),
    "nginx-bytes": ({**NGINX, "SCRIPT_NAME": b"/\xff\xfe", "PATH_INFO": ""}, (b"", b"/\xff\xfe")),
    "apache": ({**APACHE, "SCRIPT_NAME": "/app", "PATH_INFO": "/x"}, (b"/app", b"/x")),
    "apache-mount": ({**APACHE, "SCRIPT_NAME": "/app", "PATH_INFO": None}, (b"/app", b"")),
    "apache-root": ({**APACHE, "SCRIPT_NAME": "/", "PATH_INFO": "/x"}, (b"", b"/x")),
    "apache-utf8": ({**APACHE, "SCRIPT_NAME": "/café", "PATH_INFO": "/€"}, ("/café".encode(), "/€".encode())),
    "lighttpd": ({**LIGHTTPD, "SCRIPT_NAME": "", "PATH_INFO": "/a/b"}, (b"", b"/a/b")),
    "lighttpd-script": ({**LIGHTTPD, "SCRIPT_NAME": "/a/b", "PATH_INFO": ""}, (b"", b"/a/b")),
}


@pytest.mark.parametrize("case", CASES)
def test_script_name_and_path_info(anywhere: Worker, case: str) -> None:
    params, expected = CASES[case]
    assert paths(anywhere, **params) == expected  # type: ignore[arg-type]


def test_a_named_mount_counts_with_every_server(start_worker: Callable[..., Worker]) -> None:
    """wfastcgi's SCRIPT_NAME, as flag and as variable."""
    for worker in (start_worker("paths:app", "--script-name=/mnt"),
                   start_worker("paths:app", env={"SCRIPT_NAME": "/mnt/"})):
        for params in (iis("/Mnt/x", "/Mnt/x"), {**NGINX, "SCRIPT_NAME": "/Mnt/x", "PATH_INFO": ""},
                       {**APACHE, "SCRIPT_NAME": "/Mnt", "PATH_INFO": "/x"}):
            assert paths(worker, **params) == (b"/Mnt", b"/x")
        assert paths(worker, **iis("/other", "/other")) == (b"", b"/other")


def test_the_original_url_is_believed_on_demand(start_worker: Callable[..., Worker]) -> None:
    worker = start_worker("paths:app", "--trust-original-url")
    params = iis("/real", "/real", HTTP_X_ORIGINAL_URL="/asked%20for?q")
    assert paths(worker, **params) == (b"", b"/asked for")


@pytest.mark.parametrize(
    ("params", "scheme"),
    [
        ({"HTTPS": "on"}, "https"), ({"HTTPS": "ON"}, "https"), ({"HTTPS": "1"}, "https"),
        ({"HTTPS": "off"}, "http"), ({"HTTPS": ""}, "http"), ({}, "http"),
        ({"SERVER_PORT_SECURE": "1", "HTTPS": ""}, "https"), ({"SERVER_PORT_SECURE": "0"}, "http"),
        ({"REQUEST_SCHEME": "https"}, "https"), ({"HTTP_X_FORWARDED_PROTO": "https"}, "http"),
    ],
)
def test_the_scheme(served: Worker, params: dict[str, str], scheme: str) -> None:
    assert environ(served, **params)["wsgi.url_scheme"] == scheme


def test_sign_on_is_kept_and_the_password_is_not(served: Worker) -> None:
    found = environ(served, **{**IIS, "REMOTE_USER": "DOMAIN\\bø", "AUTH_TYPE": "Negotiate",
                               "AUTH_USER": "DOMAIN\\bø", "LOGON_USER": "DOMAIN\\bø", "AUTH_PASSWORD": "hunter2"})
    assert found["REMOTE_USER"].encode("latin-1").decode() == "DOMAIN\\bø"
    assert found["AUTH_TYPE"] == "Negotiate" and "LOGON_USER" in found
    assert "AUTH_PASSWORD" not in found and "hunter2" not in json.dumps(found)


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_TRANSFER_ENCODING"])
def test_what_must_not_reach_an_app(served: Worker, name: str) -> None:
    assert name not in environ(served, **{name: "evil"})


def test_empty_content_headers_are_left_out(served: Worker) -> None:
    found = environ(served, CONTENT_TYPE="", CONTENT_LENGTH="")
    assert "CONTENT_TYPE" not in found and "CONTENT_LENGTH" not in found
    found = environ(served, CONTENT_TYPE="text/x", CONTENT_LENGTH="0")
    assert (found["CONTENT_TYPE"], found["CONTENT_LENGTH"]) == ("text/x", "0")


def test_what_a_sparing_server_leaves_out_is_there(served: Worker) -> None:
    with served.connect() as client:
        client.send(records.request({"PATH_INFO": "/environ"}))
        found = json.loads(client.response().body)
    assert (found["REQUEST_METHOD"], found["QUERY_STRING"], found["SCRIPT_NAME"]) == ("GET", "", "")
    for name in ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"):
        assert found[name]


def test_of_a_name_that_is_sent_twice_the_last_counts(served: Worker) -> None:
    """nginx does so where a site has its own line for what an included file has, too."""
    def found(*more: tuple[str, str]) -> dict[str, str]:
        first = records.params(path="/environ", query="a=1", CONTENT_TYPE="x/y")
        with served.connect() as client:
            client.send(records.request([*first.items(), *more]))
            return dict(json.loads(client.response().body))

    names = ("REQUEST_METHOD", "QUERY_STRING", "SERVER_NAME", "SERVER_PORT", "CONTENT_TYPE")
    values = ("GET", "b=2", "shop.example", "8080", "z/z")
    told = found(*zip(names, values, strict=True))
    assert tuple(told[name] for name in names) == values
    told = found(("REQUEST_METHOD", "HEAD"), ("SERVER_PORT", "8080"), *((name, "") for name in names))
    assert (told["REQUEST_METHOD"], told["QUERY_STRING"], told["SERVER_NAME"]) == ("GET", "", "localhost")
    assert told["SERVER_PORT"] == "80" and "CONTENT_TYPE" not in told


def test_everything_else_passes_as_it_came(served: Worker) -> None:
    long = "k" * 40_000
    found = environ(served, query="a=%2F&b=+", HTTP_X_LONG=long, HTTP_X_BYTES=b"\xe9\xff", HTTP_X_EMPTY="")
    assert (found["HTTP_X_LONG"], found["HTTP_X_BYTES"], found["HTTP_X_EMPTY"]) == (long, "\xe9\xff", "")
    assert found["QUERY_STRING"] == "a=%2F&b=+"
    assert found["REQUEST_URI"] == "/environ?a=%2F&b=+"


def test_requests_do_not_see_each_others_environ(served: Worker) -> None:
    with served.connect() as client:
        assert "HTTP_X_FIRST" in json.loads(client.ask(path="/environ", HTTP_X_FIRST="1").body)
        assert "HTTP_X_FIRST" not in json.loads(client.ask(path="/environ").body)
