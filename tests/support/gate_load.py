"""Owns load for a while: threads that ask on fresh or kept connections, and account for each request.

Does not own what happens meanwhile: the test does.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass, field

from support.fcgi_client import Address, Client, Closed
from support.gate_site import facts


@dataclass
class Load:
    """Half of the threads make a connection for each request, the others keep theirs."""

    address: Address
    threads: int = 16
    #: Requests that failed for a client, each with its reason.
    failed: list[str] = field(default_factory=list)
    #: Kept connections that were closed between two requests, as the protocol allows.
    closed: int = 0
    served: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._fresh if number % 2 else self._kept) for number in range(self.threads)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def pids(self) -> set[int]:
        with self._lock:
            return set(self.served)

    def forget(self) -> None:
        """Counts from here on."""
        with self._lock:
            self.served.clear()

    def _ask(self, client: Client, keep: bool) -> None:
        pid = facts(client.ask(keep=keep))["pid"]
        with self._lock:
            self.served[pid] += 1

    def _fresh(self) -> None:
        while not self._stop.is_set():
            try:
                with Client.connect(self.address) as client:
                    self._ask(client, keep=False)
            except (Closed, OSError, AssertionError) as error:
                self._failed("fresh", error)

    def _kept(self) -> None:
        while not self._stop.is_set():
            try:
                with Client.connect(self.address) as client:
                    self._keep(client)
            except OSError as error:
                self._failed("kept, connecting", error)

    def _keep(self, client: Client) -> None:
        first = True
        while not self._stop.is_set():
            try:
                self._ask(client, keep=True)
            except (Closed, BrokenPipeError, ConnectionResetError) as error:
                begun = isinstance(error, Closed) and error.response.records
                if begun or first:
                    self._failed("kept", error)
                else:
                    self.closed += 1
                return
            except (OSError, AssertionError) as error:
                self._failed("kept", error)
                return
            first = False

    def _failed(self, which: str, error: BaseException) -> None:
        self.failed.append(f"{which}: {error!r}"[:300])
