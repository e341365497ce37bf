"""Owns an answer as a visitor gets it, whatever stands in front: status, headers, chunks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any


class Answer:
    """Read once: ``chunks`` for large bodies, ``body`` for small ones."""

    def __init__(
        self, status: int, headers: list[tuple[str, str]], read: Callable[[int], bytes], close: Callable[[], None]
    ) -> None:
        self.status = status
        self.headers = headers
        self._read = read
        self._close = close
        self._body: bytes | None = None

    def chunks(self, size: int = 256 * 1024) -> Iterator[bytes]:
        while chunk := self._read(size):
            yield chunk
        self._close()

    @property
    def body(self) -> bytes:
        if self._body is None:
            self._body = b"".join(self.chunks())
        return self._body

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name: str) -> str | None:
        values = self.all(name)
        return values[0] if values else None

    def drop(self) -> None:
        """Hangs up in the middle."""
        self._close()
