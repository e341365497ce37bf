"""Owns what Zope asks of a gateway beyond WSGI: a request body that can be read once more.

When two requests have written the same object, Zope undoes one and tries it again from its beginning, and rewinds
``wsgi.input`` for that, also where there is no body. PEP 3333 promises no such input, and ours has none, for it passes
a body on as it comes.

Does not own that other apps get their bodies as they come: they never meet this.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any

App = Callable[..., Iterable[bytes]]

#: A body beyond this is kept in a file on disk. Most forms are smaller, most uploads larger; waitress takes 512 KiB.
MEMORY_BYTES = 1024 * 1024

#: What every Zope imports before it can serve.
PUBLISHER = "ZPublisher.WSGIPublisher"


def at_home(app: App) -> App:
    """The app; one of Zope, whatever it is wrapped in, with its requests' bodies kept."""
    if PUBLISHER not in sys.modules:
        return app

    def kept(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        # Closed, and its file removed, when nobody holds it any more: the answer may be read from it.
        body = SpooledTemporaryFile(MEMORY_BYTES)
        shutil.copyfileobj(environ["wsgi.input"], body)
        body.seek(0)
        environ["wsgi.input"] = body
        return app(environ, start_response)

    return kept
