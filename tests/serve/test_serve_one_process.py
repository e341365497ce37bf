"""Owns that many instances are one Python process: 16 requests are in the app at the same time.

Proven by a barrier in the app, not by a clock.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from support.serve_site import Answer, Serve, ServeSite, handler
from support.waiting import until

COUNT = 16


def _at_once(serve: Serve, count: int) -> list[Answer]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: serve.get(f"/meet?count={count}"), range(count)))


def test_sixteen_slow_requests_run_in_one_process(site: ServeSite) -> None:
    serve = site.serve("--max-instances=16")
    answers = _at_once(serve, COUNT)
    told = [answer.json() for answer in answers]
    assert len({each["pid"] for each in told}) == 1
    assert len({each["thread"] for each in told}) == COUNT
    assert len(site.gates()) == COUNT
    assert len(site.workers()) == 1
    # And again, now that everything is warm.
    assert {answer.json()["pid"] for answer in _at_once(serve, COUNT)} == {told[0]["pid"]}
    assert len(site.gates()) == COUNT


def test_instances_are_started_as_they_are_needed(site: ServeSite) -> None:
    serve = site.serve()
    for _ in range(20):
        serve.get("/")
    # A visitor has the last byte a moment before the instance is free again.
    assert len(site.gates()) <= 2
    _at_once(serve, 5)
    assert len(site.gates()) == 5


def test_automatic_instances_are_sixteen(site: ServeSite) -> None:
    serve = site.serve()
    _at_once(serve, COUNT)
    assert len(site.gates()) == COUNT


def test_more_requests_than_instances_wait(site: ServeSite) -> None:
    serve = site.serve("--max-instances=4")
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: serve.get("/meet?count=4"), range(20)))
    assert {answer.status for answer in answers} == {200}
    assert len(site.gates()) == 4


def test_two_sites_are_two_processes(site: ServeSite) -> None:
    site.write("web.config", handler("iisgate|fcgi app:app --grace 0.5 --script-name /a", "a/*", "a").replace(
        "</handlers>", '<add name="b" path="b/*" verb="*" modules="FastCgiModule" resourceType="Unspecified" '
        'scriptProcessor="iisgate|fcgi app:app --grace 0.5 --script-name /b" /></handlers>'))
    serve = site.serve()
    a, b = serve.get("/a/x").json(), serve.get("/b/x").json()
    assert a["pid"] != b["pid"]
    assert (a["script_name"], b["script_name"]) == ("/a", "/b")
    until("both are there", lambda: len(site.workers()) == 2)
