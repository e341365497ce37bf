"""Owns what shows that Zope's publication hooks are alive: a header from each of them.

A worker counts its own publications; the probe tells the counts.
"""

from __future__ import annotations

import os
import threading
from collections import Counter

from plone.transformchain.interfaces import IAfterSingleTransformEvent
from zope.component import adapter
from ZPublisher.interfaces import IPubBeforeCommit, IPubStart, IPubSuccess

_counts: Counter[str] = Counter()
_lock = threading.Lock()


def counts() -> dict[str, int]:
    """How often each hook was called in this process."""
    with _lock:
        return dict(_counts)


def _count(name: str) -> str:
    with _lock:
        _counts[name] += 1
        return str(_counts[name])


@adapter(IPubStart)
def started(event: IPubStart) -> None:
    _count("started")
    # Here, so that errors have it, too.
    event.request.response.setHeader("X-Pid", str(os.getpid()))


@adapter(IAfterSingleTransformEvent)
def transformed(event: IAfterSingleTransformEvent) -> None:
    _count("transformed")
    response = event.request.response
    names = [response.getHeader("X-Transforms"), event.name]
    response.setHeader("X-Transforms", ", ".join(name for name in names if name))


@adapter(IPubBeforeCommit)
def before_commit(event: IPubBeforeCommit) -> None:
    event.request.response.setHeader("X-Before-Commit", _count("before_commit"))


@adapter(IPubSuccess)
def succeeded(event: IPubSuccess) -> None:
    event.request.response.setHeader("X-Success", _count("success"))
