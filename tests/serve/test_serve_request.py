"""Owns ``iisgate request``: one request through the whole stack, what is printed, the exit status.

Does not own the stack.
"""

from __future__ import annotations

import hashlib
import json
import os

import pytest

from support.serve_site import ServeSite, handler
from support.waiting import until


def test_get(site: ServeSite) -> None:
    done = site.request("GET", "/some/where?x=1")
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told["path_info"] == "/some/where"
    until("all are gone", lambda: not site.processes())


def test_a_whole_url(site: ServeSite) -> None:
    told = json.loads(site.request("GET", "http://shop.example:8080/environ?x=1").stdout)["environ"]
    assert told["HTTP_HOST"] == "shop.example:8080"
    assert told["QUERY_STRING"] == "x=1"


def test_data(site: ServeSite) -> None:
    told = json.loads(site.request("POST", "/digest", "--data", "some words").stdout)
    assert told["sha256"] == hashlib.sha256(b"some words").hexdigest()


@pytest.mark.parametrize("size", [0, 100_000, 3_000_000])
def test_data_from_a_file(site: ServeSite, size: int) -> None:
    body = os.urandom(size)
    (site.folder / "body").write_bytes(body)
    done = site.request("POST", "/digest", "--data", f"@{site.folder}/body")
    told = json.loads(done.stdout)
    assert (told["length"], told["sha256"]) == (size, hashlib.sha256(body).hexdigest())


def test_a_data_file_that_is_not_there(site: ServeSite) -> None:
    done = site.request("POST", "/", "--data", "@/no/such/file")
    assert done.returncode == 2
    assert b"/no/such/file" in done.stderr and done.stdout == b""


def test_headers(site: ServeSite) -> None:
    done = site.request("GET", "/environ", "-H", "X-Asked: yes", "--header", "Host: shop.example")
    told = json.loads(done.stdout)["environ"]
    assert (told["HTTP_X_ASKED"], told["HTTP_HOST"]) == ("yes", "shop.example")


def test_no_header(site: ServeSite) -> None:
    done = site.request("GET", "/", "-H", "nonsense")
    assert done.returncode == 1
    assert b"NAME: VALUE" in done.stderr


def test_include(site: ServeSite) -> None:
    done = site.request("GET", "/", "-i")
    head, _, body = done.stdout.partition(b"\n\n")
    assert head.startswith(b"HTTP/1.1 200 OK\n")
    assert b"application/json" in head
    assert json.loads(body)


def test_head(site: ServeSite) -> None:
    done = site.request("HEAD", "/", "-i")
    assert done.returncode == 0
    assert done.stdout.startswith(b"HTTP/1.1 200 OK\n")
    assert done.stdout.endswith(b"\n\n")


def test_verbose_shows_the_records(site: ServeSite) -> None:
    done = site.request("POST", "/digest", "--data", "words", "-v")
    text = done.stderr.decode()
    assert json.loads(done.stdout)["length"] == 5
    for word in ("→ BeginRequest", "→ Params", "→ Stdin", "← Stdout", "← EndRequest", "HTTP/1.1 200 OK", "mapped"):
        assert word in text, text


def test_quiet_says_nothing_of_records(site: ServeSite) -> None:
    done = site.request("GET", "/")
    assert "→" not in done.stderr.decode()


@pytest.mark.parametrize("path, status", [("/missing", b"404"), ("/error", b"500")])
def test_a_status_of_failure(site: ServeSite, path: str, status: bytes) -> None:
    done = site.request("GET", path)
    assert done.returncode == 1
    assert b"HTTP/1.1 " + status in done.stderr


def test_the_developers_page(site: ServeSite) -> None:
    assert b"boom" not in site.request("GET", "/error").stdout
    assert b"RuntimeError: boom" in site.request("GET", "/error", "--debug").stdout


def test_a_site_that_is_not_there(site: ServeSite) -> None:
    done = site.request("GET", "/", "--dir", "/no/such/site", dir=False)
    assert done.returncode == 2
    assert b"/no/such/site" in done.stderr


def test_a_site_that_cannot_start(site: ServeSite) -> None:
    site.write("web.config", handler(r"C:\iisgate\iisgate.exe|fcgi nosuchmodule:app"))
    done = site.request("GET", "/", "--debug")
    assert done.returncode == 1
    assert b"nosuchmodule" in done.stdout


def test_nonsense(site: ServeSite) -> None:
    assert site.request("GET").returncode == 1
    assert site.request("GET", "/", "--nonsense").returncode == 1


def test_a_large_answer_is_streamed(site: ServeSite) -> None:
    done = site.request("GET", "/bytes?mib=64")
    assert done.returncode == 0
    assert len(done.stdout) == 64 * 1024 * 1024
