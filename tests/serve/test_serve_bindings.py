"""Owns who is answered: host names of bindings, and ``<httpRedirect>`` for what has moved.

Does not own addresses and ports of bindings (``test_serve_application_host.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from support.serve_site import Serve, ServeSite, served


def start(site: ServeSite, *hosts: str, more: tuple[str, ...] = ()) -> Serve:
    bindings = "".join(f'<binding protocol="http" bindingInformation="*:8080:{host}" />' for host in hosts)
    file = site.path / "applicationHost.config"
    file.write_text(file.read_text().replace("SITE", str(site.path)).replace("HOSTS", bindings))
    return site.serve(f"--config={file}", *more, dir=False)


@pytest.fixture
def site(make_site: Callable[..., ServeSite]) -> ServeSite:
    return make_site("bindings")


def test_a_request_for_another_host_is_refused(site: ServeSite) -> None:
    serve = start(site, "shop.example", "*.shop.example")
    for host, status in [("shop.example", 200), ("SHOP.example:8080", 200), ("www.shop.example", 200),
                         ("localhost", 400), (f"127.0.0.1:{serve.port}", 400), ("shop.example.org", 400)]:
        answer = serve.get("/a.txt", Host=host)
        assert answer.status == status, host
        if status == 400:
            assert "shop.example" in answer.text and "--host" in answer.text
    assert f"http://shop.example:{serve.port}/" in serve.text, "the banner's URL is one that works"


def test_a_binding_without_a_name_takes_all(site: ServeSite) -> None:
    serve = start(site, "shop.example", "")
    assert serve.get("/a.txt", Host="anything").status == 200
    assert f"http://127.0.0.1:{serve.port}/" in serve.text


def test_a_host_to_listen_at_is_for_every_name(site: ServeSite) -> None:
    serve = start(site, "shop.example", more=("--host=127.0.0.1",))
    assert serve.get("/a.txt", Host="anything").status == 200


def test_a_request_without_a_host(site: ServeSite) -> None:
    serve = start(site, "")
    for head, status in [(b"GET /a.txt HTTP/1.1\r\nConnection: close\r\n\r\n", b"400"),
                         (b"GET /a.txt HTTP/1.0\r\n\r\n", b"200")]:
        with serve.raw(head) as sock:
            assert sock.recv(4096).split()[1] == status


def test_one_request_without_a_socket_needs_no_binding(site: ServeSite) -> None:
    assert site.request("GET", "/a.txt").stdout == b"found\n"


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    with served("bindings") as serve:
        yield serve


@pytest.mark.parametrize("path, status, location", [
    ("/moved", 301, "http://new.example/place"),
    ("/moved/a%20b/c?x=1", 301, "http://new.example/place/a%20b/c?x=1"),
    ("/Moved/", 301, "http://new.example/place"),
    ("/exact/a/b?x=1", 308, "/one?x=1"),
    ("/children/a.htm", 307, "/one/a.htm"),
    ("/wild/a/b.PHP", 302, "/a/b.html"),
])
def test_what_has_moved(serve: Serve, path: str, status: int, location: str) -> None:
    answer = serve.get(path)
    assert (answer.status, answer.headers["Location"]) == (status, location)
    assert (answer.headers["X-Redirect"] == "yes") == path.lower().startswith("/moved")
    assert "Object Moved" in answer.text


@pytest.mark.parametrize("path", ["/moved/not", "/moved/not/x", "/children/deep/a.htm", "/wild/a.html", "/movedx"])
def test_what_has_not(serve: Serve, path: str) -> None:
    assert serve.get(path).status == 404


def test_a_post_is_redirected_too(serve: Serve) -> None:
    assert serve.ask("POST", "/children/x", body=100_000 * b"x").status == 307
