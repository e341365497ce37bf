"""Owns telling why an app cannot be loaded: code, sentence, place, what mends it, the traceback without our frames.

Does not decide where it is told, nor what the codes mean (``iisgate explain``).
"""

from __future__ import annotations

import errno
import os
import re
import sys
import sysconfig
import traceback
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from iisgate import calls, libraries
from iisgate.errors import LoadError

_OURS = str(Path(__file__).parent)

#: Modules whose packages have another name.
PACKAGES = {
    "bs4": "beautifulsoup4", "Crypto": "pycryptodome", "cv2": "opencv-python", "dateutil": "python-dateutil",
    "docx": "python-docx", "dotenv": "python-dotenv", "jwt": "PyJWT", "ldap": "python-ldap", "MySQLdb": "mysqlclient",
    "paste": "Paste", "PIL": "Pillow", "pkg_resources": "setuptools", "pythoncom": "pywin32", "pywintypes": "pywin32",
    "serial": "pyserial", "sklearn": "scikit-learn", "win32api": "pywin32", "win32com": "pywin32", "yaml": "PyYAML",
    "zmq": "pyzmq",
}

#: What systems' loaders say of a library that is missing, and of one that is not for this Python.
_MISSING = re.compile(r"DLL load failed|cannot open shared object file|Could not find module|Library not loaded")
_OTHER = re.compile(
    r"not a valid Win32 application|wrong ELF class|invalid ELF header|undefined symbol|conflicts with this version"
    r"|procedure could not be found|Exec format error"
)
_LIBRARY = re.compile(r"(\S+?): cannot open shared object file|Could not find module '([^']+)'")

#: Windows' numbers of the same.
_WINDOWS_MISSING, _WINDOWS_OTHER = (126, 127), (193,)


class Told(NamedTuple):
    """A failure as the gate takes it."""

    code: str
    title: str
    place: str = ""
    hint: str = ""
    command: str = ""
    details: str = ""

    def __str__(self) -> str:
        """As it stands in the log."""
        parts = [f"{self.code}: {self.title}"]
        for word, part in (("place: ", self.place), ("mend: ", self.hint), ("command: ", self.command),
                           ("", self.details)):
            if part:
                parts.append(word + part.rstrip())
        return "\n".join(parts)


def why(error: BaseException) -> Told:
    """Tells a failure to load."""
    if isinstance(error, LoadError):
        cause = error.__cause__
        place = error.place or (_place(cause) if cause else "")
        details = _trimmed(cause) if cause else ""
        return Told(error.code, error.title, place, error.hint, error.command, details)
    code, hint, command = _judged(error)
    title = f"the app could not be loaded: {_named(error)}"
    return Told(code, title, _place(error), hint, command, _trimmed(error))


def _named(error: BaseException) -> str:
    return traceback.format_exception_only(type(error), error)[-1].strip()


def _judged(error: BaseException) -> tuple[str, str, str]:
    """Code, hint and command for what the app raised."""
    python = sys.executable
    if isinstance(error, SyntaxError):
        hint = "correct the line that is told; this checks the file"
        if "print" in str(error.msg) and "parenthes" in str(error.msg):
            hint = "the file was written for Python 2: correct it, or convert it; this checks it"
        return "IG051", hint, f'{python} -m py_compile "{error.filename or "FILE"}"'
    if isinstance(error, ImportError):
        return _import_failed(error)
    if isinstance(error, SystemExit):
        return "IG056", 'put what ends the process behind: if __name__ == "__main__"', "iisgate serve --debug"
    if isinstance(error, MemoryError):
        return "IG075", "there is no memory left: see what uses it", "tasklist /v" if os.name == "nt" else "free -h"
    if isinstance(error, OSError):
        if judged := _refused(error):
            return judged
    if _is_in_factory(error):
        hint = "the factory was called without arguments, in the environment of the web server"
        return "IG055", hint, "iisgate serve --debug"
    return "IG054", "the line that is told raised it; to see it at a console", "iisgate serve --debug"


def _import_failed(error: ImportError) -> tuple[str, str, str]:
    python, text = sys.executable, str(error)
    if isinstance(error, ModuleNotFoundError) and error.name:
        top = error.name.partition(".")[0]
        if "is not a package" in text:
            hint = f"{top} is a file that hides the package of that name: rename it, it is"
            found = getattr(sys.modules.get(top), "__file__", None) or f"{top}.py"
            return "IG053", f"{hint} {found}", f'{python} -c "import {top}; print({top}.__file__)"'
        package = PACKAGES.get(top, top)
        hint = f"{top} is not in this Python's path; if it is a package to be installed"
        return "IG050", hint, f"{python} -m pip install {package}"
    name = error.name or "MODULE"
    if _OTHER.search(text):
        package = PACKAGES.get(name.partition(".")[0], name.partition(".")[0])
        hint = f"{error.path or name} was built for another Python: install its package anew"
        return "IG057", hint, f"{python} -m pip install --force-reinstall --no-cache-dir {package}"
    if _MISSING.search(text):
        return _library_missing(text, error.path, name)
    if "partially initialized module" in text:
        hint = "two modules of the app import each other: import one of them where it is used, inside a function"
        return "IG053", hint, f'{python} -X importtime -c "import {name}"'
    return "IG053", "versions of packages may not fit each other; this looks for that", f"{python} -m pip check"


def _library_missing(text: str, path: str | None, name: str) -> tuple[str, str, str]:
    missing = libraries.missing(path) if path else []
    if found := _LIBRARY.search(text):
        missing = missing or [found[1] or found[2]]
    try_it = f'{sys.executable} -c "import {name}"' if name != "MODULE" else "iisgate serve --debug"
    if not missing:
        return "IG052", f"{path or name} needs a library that is not found; try the import by hand", try_it
    hint = f"the system does not find {', '.join(missing)}: install it, or add its folder to the search path"
    if any(library.upper().startswith(("VCRUNTIME", "MSVCP", "CONCRT", "VCOMP")) for library in missing):
        return "IG052", hint, "winget install Microsoft.VCRedist.2015+.x64"
    return "IG052", hint, try_it


def _refused(error: OSError) -> tuple[str, str, str] | None:
    """What the system refused, if that has a code of its own."""
    text = str(error)
    windows = getattr(error, "winerror", None)
    if windows in _WINDOWS_OTHER or _OTHER.search(text):
        return "IG057", "the library was built for another kind of processor than this Python", (
            f'{sys.executable} -c "import struct; print(8 * struct.calcsize(\'P\'))"')
    if windows in _WINDOWS_MISSING or _MISSING.search(text):
        return _library_missing(text, None, "MODULE")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        command = "fsutil volume diskfree C:" if os.name == "nt" else "df -h"
        return "IG073", "the disk is full: remove what is not needed, then ask again", command
    if isinstance(error, PermissionError):
        path = error.filename or "."
        if os.name == "nt":
            user = os.environ.get("APP_POOL_ID", "DefaultAppPool")
            command = f'icacls "{path}" /grant "IIS AppPool\\{user}:(OI)(CI)RX"'
        else:
            command = f'ls -l "{path}"'
        return "IG058", f"the web server's user may not use {path}: let it", command
    return None


def _is_noise(filename: str) -> bool:
    """Whether a frame is ours or the import machinery's: neither tells what is wrong."""
    return filename.startswith((_OURS, "<frozen importlib")) or "/importlib/" in filename.replace("\\", "/")


def _is_in_factory(error: BaseException) -> bool:
    """Whether it was raised below `iisgate.loader`'s call of a factory."""
    return _factory_frame(error) is not None


def _factory_frame(error: BaseException) -> FrameType | None:
    frames = (frame for frame, _ in traceback.walk_tb(error.__traceback__))
    is_ours = (f for f in frames if f.f_code.co_name == "_made" and f.f_code.co_filename.startswith(_OURS))
    return next(is_ours, None)


def _place(error: BaseException) -> str:
    """The app's own line: the innermost that is neither a package's nor Python's; else the innermost."""
    if isinstance(error, SyntaxError) and error.filename:
        column = f":{error.offset}" if error.offset else ""
        return f"{error.filename}:{error.lineno or 1}{column}"
    told = traceback.TracebackException.from_exception(error)
    frames = [frame for frame in told.stack if not _is_noise(frame.filename)]
    if not frames:
        if called := _factory_frame(error):
            # It was not even entered: its arguments are wrong.
            return calls.place(called.f_locals["factory"])
        cause = error.__cause__ or error.__context__
        return _place(cause) if cause else ""
    libraries_at = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
    own = [frame for frame in frames if not frame.filename.startswith((*libraries_at, "<"))]
    frame = (own or frames)[-1]
    # Python 3.10 knows no columns.
    colno: int | None = getattr(frame, "colno", None)
    return f"{frame.filename}:{frame.lineno}" + (f":{colno + 1}" if colno is not None else "")


def _trimmed(error: BaseException) -> str:
    told = traceback.TracebackException.from_exception(error)
    part: traceback.TracebackException | None = told
    seen = 0
    while part is not None and seen < 100:
        part.stack = traceback.StackSummary.from_list(
            [frame for frame in part.stack if not _is_noise(frame.filename)]
        )
        part = part.__cause__ or part.__context__
        seen += 1
    return "".join(told.format())
