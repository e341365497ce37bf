"""Owns the fixtures of tests that speak with instances: the web server of a module, a site of each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from instance_support.instances import Site, WebServer, web_server
from support import living


@pytest.fixture(scope="module")
def web() -> Iterator[WebServer]:
    """Starts instances; none, and no worker, is left after the last test."""

    def ours() -> list[living.WindowsProcess]:
        return living.alive("iisgate.exe") + living.alive("python.exe", "iisgate worker")

    # Of other tests, whose sites may serve for the whole run.
    others = ours()
    with web_server() as web:
        yield web
        living.until_gone(lambda: [each for each in ours() if each not in others])


@pytest.fixture
def site(request: pytest.FixtureRequest, web: WebServer, tmp_path: Path) -> Iterator[Site]:
    """A site; its gates' arguments are the test's parameter, if it has one for it."""
    site = Site(web, tmp_path, getattr(request, "param", ""))
    yield site
    site.close()
    # Of a test that fails, pytest shows it.
    print(site.log())
