"""Owns what an app may do within a request although nobody gave the process a console: no WinError 6, no lost pipe.

Does not own the log's form.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from serve_support import sites
from support import living
from support.serving import Serving, served
from support.waiting import until

CHILD = "the child that stays"


@pytest.fixture(scope="module")
def doing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with served(sites.site(tmp_path_factory.mktemp("doing"), "doing"), "--max-instances=3") as serving:
        yield serving


def result(serving: Serving, what: str) -> Any:
    return serving.get(f"/{what}").json()["result"]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("captured", "seen by the app\n"),
        ("fed", "HELLO\n"),
        ("child_reads", "''\n"),
        ("shell", "seen by a shell\n"),
        ("asking", "EOFError, then ''"),
    ],
)
def test_children_and_input(doing: Serving, what: str, expected: str) -> None:
    assert result(doing, what) == expected


@pytest.mark.parametrize(
    ("what", "expected", "told"),
    [
        ("inherited", 0, ["a child prints", "a child complains"]),
        ("printing", 3, ["printed by the app", "complained by the app", "half a line, and its end"]),
        ("written", 26, ["written to 1", "written to 2"]),
        ("logged", "logged", ["INFO of shop: logged by the app", "ERROR of shop: Fehler: größer als €"]),
        ("fault", True, ['doing0\\app.py", line', "in fault"]),
    ],
)
def test_what_is_printed_is_in_the_log(doing: Serving, what: str, expected: object, told: list[str]) -> None:
    assert result(doing, what) == expected
    for text in told:
        doing.until_told(text)


def test_multiprocessing(doing: Serving) -> None:
    told = result(doing, "processes")
    assert told == {"squares": [0, 1, 4, 9], "name": "the other", "is_other": True, "exit": 0}
    doing.until_told("a process of multiprocessing prints")


def test_no_child_has_the_web_server_s_pipe(doing: Serving) -> None:
    assert result(doing, "own"), "the worker itself has it"
    assert result(doing, "held") == []


def test_an_end_is_noticed_though_a_child_lives_on(doing: Serving) -> None:
    """The child would keep the pipe open, or the channel between gate and worker, if it had them."""
    before = doing.get("/child").json()["pid"]
    until("the child to live", lambda: living.alive("python.exe", CHILD))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(doing.get, "/wait")
        doing.until_told("waits in the app")
        ended = doing.get("/end")
        assert ended.status == 500 and "The worker ended while it answered" in ended.text
        assert waiting.result().status == 500
    after = doing.get("/captured").json()
    assert (after["result"], after["pid"] != before) == ("seen by the app\n", True)
    # Nobody is left who would end it.
    living.until_gone(lambda: living.alive("python.exe", CHILD))
