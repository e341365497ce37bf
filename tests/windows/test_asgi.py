"""Owns that an ASGI app is served through named pipes: bodies both ways, many at once, startup and shutdown.

Does not own ASGI's rules, which are the same everywhere (``tests/worker/test_asgi_*``).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from serve_support import sites
from support.serving import Serving, served
from support.waiting import until

BODY = os.urandom(1024 * 1024 + 1)


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    site = sites.site(tmp_path_factory.mktemp("loop"), "loop")
    with served(site, "--max-instances=24") as serving:
        yield serving
    # By the worker, some time after its last gate.
    until("the app was shut down", lambda: (site / "ended").exists())


def test_the_scope_and_the_loop(loop: Serving) -> None:
    told = loop.get("/scope/caf%C3%A9").json()
    assert (told["path"], told["raw_path"], told["root_path"]) == ("/scope/café", "/scope/caf%C3%A9", "")
    assert (told["method"], told["scheme"], told["http_version"]) == ("GET", "http", "1.1")
    assert told["loop"] == "ProactorEventLoop" and "Microsoft-IIS" in told["software"]
    loop.until_told("the app starts")


def test_bodies(loop: Serving) -> None:
    connection = loop.connect()
    for size in (0, 1, 70_000, len(BODY)):
        told = loop.ask("POST", "/digest", BODY[:size], on=connection).json()
        assert told == {"length": size, "sha256": hashlib.sha256(BODY[:size]).hexdigest()}
    assert loop.ask("POST", "/echo", BODY, on=connection).ok().body == BODY
    assert len(loop.ask("GET", "/stream?160", on=connection).ok().body) == 160 * 65536
    connection.close()


def test_twenty_at_once_in_one_process(loop: Serving) -> None:
    """More than there are threads for WSGI: none is answered before all are in the app."""
    with ThreadPoolExecutor(20) as pool:
        assert len({each.json()["pid"] for each in pool.map(lambda _: loop.get("/meet?20"), range(20))}) == 1


def test_a_child_of_the_loop(loop: Serving) -> None:
    assert loop.get("/child").json() == {"child": "child"}


def test_an_error_is_logged_and_not_shown(loop: Serving) -> None:
    answer = loop.get("/fails")
    assert answer.status == 500 and "secret" not in answer.text
    loop.until_told("boom with a secret")
    loop.get("/scope").ok()
