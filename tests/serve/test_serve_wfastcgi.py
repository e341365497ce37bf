"""Owns that a wfastcgi site runs as it is, and with the one line changed that IIS needs.

Does not own wfastcgi's settings one by one: see ``tests/worker``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from support.serve_site import ServeSite
from support.waiting import until


@pytest.fixture
def site(make_site: Callable[..., ServeSite]) -> ServeSite:
    return make_site("wfastcgi")


def _check(told: dict[str, Any]) -> None:
    assert told["colour"] == "blue"
    assert told["price"] == 42
    assert told["settings"] == "shop.handler.make()"
    assert (told["mount"], told["path"]) == ("", "/some/where")


def test_it_runs_unchanged_and_says_what_it_did(site: ServeSite) -> None:
    serve = site.serve()
    _check(serve.get("/some/where").json())
    line = serve.wait_line("mapped")
    assert r"C:\Python312\python.exe" in line and "(web.config:10)" in line


@pytest.mark.parametrize("line", [r"C:\iisgate\iisgate.exe|fcgi", r"C:\Python312\python.exe|-m iisgate fcgi",
                                  r"C:\venv\Scripts\wfastcgi.exe",
                                  r"C:\venv\Scripts\python.exe|C:\venv\Lib\site-packages\wfastcgi.py"])
def test_it_runs_with_one_line_changed(site: ServeSite, line: str) -> None:
    text = (site.path / "web.config").read_text()
    start = text.index('scriptProcessor="') + len('scriptProcessor="')
    site.write("web.config", text[:start] + line + text[text.index('"', start) :])
    _check(site.serve().get("/some/where").json())


def test_a_changed_file_restarts_it(site: ServeSite) -> None:
    serve = site.serve()
    assert serve.get("/").json()["price"] == 42
    site.write("lib/prices.py", "PRICE = 43\n")
    until("the new price is told", lambda: serve.get("/").json()["price"] == 43)
    assert "prices.py has changed" in serve.text


def test_a_changed_setting_restarts_it(site: ServeSite) -> None:
    serve = site.serve()
    assert serve.get("/").json()["colour"] == "blue"
    text = (site.path / "web.config").read_text()
    site.write("web.config", text.replace('"blue"', '"red"'))
    until("the new colour is told", lambda: serve.get("/").json()["colour"] == "red")
