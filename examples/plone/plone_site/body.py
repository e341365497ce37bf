"""Owns keeping a request's body, so that Zope can read it once more.

When two requests have written the same object, Zope undoes one and tries it again from its beginning, and rewinds
``wsgi.input`` for that, also where there is no body. WSGI promises no such input, and a web server that passes a body
on as it comes has none.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Any

App = Callable[..., Iterable[bytes]]

#: Beyond this, a file on disk. Most forms are smaller, most uploads larger.
MEMORY_BYTES = 1024 * 1024


def filter_factory(global_conf: Mapping[str, str]) -> Callable[[App], App]:
    """For PasteDeploy."""
    return KeptBody


@dataclass
class KeptBody:
    """Gives the app an input that can be rewound."""

    app: App

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Closed, and its file removed, when nobody holds it any more: the answer may be read from it.
        body = SpooledTemporaryFile(MEMORY_BYTES)
        shutil.copyfileobj(environ["wsgi.input"], body)
        body.seek(0)
        environ["wsgi.input"] = body
        return self.app(environ, start_response)
