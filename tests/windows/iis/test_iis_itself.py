"""IIS itself serves an example: collected only where there is IIS with its CGI feature."""

from __future__ import annotations

import hashlib
import json
import os
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import iis, living


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with iis.site("flask", "fcgi app:app") as address:
        yield address


def get(address: str) -> tuple[bytes, str]:
    """The answer's body, and the process that gave it."""
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.read(), answer.headers["X-Pid"]


def test_an_app_is_served(url: str) -> None:
    assert get(f"{url}/hello")[0] == b"Hello, World!\n"


def test_the_paths_are_right(url: str) -> None:
    environ = json.loads(get(f"{url}/environ?a=b")[0])
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"], environ["QUERY_STRING"]) == ("", "/environ", "a=b")
    assert environ["SERVER_SOFTWARE"].startswith("Microsoft-IIS/")


def test_an_upload_arrives_whole(url: str) -> None:
    body = os.urandom(1024 * 1024) * 5
    request = urllib.request.Request(f"{url}/sha256", data=body, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        told = json.load(answer)
    assert told == {"length": len(body), "sha256": hashlib.sha256(body).hexdigest()}


def test_a_long_answer_arrives_whole(url: str) -> None:
    assert len(get(f"{url}/stream?mib=16")[0]) == 16 * 1024 * 1024


def test_requests_at_once_are_answered_by_one_python(url: str) -> None:
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(get, [f"{url}/slow?seconds=1"] * 4))
    assert len({pid for _, pid in answers}) == 1
    assert len(living.alive("iisgate.exe")) > 1


def test_stopping_the_pool_leaves_nothing(url: str) -> None:
    get(f"{url}/hello")
    iis.stop_pool()
    living.until_gone(lambda: living.alive("iisgate.exe") + living.alive("python.exe", "-m iisgate"), 60)
