"""Owns that apps of FastAPI, Starlette, Quart and Django are served as they are, with what their users rely on.

Does not own ASGI's rules (``test_asgi_rules``).
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import programs
from support.worker import Worker

SITE = Path(__file__).parent / "asgi_apps"


def need(package: str) -> None:
    if importlib.util.find_spec(package) is None:
        programs.missing(package, "pip install -r tests/requirements.txt")


@pytest.fixture(scope="module")
def fast() -> Iterator[Worker]:
    need("fastapi")
    with Worker("fast:app", "--script-name=/api", site=SITE) as worker:
        yield worker
        assert worker.stop() == 0
        worker.log.wait("the shop closes")


def test_fastapi_by_the_book(fast: Worker) -> None:
    """Types, dependencies, who signed on, the lifespan's state, tasks after the answer."""
    order = json.dumps({"article": "tea", "count": 2}).encode()
    answer = fast.ask("POST", "/api/orders", body=order, CONTENT_TYPE="application/json", REMOTE_USER="SHOP\\ann",
                      HTTP_HOST="shop.example")
    assert json.loads(answer.text) == {"who": "SHOP\\ann", "for": "tea", "url": "http://shop.example/api/orders"}
    assert fast.log.wait_line("sent to SHOP\\ann").request != "-"
    assert fast.ask("POST", "/api/orders", body=order.replace(b"2", b"9"),
                    CONTENT_TYPE="application/json").status == 409
    assert fast.ask("POST", "/api/orders", body=b"{}", CONTENT_TYPE="application/json").status == 422
    assert fast.ask(path="/api/nowhere").status == 404
    assert "AnyIO" in fast.ask(path="/api/threads").text
    assert json.loads(fast.ask(path="/api/openapi.json").text)["servers"] == [{"url": "/api"}]


def test_fastapi_below_a_mount(fast: Worker) -> None:
    told = json.loads(fast.ask(path="/api/below/here", HTTP_HOST="x").text)
    assert told == {"root_path": "/api/below", "url": "http://x/api/below/here"}


def test_fastapi_uploads(fast: Worker) -> None:
    size = 1024 * 1024
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
    body = head + b"x" * size + b"\r\n--edge--\r\n"
    answer = fast.ask("POST", "/api/upload", body=body, CONTENT_TYPE="multipart/form-data; boundary=edge")
    assert json.loads(answer.text) == {"name": "a.bin", "size": size}


def test_fastapi_streams(fast: Worker) -> None:
    answer = fast.ask(path="/api/events")
    assert answer.text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"
    assert answer.header("content-type") == "text/event-stream; charset=utf-8"
    with fast.connect() as client:
        client.start(path="/api/for-ever")
        client.end_body()
        client.read_until(b"data: again")
    fast.log.wait("the stream was ended")


def test_fastapi_errors_and_websockets(fast: Worker) -> None:
    assert fast.ask(path="/api/broken").status == 500
    assert "RuntimeError: boom" in fast.log.wait("GET /api/broken: the app failed")
    # A WebSocket's handshake is an ordinary request here, which no endpoint is for.
    upgrade = {"HTTP_UPGRADE": "websocket", "HTTP_CONNECTION": "Upgrade", "HTTP_SEC_WEBSOCKET_VERSION": "13"}
    assert fast.ask(path="/api/socket", **upgrade).status == 404


@pytest.mark.parametrize("framework", ["starlette", "quart", "django"])
def test_others(framework: str) -> None:
    need(framework)
    with Worker(f"others:{framework}_app()", "--script-name=/m", site=SITE) as worker, worker.connect() as client:
        for size in (0, 300_000):
            answer = client.ask("POST", "/m/a b/\u00e9", "q=1", b"x" * size,
                                REMOTE_USER="SHOP\\ann")
            told = json.loads(answer.text)
            assert told["size"] == size and told["query"] == {"q": "1"}
            assert told["path"] in ("/m/a b/\u00e9", "/a b/\u00e9"), told
        if framework == "django":
            assert told["user"] == "SHOP\\ann"
        if framework == "starlette":
            answer = client.ask(path="/m/file")
            assert answer.body == (SITE / "others.py").read_bytes()
            assert answer.header("x-through") == "yes"
        if framework == "quart":
            worker.log.wait("Quart begins")
