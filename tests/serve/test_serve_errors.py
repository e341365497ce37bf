"""Owns ``<httpErrors>`` over HTTP: whose body an error has, and where custom pages come from.

Does not own who is local: the tests are, so custom pages are asked for by ``errorMode="Custom"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from support.serve_site import Serve, ServeSite, served

OWN = "the app's own body"


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    with served("errors") as serve:
        yield serve


@pytest.mark.parametrize("path", ["/404", "/500", "/pass/404", "/pass/500", "/custom-pass/404"])
def test_a_body_stays(serve: Serve, path: str) -> None:
    answer = serve.get(path)
    assert (answer.status, answer.reason) == (int(path[-3:]), "Mine")
    assert answer.text.startswith(OWN)
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


@pytest.mark.parametrize("path, page", [
    ("/replace/404", "Not Found"),
    ("/replace/500", "Internal Server Error"),
    ("/empty/404", "Not Found"),
    ("/empty/418", "418"),
])
def test_details_take_its_place(serve: Serve, path: str, page: str) -> None:
    answer = serve.get(path)
    assert answer.status == int(path[-3:]) and answer.reason == "Mine"
    assert OWN not in answer.text and page in answer.text and path in answer.text
    assert answer.headers["X-App"] == "yes", "what is not about the body stays"


def test_a_custom_page_from_a_file(serve: Serve) -> None:
    answer = serve.get("/custom/404")
    assert (answer.status, answer.reason) == (404, "Mine")
    assert "Our own page: not found" in answer.text
    assert answer.headers["Content-Type"] == "text/html"
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_a_page_for_a_sub_status(serve: Serve) -> None:
    answer = serve.get("/custom/App_Data/x")
    assert (answer.status, answer.text) == (404, "Our own page: hidden\n")
    assert answer.headers["Content-Type"] == "text/plain"
    assert serve.wait_line("/custom/App_Data/x").startswith("404.8")


def test_a_redirect(serve: Serve) -> None:
    answer = serve.get("/custom/403")
    assert (answer.status, answer.headers["Location"]) == (302, "http://elsewhere.example/forbidden")
    assert OWN not in answer.text


def test_an_executed_url_of_the_app(serve: Serve) -> None:
    """As on IIS, the page says with which status it leaves."""
    answer = serve.ask("POST", "/custom/500?x=1", body=b"words", headers={"Host": "shop.example"})
    assert (answer.status, answer.text) == (200, "executed GET 500;http://shop.example/custom/500?x=1")


def test_an_executed_file(serve: Serve) -> None:
    answer = serve.get("/custom/empty/503")
    assert answer.status == 200 and "Our own page: busy" in answer.text


@pytest.mark.parametrize("path", ["/custom/410", "/custom/409", "/custom/418", "/custom/empty/410",
                                  "/custom-pass/empty/404"])
def test_a_line_where_there_is_no_page(serve: Serve, path: str) -> None:
    answer = serve.get(path)
    assert answer.status == int(path[-3:])
    assert 0 < len(answer.body) < 100 and str(answer.status) in answer.text and OWN not in answer.text


def test_the_servers_own_errors(serve: Serve) -> None:
    assert "Our own page: not found" in serve.get("/custom/con.cs").text
    assert "fileExtensions" in serve.get("/con.cs").text
    assert len(serve.get("/pass/con.cs").body) < 100, "PassThrough leaves the server's own errors bare"


def test_a_large_body_that_is_replaced_costs_no_instance(make_site: Callable[..., ServeSite]) -> None:
    site = make_site("errors")
    serve = site.serve("--max-instances=1")
    instances = set()
    for number in range(3):
        for path in (f"/custom/large/404?{number}", f"/404?{number}"):
            assert serve.get(path).text.startswith(OWN) == path.startswith("/404")
            instances.add(serve.wait_line(f" {path} ").split(" instance ")[1].split()[0])
    assert len(instances) == 1, "one whose client has gone is ended"


def test_head(serve: Serve) -> None:
    answer = serve.ask("HEAD", "/custom/404")
    assert (answer.status, answer.body) == (404, b"")
    assert answer.headers["Content-Type"] == "text/html"


def test_an_absolute_path_is_not_for_a_web_config(make_site: Callable[..., ServeSite]) -> None:
    site = make_site("errors")
    site.write("sub/web.config", r"""<configuration><system.webServer><httpErrors>
<error statusCode="402" path="C:\inetpub\402.htm" /></httpErrors></system.webServer></configuration>""")
    serve = site.serve()
    answer = serve.get("/sub/x")
    assert answer.status == 500 and "absolute paths are not allowed" in answer.text and "web.config:2" in answer.text
    assert serve.wait_line("/sub/x").startswith("500.19")
    assert serve.get("/404").status == 404


def test_only_failures_are_told_when_it_is_quiet(make_site: Callable[..., ServeSite]) -> None:
    serve = make_site("errors").serve("--quiet")
    for status in (404, 200, 500):
        assert serve.get(f"/pass/{status}").status == status
    serve.wait_line(" GET    /pass/500 ")
    assert " GET " not in serve.text.partition("/pass/500")[0].rpartition("\n")[0]
