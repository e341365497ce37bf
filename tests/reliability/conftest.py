"""Owns what these tests share: one served site that tells what it was asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.serve_site import Serve, ServeSite, handler


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """The site that tells its environ, and digests of bodies."""
    site = ServeSite("gate")
    try:
        site.write("web.config", handler(r"C:\iisgate\iisgate.exe|fcgi app:app --grace 0.5"))
        yield site.serve()
    finally:
        site.close()
