"""Owns what the stand-in answers before Python: static files, hidden files, what is not mapped.

Does not own the rules themselves (tests beside the code), only that they hold in the whole.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.serve_site import Serve, ServeSite, shown

HANDLERS = r"""<configuration><system.webServer><handlers>
<add name="files" path="static/*" verb="GET,HEAD" modules="StaticFileModule" resourceType="File" requireAccess="Read" />
<add name="it" path="*" verb="*" modules="FastCgiModule"
 scriptProcessor="C:\iisgate\iisgate.exe|fcgi app:app --grace 0.5" resourceType="Unspecified" requireAccess="Script" />
</handlers></system.webServer></configuration>
"""


def with_files(site: ServeSite) -> ServeSite:
    site.write("web.config", HANDLERS)
    site.write("static/site.css", "body { color: blue }\n")
    site.write("static/.hidden", "hidden\n")
    site.write("static/web.config", "<configuration />\n")
    return site


@pytest.fixture
def files(site: ServeSite) -> ServeSite:
    return with_files(site)


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """For tests that change nothing."""
    site = ServeSite("gate")
    try:
        yield with_files(site).serve()
    finally:
        site.close()


def test_a_file_needs_no_python(files: ServeSite) -> None:
    serve = files.serve()
    answer = serve.get("/static/site.css")
    assert (answer.status, answer.text) == (200, "body { color: blue }\n")
    assert answer.headers["Content-Type"].startswith("text/css")
    assert files.processes().keys() == {serve.process.pid}


def test_a_file_that_is_not_there_is_the_apps(serve: Serve) -> None:
    assert serve.get("/static/none.css").json()["path_info"] == "/static/none.css"


def test_not_modified_and_ranges(serve: Serve) -> None:
    first = serve.get("/static/site.css")
    again = serve.get("/static/site.css", If_Modified_Since=first.headers["Last-Modified"])
    assert (again.status, again.body) == (304, b"")
    part = serve.get("/static/site.css", Range="bytes=0-3")
    assert (part.status, part.body) == (206, b"body")


@pytest.mark.parametrize("path", ["/web.config", "/WEB.CONFIG", "/static/web.config", "/static/%77eb.config",
                                  "/static/../web.config", "/static/%2e%2e/web.config", "/static/..%2fweb.config",
                                  "/static/web.config::$DATA", "/static/web.config."])
def test_configuration_is_never_sent(serve: Serve, path: str) -> None:
    answer = serve.get(path)
    assert "<configuration" not in answer.text
    assert answer.status in (400, 404) or "path_info" in answer.text


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py",
                                  "/static/..%5capp.py", "/static//../app.py", "/app.py"])
def test_source_code_is_never_sent(serve: Serve, path: str) -> None:
    assert "import hashlib" not in serve.get(path).text


def test_a_line_for_each_request(files: ServeSite) -> None:
    serve = files.serve()
    serve.get("/static/site.css")
    pid = serve.get("/missing?a=b").text and serve.wait_line("/missing?a=b")
    assert pid.split()[:3] == ["404", "GET", "/missing?a=b"]
    assert " instance " in pid
    line = serve.wait_line("/static/site.css")
    assert line.split()[:3] == ["200", "GET", "/static/site.css"]
    assert "21 B" in line and "instance" not in line


def test_a_line_shows_no_control_characters(files: ServeSite) -> None:
    serve = files.serve()
    with serve.raw(b"GET /\x1b[2Jx HTTP/1.1\r\nHost: x\r\n\r\n") as sock:
        sock.recv(100)
    serve.get("/last")
    serve.wait_line("/last")
    assert "\x1b" not in serve.text


def test_the_banner(files: ServeSite) -> None:
    serve = files.serve()
    port = serve.port
    serve.wait_line("Ctrl-C ends it")
    text = serve.text
    assert f"http://127.0.0.1:{port}/" in text
    assert shown(files.path) in text
    assert r"mapped" in text and r"C:\iisgate\iisgate.exe" in text
    assert "(web.config:3)" in text


def test_what_is_not_simulated_is_told(files: ServeSite) -> None:
    text = (files.path / "web.config").read_text(encoding="utf-8")
    caching = '<system.webServer><caching enabled="true" />'
    files.write("web.config", text.replace("<system.webServer>", caching, 1))
    serve = files.serve()
    serve.wait_line("not simulated")
    assert "<caching>, output caching" in serve.text and "httpErrors" not in serve.text


def test_a_folder_without_web_config(site: ServeSite) -> None:
    (site.path / "web.config").unlink()
    serve = site.serve()
    assert serve.get("/app.py").status == 404
    assert serve.get("/").status in (403, 404)


BAD = "<configuration>\n<system.webServer>\n<handlers><add nam='x'/></handlers>\n</system.webServer>\n</configuration>"


def test_a_bad_web_config_is_placed(site: ServeSite) -> None:
    site.write("web.config", BAD)
    serve = site.serve()
    assert serve.wait_end() == 2
    assert "web.config:3:" in serve.text and "needs the attribute: name" in serve.text


def test_a_web_config_that_goes_bad_is_placed(site: ServeSite) -> None:
    serve = site.serve()
    assert serve.get("/").status == 200
    good = (site.path / "web.config").read_text()
    site.write("web.config", BAD)
    answer = serve.get("/")
    assert answer.status == 500
    assert "web.config:3:" in answer.text
    site.write("web.config", good)
    assert serve.get("/").status == 200


def test_a_program_that_is_not_there(site: ServeSite) -> None:
    from support.serve_site import handler

    site.write("web.config", handler(r"C:\php\php-cgi.exe"))
    answer = site.serve().get("/")
    assert answer.status == 500
    assert "php-cgi.exe" in answer.text
