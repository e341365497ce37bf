"""Owns an ASGI app in a whole site: gates that share its worker, reloading, recycling, a project that becomes a site.

Does not own what it may rely on in a request (``test_asgi_rules``).
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator

import pytest

from support import programs
from support.gate_site import GateSite
from support.making_sites import become_site, fresh
from support.serve_site import ServeSite
from support.waiting import until

APP = """
import json
import os

VERSION = "one"


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        print("closed", os.getpid())
        return await send({"type": "lifespan.shutdown.complete"})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/stream":
        await send({"type": "http.response.body", "body": b"begun ", "more_body": True})
        await receive()
        print("stream", (await receive())["type"])
    told = {"pid": os.getpid(), "version": VERSION}
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})
"""


@pytest.fixture
def site() -> Iterator[GateSite]:
    site = GateSite()
    site.write("app.py", APP)
    yield site
    site.close()


def test_gates_share_it_and_a_changed_file_replaces_it(site: GateSite) -> None:
    """The old worker's shutdown runs when the new one serves."""
    first, second = site.gate("--reload"), site.gate("--reload")
    pid = first.pid()
    assert second.pid() == pid
    site.edit("app.py", '"one"', '"two"')
    until("another worker answers", lambda: first.pid() != pid)
    assert first.facts()["version"] == "two"
    # The old one gives its pipes back one after the other.
    until("both are with the new one", lambda: second.facts()["version"] == "two")
    site.log.wait_line(f"closed {pid}")


def test_it_is_recycled_after_requests(site: GateSite) -> None:
    gate = site.gate("--max-requests=20")
    pids = {gate.pid()}

    def has_changed() -> bool:
        pids.add(gate.pid())
        return len(pids) > 1

    until("another worker answers", has_changed)
    site.log.wait_line("requests are answered: the worker is replaced")


def test_a_gate_that_is_killed_leaves_its_request(site: GateSite) -> None:
    """As IIS does when nobody waits any more: the app is told, the others are served on."""
    first, second = site.gate(), site.gate()
    pid = second.pid()
    first.begin("/stream", "")
    first.client.read_until(b"begun ")
    first.kill()
    site.log.wait_line("stream http.disconnect")
    assert second.pid() == pid


FASTAPI = """from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def read_root():
    return {"Hello": "World"}


@app.get("/items/{item_id}")
def read_item(item_id: int, q: str | None = None):
    return {"item_id": item_id, "q": q}
"""


def test_a_fastapi_file_becomes_a_site() -> None:
    """``iisgate init``, ``check`` and ``serve`` on FastAPI's own first example."""
    if importlib.util.find_spec("fastapi") is None:
        programs.missing("fastapi", "pip install -r tests/requirements.txt")
    sites: list[ServeSite] = []

    def make(name: str) -> ServeSite:
        sites.append(ServeSite(name, True))
        return sites[-1]

    try:
        told = become_site(fresh(make, {"main.py": FASTAPI}), url="/items/5?q=x")
        assert json.loads(told) == {"item_id": 5, "q": "x"}
    finally:
        for each in sites:
            each.close()
