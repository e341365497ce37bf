"""Owns what the stand-in's tests get: sites that end with the test, their words when one fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.serve_site import Serve, ServeSite


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, ServeSite):
                report.sections.append(("what iisgate serve said", value.tell()))
            elif isinstance(value, Serve) and value.said.exists():
                report.sections.append(("what iisgate serve said", value.text[-6000:]))


@pytest.fixture
def make_site() -> Iterator[Callable[..., ServeSite]]:
    """Copies a site from ``fixtures/sites``."""
    made: list[ServeSite] = []

    def make(source: Path | str = "gate", copy: bool = True) -> ServeSite:
        made.append(ServeSite(source, copy))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def site(make_site: Callable[..., ServeSite]) -> ServeSite:
    """The site that tells who answers, with a handler as under IIS."""
    from support.serve_site import handler

    site = make_site("gate")
    site.write("web.config", handler(r"C:\iisgate\iisgate.exe|fcgi app:app --grace 0.5"))
    return site
