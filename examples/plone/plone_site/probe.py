"""Owns the view ``@@iisgate-probe``: which process and thread answered, and what it has counted."""

from __future__ import annotations

import json
import os
import sys
import threading

from Products.Five.browser import BrowserView

from plone_site import hooks

#: How many requests may wait for each other: fewer than the worker has threads, so that it still answers others.
TOGETHER_MAX = 6

#: Seconds after which those who wait for others give up.
TOGETHER_SECONDS = 20.0

_barriers: dict[int, threading.Barrier] = {}
_lock = threading.Lock()


class Probe(BrowserView):
    """JSON. With ``?together=4`` nobody is answered before four requests are here at the same time."""

    def __call__(self) -> str:
        response = self.request.response
        response.setHeader("Content-Type", "application/json")
        response.setHeader("Cache-Control", "no-store")
        count = self.request.form.get("together", "1")
        if not count.isdecimal() or not 1 <= int(count) <= TOGETHER_MAX:
            response.setStatus(400)
            return json.dumps({"error": f"together is a number from 1 to {TOGETHER_MAX}"})
        try:
            _barrier(int(count)).wait(TOGETHER_SECONDS)
        except threading.BrokenBarrierError:
            response.setStatus(503)
            return json.dumps({"error": f"waited {TOGETHER_SECONDS:g} s in vain for {count} requests at once"})
        told = {
            "pid": os.getpid(),
            "thread": threading.get_native_id(),
            "python": sys.version.split()[0],
            "platform": sys.platform,
            "context": "/".join(self.context.getPhysicalPath()),
            "url": self.context.absolute_url(),
            "published": self.request["URL"],
            "multithread": self.request.environ["wsgi.multithread"],
            "multiprocess": self.request.environ["wsgi.multiprocess"],
            "counts": hooks.counts(),
        }
        return json.dumps(told, indent=2)


def _barrier(count: int) -> threading.Barrier:
    with _lock:
        barrier = _barriers.get(count)
        if barrier is None or barrier.broken:
            barrier = _barriers[count] = threading.Barrier(count)
        return barrier
