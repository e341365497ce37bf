"""Owns what an interpreter tells of itself, and what can be imported under it: a line of JSON for each fact.

Started by ``iisgate doctor`` as ``python -c``. Ends by itself when its time is over.
"""

import importlib
import importlib.machinery
import json
import os
import platform
import struct
import sys
import sysconfig
import threading
import time
from pathlib import Path
from typing import Any

#: Seconds that go into compiled modules; the app itself may take longer.
LIBRARY_SECONDS = 25.0

#: Most compiled modules that are tried.
LIBRARIES_MAX = 3000

wanted = json.loads(sys.argv[1])
# The app may print: that is none of our facts.
facts = os.fdopen(os.dup(1), "w", encoding="utf-8", errors="replace")
os.dup2(2, 1)


def tell(**fact: Any) -> None:
    facts.write(json.dumps(fact) + "\n")
    facts.flush()


def about() -> dict[str, Any]:
    base = Path(sys.base_prefix)
    folders = {Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep) if entry}
    try:
        import importlib.metadata

        version = importlib.metadata.version("iisgate")
    except Exception:
        version = None
    if version is None:
        try:
            version = getattr(importlib.import_module("iisgate"), "__version__", "unknown")
        except Exception:
            version = None
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "bits": struct.calcsize("P") * 8,
        "machine": platform.machine(),
        "prefix": sys.prefix,
        "base": sys.base_prefix,
        "is_conda": (base / "conda-meta").is_dir(),
        "has_conda_path": base / "Library" / "bin" in folders,
        "is_uv": "uv" in {part.lower() for part in base.resolve().parts},
        "iisgate": version,
    }


def load_target() -> None:
    from iisgate import loader, target, telling, worker

    subject = worker.Worker(worker.arguments(wanted["arguments"]))
    try:
        # As a worker does it, but nothing is served.
        settings = subject.settings = subject._configure()
        text = (
            subject.options.target
            or os.environ.get("IISGATE_TARGET")
            or settings["target"]
            or subject._setting("WSGI_HANDLER")
        )
        if text:
            found = target.parse(text, subject.site)
        elif ini := subject._setting("WSGI_CONFIG_FILE"):
            found = target.parse(subject._expand(ini), subject.site)
        else:
            found, _ = target.detect(subject.site)
        loader.load(found)
    except BaseException as error:
        told = telling.why(error)
        tell(target={"code": told.code, "message": told.title, "hint": told.hint})
    else:
        tell(target=None)


def libraries() -> list[tuple[str, Path]]:
    """Compiled modules of packages, by the names they are imported by."""
    found: list[tuple[str, Path]] = []
    suffixes = sorted(importlib.machinery.EXTENSION_SUFFIXES, key=len, reverse=True)
    for folder in sorted({Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}):
        for file in sorted(folder.rglob("*")):
            suffix = next((it for it in suffixes if file.name.endswith(it)), None)
            if suffix is None or not file.is_file():
                continue
            parts = [*file.relative_to(folder).parts[:-1], file.name[: -len(suffix)]]
            # What is no name cannot be imported, and tests are for others.
            if all(part.isidentifier() for part in parts) and not {"test", "tests"} & set(parts):
                found.append((".".join(parts), file))
    return found[:LIBRARIES_MAX]


def load_libraries() -> None:
    begun = time.monotonic()
    loaded = 0
    found = libraries()
    for number, (name, file) in enumerate(found):
        if time.monotonic() - begun > LIBRARY_SECONDS:
            tell(rest=len(found) - number)
            break
        if name in sys.modules:
            loaded += 1
            continue
        tell(begin=name)
        try:
            importlib.import_module(name)
            loaded += 1
        except ModuleNotFoundError:
            # It is for a package that is not wanted here.
            continue
        except ImportError as error:
            broken = getattr(error, "path", None) or str(file)
            tell(broken={"module": name, "file": broken, "message": str(error), "missing": missing(broken)})
        except BaseException:
            # It was loaded, and does not like to be imported by itself.
            loaded += 1
    tell(begin=None)
    tell(loaded=loaded)


def missing(file: str) -> list[str]:
    try:
        from iisgate import libraries as known

        return known.missing(file)
    except Exception:
        return []


itself = about()
tell(python=itself)
if wanted["imports"]:
    tell(begin="the app")
    try:
        # Without the package there is nothing that could load it.
        if itself["iisgate"] is not None:
            load_target()
    except BaseException as error:
        tell(target={"code": "IG030", "message": f"the package iisgate: {error}", "hint": ""})
    load_libraries()
tell(end=True)
# Threads that the app has started are nobody's business.
facts.close()
if threading.active_count() > 1:
    os._exit(0)
