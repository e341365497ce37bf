"""Owns telling why an app cannot be loaded: a sentence, a hint, the traceback without our frames.

Does not decide where it is told.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path

from iisgate.errors import LoadError

_OURS = str(Path(__file__).parent)


def _is_noise(filename: str) -> bool:
    """Whether a frame is ours or the import machinery's: neither tells what is wrong."""
    return filename.startswith((_OURS, "<frozen importlib")) or "/importlib/" in filename.replace("\\", "/")


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


def why(error: BaseException) -> tuple[str, str, str]:
    """Title, hint and details of a failure to load."""
    if isinstance(error, LoadError):
        cause = error.__cause__
        return error.title, error.hint, _trimmed(cause) if cause else ""
    title = f"the app could not be loaded: {type(error).__name__}: {error}"
    hint = ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        hint = (
            f"{error.name} is not in this Python's path; if it is a package to be installed: "
            f"{sys.executable} -m pip install {error.name.partition('.')[0]}"
        )
    return title, hint, _trimmed(error)
