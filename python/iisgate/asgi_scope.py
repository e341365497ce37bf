"""Owns what an ASGI scope says of a request: made from what the web server told, as an environ.

Does not own the calls of the app (`iisgate.asgi_request`), nor what the web server's words mean (native).
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote_to_bytes

#: The versions of the specification that are kept. From 2.4 on ``send`` fails once the client has left, and apps rely
#: on that alone; with 2.3, as with Uvicorn, they listen for ``http.disconnect``, which is told sooner.
ASGI = {"version": "3.0", "spec_version": "2.3"}

#: Headers' names by the environ's; most requests have the same few. ``None`` for what is no header.
_names: dict[str, bytes | None] = {"CONTENT_TYPE": b"content-type", "CONTENT_LENGTH": b"content-length"}

#: More names than a site's clients have reason to send: the rest is not kept.
_NAMES_MAX = 1000

#: Bytes that stand for themselves in a path (RFC 3986).
_SAFE = "/!$&'()*+,;=:@~"


def _name(key: str) -> bytes | None:
    """The header's name for an environ's key."""
    is_header = key.startswith("HTTP_") and key not in ("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH")
    name = key[5:].replace("_", "-").lower().encode("latin-1") if is_header else None
    if len(_names) < _NAMES_MAX:
        _names[key] = name
    return name


def headers(environ: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    """The request's headers, names in lower case."""
    found = []
    for key, value in environ.items():
        name = _names[key] if key in _names else _name(key)
        # IIS says -1 for a body of unknown length.
        if name is not None and not (key == "CONTENT_LENGTH" and not value.isdecimal()):
            found.append((name, value.encode("latin-1")))
    return found


def _port(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def scope(environ: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    """The scope of one request. ``path`` begins with ``root_path``, as the specification wants it by now."""
    root = environ["SCRIPT_NAME"].encode("latin-1")
    path = root + environ["PATH_INFO"].encode("latin-1")
    version = environ["SERVER_PROTOCOL"].partition("/")[2] or "1.1"
    client = environ.get("REMOTE_ADDR")
    return {
        "type": "http",
        "asgi": ASGI,
        "http_version": version.removesuffix(".0") if version[:1] in "23" else version,
        "method": environ["REQUEST_METHOD"].upper(),
        "scheme": environ["wsgi.url_scheme"],
        "path": path.decode("utf-8", "replace"),
        "raw_path": _raw(environ, path),
        "query_string": environ["QUERY_STRING"].encode("latin-1"),
        "root_path": root.decode("utf-8", "replace"),
        "headers": headers(environ),
        "client": (client, _port(environ.get("REMOTE_PORT", ""))) if client else None,
        "server": (environ["SERVER_NAME"], _port(environ["SERVER_PORT"])),
        "state": state.copy(),
        "extensions": {"iisgate": {"environ": environ}},
    }


def _raw(environ: dict[str, Any], path: bytes) -> bytes:
    """The path as the client wrote it, if the web server tells that and did not rewrite it; else written anew."""
    for key in ("UNENCODED_URL", "REQUEST_URI"):
        told: bytes = environ.get(key, "").partition("?")[0].encode("latin-1")
        if told and (unquote_to_bytes(told) if b"%" in told else told) == path:
            return told
    return quote(path, _SAFE).encode("ascii")
