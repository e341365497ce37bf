"""Owns mounting a Plone site at the web site's own root, as Zope's VirtualHostMonster wants to be told.

Zope reads from the path where visitors are and where the site lies:
``/VirtualHostBase/https/www.example.com:443/Plone/VirtualHostRoot/news``. Elsewhere a rewrite rule
of the web server writes that; here the app does, and the web server need not know.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

App = Callable[..., Iterable[bytes]]

#: A name or an address, perhaps with a port: what may stand between two slashes of Zope's path.
_HOST = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?", re.ASCII)

_RESERVED = ("..", "VirtualHostBase", "VirtualHostRoot")

_PORTS = {"http": "80", "https": "443"}


def filter_factory(
    global_conf: Mapping[str, str], site: str = "Plone", zope_root: str = "", public_url: str = ""
) -> Callable[[App], App]:
    """For PasteDeploy.

    ``site`` is a path in Zope's database, ``zope_root`` a path of the web site, below which all of that
    database is seen; ``public_url`` is what visitors see, if that is not what they ask for.
    """
    parts = urlsplit(public_url)
    if public_url and (parts.scheme not in _PORTS or not _HOST.fullmatch(parts.netloc) or parts.path.strip("/")):
        raise ValueError(f"public_url must be http(s)://host or http(s)://host:port: {public_url}")
    return lambda app: VirtualHosting(app, _segments(site), _segments(zope_root), parts.scheme, parts.netloc)


@dataclass
class VirtualHosting:
    """Tells Zope where it is seen from outside."""

    app: App
    site: list[str]
    zope_root: list[str]
    scheme: str = ""
    host: str = ""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO") or "/"
        asked = _segments(path)
        # Zope would take these for our own words, or step back over them, out of the site.
        if any(name in _RESERVED or name.startswith("_vh_") for name in asked):
            return _refuse(start_response, "404 Not Found")
        host = self.host or _asked_host(environ)
        if not _HOST.fullmatch(host):
            return _refuse(start_response, "400 Bad Request")
        scheme = self.scheme or environ["wsgi.url_scheme"]
        if not re.search(r":\d+$", host):
            host = f"{host}:{_PORTS[scheme]}"
        # Below the root of the web site when iisgate serves an IIS application.
        mounted_at = _segments(environ.get("SCRIPT_NAME", ""))
        inside = self.site
        if self.zope_root and asked[: len(self.zope_root)] == self.zope_root:
            inside = []
            mounted_at += self.zope_root
            rest = "/".join(asked[len(self.zope_root) :])
            path = f"/{rest}/" if rest and path.endswith("/") else f"/{rest}"
        words = ["VirtualHostBase", scheme, host, *inside, "VirtualHostRoot", *(f"_vh_{name}" for name in mounted_at)]
        environ["PATH_INFO"] = "/" + "/".join(words) + path
        return self.app(environ, start_response)


def _segments(path: str) -> list[str]:
    return [name for name in path.split("/") if name]


def _asked_host(environ: Mapping[str, Any]) -> str:
    asked: str = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return asked


def _refuse(start_response: Callable[..., Any], status: str) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{status}\n".encode()]
