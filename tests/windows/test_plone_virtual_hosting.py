"""Owns what the Plone example's middleware tells Zope about the address that visitors see. Needs no Plone."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest

from plone_support.serving import EXAMPLE

HOST = "www.example.com"

BASE = f"/VirtualHostBase/https/{HOST}:443"


def told(path: str, environ: dict[str, str] | None = None, **options: str) -> str:
    """The path that Zope gets, or nothing if it is not asked."""
    given = {"wsgi.url_scheme": "https", "HTTP_HOST": HOST, "SERVER_NAME": "inner", "SERVER_PORT": "8000"}
    seen: list[str] = []

    def app(environ: dict[str, str], start_response: Any) -> list[bytes]:
        seen.append(environ["PATH_INFO"])
        return []

    hosted = virtual_hosting().filter_factory({}, **options)(app)
    hosted({**given, "PATH_INFO": path, **(environ or {})}, lambda *_: None)
    return "".join(seen)


def virtual_hosting() -> ModuleType:
    spec = importlib.util.spec_from_file_location("virtual_hosting", EXAMPLE / "plone_site" / "virtual_hosting.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    # Where dataclasses look for the module.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/news", "/news"),
        ("/news/", "/news/"),
        ("", "/"),
        ("/a//b", "/a//b"),
        ("/++api++/@search", "/++api++/@search"),
        ("/gr\xc3\xbc\xc3\x9fe", "/gr\xc3\xbc\xc3\x9fe"),
    ],
)
def test_the_site_is_at_the_root(path: str, expected: str) -> None:
    assert told(path) == f"{BASE}/Plone/VirtualHostRoot{expected}"


def test_the_site_lies_deeper_in_the_database() -> None:
    assert told("/x", site="/sites/Other/") == f"{BASE}/sites/Other/VirtualHostRoot/x"


def test_an_application_below_the_root() -> None:
    assert told("/x", {"SCRIPT_NAME": "/intra/net"}) == f"{BASE}/Plone/VirtualHostRoot/_vh_intra/_vh_net/x"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HTTP_HOST": "h:8443"}, "https/h:8443"),
        ({"HTTP_HOST": "[::1]:81", "wsgi.url_scheme": "http"}, "http/[::1]:81"),
        ({"wsgi.url_scheme": "http"}, f"http/{HOST}:80"),
        ({"HTTP_HOST": ""}, "https/inner:8000"),
    ],
)
def test_the_host_is_the_one_that_was_asked_for(environ: dict[str, str], expected: str) -> None:
    assert told("/x", environ) == f"/VirtualHostBase/{expected}/Plone/VirtualHostRoot/x"


@pytest.mark.parametrize("host", ["a b", "a/b", "a\nb", "a\n", "user@a", "a:b", "[::1", "a:123456"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    assert told("/x", {"HTTP_HOST": host}) == ""


@pytest.mark.parametrize("path", ["/VirtualHostRoot", "/a/VirtualHostBase/b", "/_vh_a", "/a/_vh_b", "/../..", "/a/.."])
def test_words_of_ours_are_refused(path: str) -> None:
    assert told(path) == ""


def test_the_root_of_zope() -> None:
    assert told("/zope", zope_root="zope") == f"{BASE}/VirtualHostRoot/_vh_zope/"
    assert told("/zope/", zope_root="/zope/") == f"{BASE}/VirtualHostRoot/_vh_zope/"
    assert told("/zope/a/b/", {"SCRIPT_NAME": "/i"}, zope_root="/zope") == f"{BASE}/VirtualHostRoot/_vh_i/_vh_zope/a/b/"
    assert told("//z/y//a", zope_root="/z/y") == f"{BASE}/VirtualHostRoot/_vh_z/_vh_y/a"
    assert told("/zoped", zope_root="/zope") == f"{BASE}/Plone/VirtualHostRoot/zoped"
    assert told("/zope") == f"{BASE}/Plone/VirtualHostRoot/zope"


def test_a_public_address() -> None:
    public = "http://public.example.com:81"
    assert told("/x", public_url=public) == "/VirtualHostBase/http/public.example.com:81/Plone/VirtualHostRoot/x"
    assert told("/x", public_url="https://a/") == "/VirtualHostBase/https/a:443/Plone/VirtualHostRoot/x"


@pytest.mark.parametrize("public", ["www.example.com", "ftp://a", "https://", "https://a/b", "https://a b"])
def test_a_public_address_that_is_none_is_told(public: str) -> None:
    with pytest.raises(ValueError, match="public_url must be"):
        told("/x", public_url=public)
