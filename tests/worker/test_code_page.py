"""Owns names and paths that IIS sends in its system's ANSI code page: apps get UTF-8.

Does not own every rule: see the tables of ``crates/bridge``. Here they pass through the wire.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.sites import write
from support.worker import Worker

APP = """\
    import json

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({k: v for k, v in environ.items() if isinstance(v, str)}).encode()]
    """
IIS = {"SERVER_SOFTWARE": "Microsoft-IIS/10.0", "APPL_MD_PATH": "/LM/W3SVC/1/ROOT"}


def site(folder: Path, code_page: int | str) -> Path:
    return write(folder, {"app.py": APP, "pyproject.toml": f"[tool.iisgate]\nansi-code-page = {code_page}\n"})


@pytest.fixture(scope="module")
def western(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with Worker("app:app", site=site(tmp_path_factory.mktemp("western"), 1252)) as worker:
        yield worker


def environ(worker: Worker, **params: str | bytes) -> dict[str, bytes]:
    """The environ's values as the bytes that PEP 3333's strings stand for."""
    found = json.loads(worker.ask(**params).body)  # type: ignore[arg-type]
    return {name: value.encode("latin-1") for name, value in found.items()}


def paths(worker: Worker, path: bytes, uri: bytes, **more: str | bytes) -> tuple[str, str]:
    found = environ(worker, **{**IIS, "SCRIPT_NAME": path, "PATH_INFO": path, "REQUEST_URI": uri, **more})
    return found["SCRIPT_NAME"].decode(), found["PATH_INFO"].decode()


@pytest.mark.parametrize(
    ("path", "uri", "expected"),
    [
        (b"/caf\xe9", b"/caf\xe9?x=1", "/café"),
        (b"/caf\xe9 \x80", b"/caf%C3%A9%20%E2%82%AC?x=1", "/café €"),
        (b"/caf\xe9", b"/caf%E9", "/café"),
        ("/café".encode(), "/café".encode(), "/café"),
        # The code page has no Japanese: only the URL is whole.
        (b"/??", "/日本".encode(), "/日本"),
        (b"/??", b"/%E6%97%A5%E6%9C%AC?x=?", "/日本"),
        # Nothing is whole: not the front page, for that was not asked for.
        (b"/??", b"/???x=1", "/??"),
    ],
)
def test_paths_arrive_in_utf8(western: Worker, path: bytes, uri: bytes, expected: str) -> None:
    assert paths(western, path, uri) == ("", expected)


def test_a_mount_is_found_by_its_name_in_the_code_page(western: Worker) -> None:
    mount = {"APPL_MD_PATH": b"/LM/W3SVC/1/ROOT/Stra\xdfe"}
    assert paths(western, b"/stra\xdfe/x", b"/stra%C3%9Fe/x", **mount) == ("/straße", "/x")
    assert paths(western, b"/STRA\xdfE", b"/STRA\xdfE", **mount) == ("/STRAßE", "")


TEXTS = ("REMOTE_USER", "AUTH_USER", "LOGON_USER", "PATH_TRANSLATED", "SCRIPT_FILENAME", "DOCUMENT_ROOT",
         "APPL_PHYSICAL_PATH", "CERT_SUBJECT")


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("sent", [b"DOMAIN\\j\xf8rgen", "DOMAIN\\jørgen".encode()], ids=["ansi", "utf8"])
def test_names_arrive_in_utf8(western: Worker, name: str, sent: bytes) -> None:
    assert environ(western, **IIS, **{name: sent})[name].decode() == "DOMAIN\\jørgen"


@pytest.mark.parametrize("name", ["HTTP_X_NAME", "HTTP_REFERER", "QUERY_STRING", "CONTENT_TYPE"])
def test_what_the_client_sent_arrives_as_it_came(western: Worker, name: str) -> None:
    assert environ(western, **IIS, **{name: b"j\xf8=\xe9"})[name] == b"j\xf8=\xe9"


def test_the_path_of_the_uri_is_repaired_and_its_query_is_not(western: Worker) -> None:
    found = environ(western, **IIS, PATH_INFO=b"/\xf8", REQUEST_URI=b"/\xf8?\xf8", QUERY_STRING=b"\xf8")
    assert found["REQUEST_URI"] == b"/\xc3\xb8?\xf8"


def test_other_servers_send_what_they_mean(western: Worker) -> None:
    found = environ(western, SERVER_SOFTWARE="nginx/1.22.1", REMOTE_USER=b"j\xf8", PATH_INFO=b"/\xf8")
    assert (found["REMOTE_USER"], found["PATH_INFO"]) == (b"j\xf8", b"/\xf8")


@pytest.mark.parametrize(
    ("code_page", "sent", "expected"),
    [(1251, b"/\xcf\xf0\xe8\xe2\xe5\xf2", "/Привет"), (932, b"/\x95\x5c/x", "/表/x"), (936, b"/\xd6\xd0", "/中")],
)
def test_other_code_pages(
    start_worker: Callable[..., Worker], tmp_path: Path, code_page: int, sent: bytes, expected: str
) -> None:
    worker = start_worker("app:app", site=site(tmp_path, code_page))
    assert paths(worker, sent, sent) == ("", expected)


def test_a_worker_of_one_site_knows_it_in_either_spelling(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    worker = start_worker("app:app", "--bound-to=C:\\sites\\jørgen\\", site=site(tmp_path, 1252))
    for sent in (b"C:\\sites\\j\xf8rgen\\", "C:\\sites\\jørgen\\".encode()):
        assert worker.ask(**IIS, APPL_PHYSICAL_PATH=sent).status == 200  # type: ignore[arg-type]
    assert worker.ask(**IIS, APPL_PHYSICAL_PATH=b"C:\\sites\\j\xe9rgen\\").status == 500  # type: ignore[arg-type]
    worker.log.wait("the request is for the site application in C:\\sites\\jérgen\\")


def test_without_a_code_page_bytes_arrive_as_they_came(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    """Where the system has none, as here, and none is named."""
    worker = start_worker("app:app", "--bound-to=C:\\j\ufffdrgen\\", site=write(tmp_path, {"app.py": APP}))
    found = environ(worker, **IIS, PATH_INFO=b"/\xe9", REQUEST_URI=b"/\xe9", APPL_PHYSICAL_PATH=b"C:\\j\xf8rgen\\")
    assert (found["PATH_INFO"], found["APPL_PHYSICAL_PATH"]) == (b"/\xe9", b"C:\\j\xf8rgen\\")


@pytest.mark.parametrize("code_page", ["1234", "'1252'", "0"])
def test_what_is_no_code_page_is_told(start_worker: Callable[..., Worker], tmp_path: Path, code_page: str) -> None:
    worker = start_worker("app:app", site=site(tmp_path, code_page))
    assert worker.wait_end() == 2
    assert "pyproject.toml:2:18: ansi-code-page must be " in worker.told()
