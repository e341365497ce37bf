"""Python web apps behind IIS, nginx, Apache and lighttpd.

Owns nothing of its own: the worker is in `iisgate.worker`, loading apps in `iisgate.loader`, the
native half in `iisgate._native`. Apps need not import anything from here.
"""

from iisgate._native import __version__

__all__ = ["__version__"]
