"""The web servers that put requests to us: each starts with a configuration of its own making.

Own ports, own folders, in the foreground, as whoever runs the tests.
"""

from __future__ import annotations

from support.fronts.apache import ModFcgid, ModProxyFcgi
from support.fronts.base import Front
from support.fronts.lighttpd import LighttpdHost, LighttpdOwn
from support.fronts.nginx import Nginx, NginxBuffering, NginxTcp
from support.fronts.spawners import CgiFcgi, SpawnFcgi

FRONTS: dict[str, type[Front]] = {
    front.name: front
    for front in (Nginx, NginxTcp, LighttpdOwn, LighttpdHost, ModProxyFcgi, ModFcgid, SpawnFcgi, CgiFcgi)
}

__all__ = ["FRONTS", "Front", "NginxBuffering"]
