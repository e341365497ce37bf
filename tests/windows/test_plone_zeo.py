"""Owns that Plone works with ZEO as its helper and two workers of one thread each: ``examples/plone``, as its README
says how.

Does not own what Plone does: see ``test_plone``.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plone_support.browser import Page
from plone_support.serving import PASSWORD, USER, Plone, plone, processes, until_told
from support import living
from support.waiting import until

pytestmark = pytest.mark.long("takes minutes")

INSTANCES = 8

#: A worker that is replaced imports Plone once more.
PATIENCE_SECONDS = 300.0


def with_zeo(site: Path) -> None:
    """What README.md's "One database, several processes" says, with one thread for each worker, and a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    changes = [
        ("pyproject.toml", r"^# (workers|\[tool|preset)", r"\1"),
        ("pyproject.toml", r"^threads = .*", "threads = 1"),
        ("pyproject.toml", r'^target = "zope.ini"', 'target = "zope.ini#zeo"'),
        ("web.config", r"fcgi zope\.ini", "fcgi zope.ini#zeo"),
        ("zeo.conf", r"127\.0\.0\.1:8100", f"127.0.0.1:{port}"),
        ("zope-zeo.conf", r"127\.0\.0\.1:8100", f"127.0.0.1:{port}"),
    ]
    for name, old, new in changes:
        text = (site / name).read_text(encoding="utf-8")
        changed = re.sub(old, new, text, flags=re.MULTILINE)
        assert changed != text, f"{name} has no {old}"
        (site / name).write_text(changed, encoding="utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plone]:
    with plone(tmp_path_factory.mktemp("zeo"), INSTANCES, with_zeo) as served:
        yield served
        # Of a test that fails, pytest shows it.
        print(served.told()[-6000:])
    # With the web server the instances have gone.
    living.until_gone(lambda: processes("ZEO.runzeo") + processes("iisgate worker"), 60)


def ask(served: Plone, path: str) -> list[Page]:
    """What all instances answer that are asked at the same time."""
    with ThreadPoolExecutor(INSTANCES) as pool:
        return list(pool.map(lambda _: served.browser().get(path), range(INSTANCES)))


def are_answered(served: Plone) -> bool:
    return all(page.status == 200 for page in ask(served, "/welcome"))


def answers(served: Plone, path: str = "/welcome") -> list[str]:
    """The workers that answered."""
    return [page.ok().headers["X-Pid"] for page in ask(served, path)]


def test_zeo_is_one_and_lives_as_long_as_the_app(served: Plone) -> None:
    # Two workers import Plone at once: on a busy machine that takes longer than the stand-in gives an instance to say
    # something. The workers go on meanwhile, and who asks again finds them.
    until("Plone answers", lambda: served.browser().get("/welcome").status == 200, PATIENCE_SECONDS)
    until("all instances are answered", lambda: are_answered(served), PATIENCE_SECONDS)
    first = set(answers(served))
    assert len(first) == 2
    told = served.told()
    assert told.index("helper zeo is ready") < told.index(" is started for ")
    zeo = processes("ZEO.runzeo")
    assert zeo and told.count("helper zeo: process ") == 1

    # What one worker writes, the other one reads.
    editor = served.browser().authorize(USER, PASSWORD)
    says = {"Accept": "application/json", "Content-Type": "application/json"}
    body = json.dumps({"@type": "Document", "title": "By one worker"}).encode()
    assert editor.ask("POST", "/++api++/", body, says).status == 201
    published = "/++api++/by-one-worker/@workflow/publish"
    assert editor.ask("POST", published, b"{}", says).ok()
    pages = ask(served, "/by-one-worker")
    assert {page.ok().headers["X-Pid"] for page in pages} == first
    assert all("By one worker" in page.text for page in pages)

    # It survives that the workers are replaced.
    (served.folder / "tmp").mkdir()
    (served.folder / "tmp" / "restart.txt").touch()
    until("others answer", lambda: not first & set(answers(served)), PATIENCE_SECONDS)
    second = set(answers(served))
    assert len(second) == 2 and processes("ZEO.runzeo") == zeo

    # Killed, it is back, and Plone answers again.
    for each in zeo:
        each.kill()
    until_told(served, "it is started again in")
    until("ZEO is back", lambda: served.told().count("helper zeo is ready") == 2, PATIENCE_SECONDS)
    until("Plone answers", lambda: served.browser().get("/by-one-worker").status == 200, PATIENCE_SECONDS)
    assert set(answers(served, "/by-one-worker")) == second
    assert served.told().count("helper zeo: process ") == 2
