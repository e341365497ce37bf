"""Owns an ASGI app's startup and shutdown, which kind an app is, and the event loop.

Does not own requests (``test_asgi_rules``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.worker import Worker

ANSWER = """
import os

async def answer(scope, receive, send, text="served"):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": text.encode()})
"""

#: Apps that are served, and what is asked of them.
SERVED = {
    "no-lifespan": "async def app(scope, receive, send):\n    assert scope['type'] == 'http'\n"
                   "    await answer(scope, receive, send)\n",
    "returns": "async def app(scope, receive, send):\n    if scope['type'] == 'http':\n"
               "        await answer(scope, receive, send)\n",
    "object": "class App:\n    async def __call__(self, scope, receive, send):\n"
              "        await answer(scope, receive, send)\n"
              "app = App()\n",
    "function": "def app(scope, receive, send):\n    return answer(scope, receive, send)\n",
    "factory": "def create_app():\n    return answer\n",
    "asgi2": "class app:\n    def __init__(self, scope):\n        self.scope = scope\n"
             "    async def __call__(self, receive, send):\n        await answer(self.scope, receive, send)\n",
    "warmed-up": "async def app(scope, receive, send):\n    if scope['type'] == 'http':\n"
                 "        print('asked for', scope['path'], await receive())\n"
                 "        await answer(scope, receive, send)\n",
}


@pytest.mark.parametrize("name", SERVED)
def test_apps_of_every_kind(start_worker: Callable[..., Worker], tmp_path: Path, name: str) -> None:
    (tmp_path / "app.py").write_text(ANSWER + SERVED[name])
    (tmp_path / "pyproject.toml").write_text("[tool.iisgate]\nwarm-up = ['/first']\n" if name == "warmed-up" else "")
    worker = start_worker(None, site=tmp_path)
    assert worker.ask().text == "served"
    if name == "warmed-up":
        worker.log.wait("warm-up: GET /first: 200")
        worker.log.wait("asked for /first {'type': 'http.request', 'body': b'', 'more_body': False}")


STARTUP = """
async def app(scope, receive, send):
    assert scope["type"] == "lifespan" and "state" in scope
    await receive()
"""

FAILING = {
    "says-so": ("    await send({'type': 'lifespan.startup.failed', 'message': 'no database'})\n",
                "IG046: the ASGI app's startup failed: no database"),
    "raises": ("    try:\n        connect()\n    except Exception:\n"
               "        await send({'type': 'lifespan.startup.failed', 'message': 'traceback'})\n        raise\n",
               "IG046: the ASGI app's startup failed: OSError: no database"),
    "without-a-word": ("    await send({'type': 'lifespan.startup.failed'})\n", "failed: it does not say why"),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_startup_that_fails(start_worker: Callable[..., Worker], tmp_path: Path, name: str) -> None:
    body, told = FAILING[name]
    (tmp_path / "app.py").write_text(f"{STARTUP}{body}\n\ndef connect():\n    raise OSError('no database')\n")
    worker = start_worker("app:app", site=tmp_path)
    assert worker.wait_end() == 1
    assert told in worker.log.text()
    if name == "raises":
        assert f"place: {tmp_path / 'app.py'}:" in worker.log.text() and "in connect" in worker.log.text()


def test_a_shutdown_that_fails_and_one_that_is_missed(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    started = "    await send({'type': 'lifespan.startup.complete'})\n"
    for end, told in (
        ("    await receive()\n    await send({'type': 'lifespan.shutdown.failed', 'message': 'no disk'})\n",
         "no disk"),
        ("    await receive()\n    raise OSError('no net')\n", "OSError: no net"),
        ("    raise OSError('early')\n", "lifespan ended before the worker did"),
    ):
        (tmp_path / "app.py").write_text(STARTUP + started + end)
        worker = start_worker("app:app", site=tmp_path)
        worker.log.wait("ready: ")
        worker.process.terminate()
        assert worker.wait_end() == 0
        worker.log.wait(told)


def test_work_after_the_answer_is_waited_for(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    after = "async def app(scope, receive, send):\n    import asyncio\n    await answer(scope, receive, send)\n" \
            "    await asyncio.sleep(0.3)\n    print('done after all')\n"
    (tmp_path / "app.py").write_text(ANSWER + after)
    worker = start_worker("app:app", site=tmp_path)
    assert worker.ask().text == "served"
    worker.process.terminate()
    assert worker.wait_end() == 0
    worker.log.wait_line("done after all")


def test_what_is_said_by_settings(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    """The kind of an app that does not show it, the event loop, both for this site alone."""
    app = ANSWER + "from asyncio import SelectorEventLoop, get_running_loop\n" \
        "class Loop(SelectorEventLoop):\n    pass\n" \
        "def app(*all):\n    return answer(*all, type(get_running_loop()).__name__)\n"
    (tmp_path / "app.py").write_text(app)
    settings = '[tool.iisgate.env]\nIISGATE_INTERFACE = "asgi"\nIISGATE_EVENT_LOOP = "app:Loop"\n'
    (tmp_path / "pyproject.toml").write_text(settings)
    assert start_worker("app:app", site=tmp_path).ask().text == "Loop"
    for name, code in (("INTERFACE", "IG047"), ("EVENT_LOOP", "IG046")):
        wrong = settings.replace("asgi" if name == "INTERFACE" else "app:Loop", "nosuch")
        (tmp_path / "pyproject.toml").write_text(wrong)
        worker = start_worker("app:app", site=tmp_path)
        assert worker.wait_end() == 1
        assert f"{code}: IISGATE_{name}" in worker.log.text()


def test_slow_steps_are_told_in_debug_mode(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    """asyncio's own debug mode says who held the loop up."""
    busy = "async def app(scope, receive, send):\n    from hashlib import pbkdf2_hmac\n" \
           "    for _ in range(8):\n        pbkdf2_hmac('sha256', b'a', b'b', 60_000)\n" \
           "    await answer(scope, receive, send)\n"
    (tmp_path / "app.py").write_text(ANSWER + busy)
    worker = start_worker("app:app", "--debug", site=tmp_path)
    assert worker.ask().text == "served"
    worker.log.wait("Executing <Task finished name='GET /'")
