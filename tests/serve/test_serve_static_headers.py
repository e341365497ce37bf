"""Owns what static files say of themselves over HTTP: validators, caching, ranges, headers for every response.

Does not own folders, nor the weighing of conditions case by case (tests beside the code).
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest

from support.serve_site import Serve, served


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    with served("files") as serve:
        yield serve


TEN = "/plain/ten.txt"


def test_an_etag_of_iis_and_its_conditions(serve: Serve) -> None:
    etag = serve.get(TEN).headers["ETag"]
    assert etag.startswith('"') and etag.endswith(':0"') and int(etag[1:-3], 16)
    again = serve.get(TEN, If_None_Match=f'"other", W/{etag}')
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)
    assert "Content-Type" not in again.headers
    assert serve.get(TEN, If_None_Match='"other"').status == 200
    assert serve.get(TEN, If_Match=etag).status == 200
    failed = serve.get(TEN, If_Match='"other"')
    assert failed.status == 412 and b"0123" not in failed.body
    assert serve.get(TEN, If_Unmodified_Since="Sat, 01 Jan 2000 00:00:00 GMT").status == 412


def test_ranges_and_what_they_hang_on(serve: Serve) -> None:
    first = serve.get(TEN)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for known, status, body in [(etag, 206, b"234"), (modified, 206, b"234"), ('"other"', 200, b"0123456789"),
                                (f"W/{etag}", 200, b"0123456789"),
                                ("Sat, 01 Jan 2000 00:00:00 GMT", 200, b"0123456789")]:
        part = serve.get(TEN, Range="bytes=2-4", If_Range=known)
        assert (part.status, part.body) == (status, body), known
    assert serve.get(TEN, Range="bytes=2-4").headers["Content-Range"] == "bytes 2-4/10"
    outside = serve.get(TEN, Range="bytes=10-")
    assert (outside.status, outside.headers["Content-Range"]) == (416, "bytes */10")


@pytest.mark.parametrize("path, control, expires", [
    (TEN, "public,max-age=604800", None),
    ("/uncached/u.txt", "no-cache", None),
    ("/expiring/e.txt", None, "Tue, 19 Jan 2038 03:14:07 GMT"),
])
def test_client_caching(serve: Serve, path: str, control: str | None, expires: str | None) -> None:
    answer = serve.get(path)
    assert (answer.headers["Cache-Control"], answer.headers["Expires"]) == (control, expires)
    assert ("ETag" in answer.headers) == (path != "/uncached/u.txt")


def test_custom_headers_are_on_every_response(serve: Serve) -> None:
    for path in (TEN, "/plain/none.txt", "/both", "/own/app/start.app"):
        assert serve.get(path).headers["X-Frame-Options"] == "DENY", path
    assert "X-Frame-Options" not in serve.get("/uncached/u.txt").headers
    assert serve.get("/own/app/start.app").headers.get_all("X-Twice") == ["from the app", "from the configuration"]


def test_a_connection_that_is_not_kept(serve: Serve) -> None:
    assert serve.get("/uncached/u.txt").headers["Connection"] == "close"
    connection = serve.connect()
    for path in (TEN, TEN, "/uncached/u.txt"):
        assert serve.ask("GET", path, on=connection).status == 200
    connection.auto_open = 0
    with pytest.raises((http.client.NotConnected, ConnectionError)):
        serve.ask("GET", TEN, on=connection)


@pytest.mark.parametrize("name", ["con", "nul.txt", "AUX", "com1.log", "ten.txt.", "ten.txt%20", "ten.txt::$DATA",
                                  "ten.txt:stream", "ten%3F.txt", "TEN~1.TXT"])
def test_names_that_windows_refuses(serve: Serve, name: str) -> None:
    """Even where this system has a file of that name."""
    from urllib.parse import unquote

    path = serve.said.parent / "site" / "plain" / unquote(name)
    if "~" not in name:
        path.write_text("should not be seen")
    answer = serve.get(f"/plain/{name}")
    assert answer.status == 404 and "should not" not in answer.text and "0123" not in answer.text


def test_a_folder_that_windows_refuses(serve: Serve) -> None:
    folder = serve.said.parent / "site" / "aux"
    folder.mkdir()
    (folder / "x.txt").write_text("should not be seen")
    (folder / "web.config").write_text("not even XML")
    assert serve.get("/aux/x.txt").status == 404
