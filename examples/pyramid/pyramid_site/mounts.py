"""Mounts the apps of an ini file below paths, as Paste's urlmap does, without needing Paste."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def urlmap(loader: Any, global_conf: dict[str, str], **mounts: str) -> App:
    """A PasteDeploy composite: each key is a path, each value the name of an app section."""
    apps = {
        path.rstrip("/"): loader.get_app(name, global_conf=global_conf)
        for path, name in mounts.items()
    }
    # The longest path first: /shop/admin must not end up in /shop.
    paths = sorted(apps, key=len, reverse=True)

    def mounted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        info = environ.get("PATH_INFO", "")
        for path in paths:
            if info == path or info.startswith(path + "/"):
                # What the mount took moves over, so that the app finds itself at its own root.
                environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + path
                environ["PATH_INFO"] = info[len(path) :]
                return apps[path](environ, start_response)
        body = b"nothing is mounted here\n"
        head = [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))]
        start_response("404 Not Found", head)
        return [body]

    return mounted
