"""Owns what the gate's tests get: a site whose gates and workers end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from support.gate_site import GateSite


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, GateSite) and value.folder.exists():
                report.sections.append(("the site's logs", value.tell_logs()))


@pytest.fixture
def site() -> Iterator[GateSite]:
    site = GateSite()
    yield site
    site.close()


@pytest.fixture
def another_site() -> Iterator[Callable[[], GateSite]]:
    made: list[GateSite] = []

    def make() -> GateSite:
        made.append(GateSite())
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="module")
def wire() -> Iterator[GateSite]:
    """The site whose answers do not depend on what is masked."""
    site = GateSite("wire")
    yield site
    site.close()
