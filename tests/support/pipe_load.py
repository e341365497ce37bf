"""Owns load on the pipes of gates: each with one request at a time, as a web server has it.

Does not own load on sockets: see ``gate_load``.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from support.gate_site import Gate, facts
from support.waiting import until


@dataclass
class PipeLoad:
    """Requests on all gates, each with one at a time, until it is left; the first failure ends a gate's."""

    gates: Sequence[Gate]
    failed: list[str] = field(default_factory=list)
    served: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(gate,)) for gate in self.gates]

    def _ask(self, gate: Gate) -> None:
        try:
            while not self._stop.is_set():
                answer = gate.client.ask()
                with self._lock:
                    self.served[facts(answer)["pid"]] += 1
        except BaseException as error:
            self.failed.append(repr(error)[:300])

    def __enter__(self) -> PipeLoad:
        for thread in self._threads:
            thread.start()
        return self

    def wait(self, requests: int, workers: int) -> None:
        """Until so many were answered by so many workers."""
        what = f"{requests} requests are answered by {workers} workers"
        until(what, lambda: self.failed or self.served.total() >= requests and len(self.served) >= workers, 120)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
