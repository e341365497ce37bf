"""Owns loading the app that a target names.

Does not own the grammar of targets (`iisgate.target`) nor calling the app (native).
"""

from __future__ import annotations

import difflib
import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from iisgate import calls
from iisgate.errors import LoadError
from iisgate.target import APP_NAMES, Dotted, Module, Paste, Target

App = Callable[..., Any]


def load(target: Target) -> App:
    """Imports what the target names and returns the app, whichever kind it is."""
    if isinstance(target, Paste):
        app = _paste(target)
    elif isinstance(target, Dotted):
        app = _dotted(target.name)
    else:
        app = _module(target)
    return _checked(app, target)


def _module(target: Module) -> Any:
    module = _import_file(target) if target.path else _import(target.name)
    if target.attribute is not None:
        return _attribute(module, target.attribute)
    for name in APP_NAMES:
        if hasattr(module, name.removesuffix("()")):
            return _attribute(module, name)
    raise LoadError(
        f"{module.__file__} has none of the names {', '.join(APP_NAMES)}",
        f"name the app: {target.name}:attr; {_callables(module)}",
        code="IG044",
        place=_file(module),
        command=f"iisgate fcgi {target.name}:attr",
    )


def _import_file(target: Module) -> ModuleType:
    path = target.path
    assert path is not None
    # Only in the first place of the path is the file what its name imports.
    if sys.path[:1] != [str(path.parent)] or path.name != f"{target.name}.py":
        spec = importlib.util.spec_from_file_location(target.name, path)
        if spec is None or spec.loader is None:
            # A file of another ending, as mod_wsgi's scripts have.
            loader = importlib.machinery.SourceFileLoader(target.name, str(path))
            spec = importlib.util.spec_from_loader(target.name, loader)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[target.name] = module
        if str(path.parent) not in sys.path:
            sys.path.insert(0, str(path.parent))
        spec.loader.exec_module(module)
        return module
    return _import(target.name)


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # Missing is the module itself, not something that it imports.
        if error.name and (name == error.name or name.startswith(error.name + ".")):
            folders = [path or "." for path in sys.path]
            raise LoadError(
                f"there is no module {error.name!r}",
                f"{_nearby(error.name, folders)}it is looked for in: {', '.join(folders)}",
                code="IG043",
                place=folders[0] if folders else "",
                command=f'{sys.executable} -c "import {error.name}"',
            ) from error
        raise


def _attribute(module: ModuleType, attribute: str) -> Any:
    value: Any = module
    for part in attribute.removesuffix("()").split("."):
        if not hasattr(value, part):
            name = module.__name__
            near = difflib.get_close_matches(part, vars(module), 3) if value is module else []
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise LoadError(
                f"{name} has no attribute {attribute.removesuffix('()')!r}",
                hint + _callables(module),
                code="IG044",
                place=_file(module),
                command=f"iisgate fcgi {name}:{(near or _names(module) or ['attr'])[0]}",
            )
        value = getattr(value, part)
    return _made(value) if attribute.endswith("()") else value


def _made(factory: Any) -> Any:
    """Calls a factory. (`iisgate.telling` knows the frame by this name.)"""
    return factory()


def _names(module: ModuleType) -> list[str]:
    return [n for n, v in vars(module).items() if callable(v) and not n.startswith("_")]


def _callables(module: ModuleType) -> str:
    return f"callable in {module.__name__}: {', '.join(_names(module)) or 'nothing'}"


def _file(module: ModuleType) -> str:
    return getattr(module, "__file__", None) or module.__name__


def _nearby(name: str, folders: list[str]) -> str:
    """Modules of the first folder, the site's, that have nearly this name, or this one a folder below."""
    wanted = name.partition(".")[0]
    try:
        site = Path(folders[0])
        known = {path.stem: path.stem for path in site.iterdir() if path.suffix == ".py" or path.is_dir()}
        below = {path.stem: f"{path.parent.name}.{path.stem}" for path in site.glob("*/*.py")}
    except (IndexError, OSError):
        return ""
    near = [below[wanted]] if wanted in below else []
    near += [known[match] for match in difflib.get_close_matches(wanted, known, 2)]
    return f"did you mean {' or '.join(near)}? " if near else ""


def _dotted(name: str) -> Any:
    """As wfastcgi resolves names: the longest importable prefix, the rest by attribute; a part
    with ``()`` is called."""
    parts = name.split(".")
    module: Any = None
    used = 0
    for count in range(1, len(parts) + 1):
        prefix = ".".join(parts[:count])
        if prefix.endswith("()") or "(" in prefix:
            break
        try:
            module = importlib.import_module(prefix)
        except ModuleNotFoundError as error:
            if error.name != prefix and not prefix.startswith(f"{error.name}."):
                raise
            break
        used = count
    if module is None:
        # Tells that the first part is no module, with the search path.
        _import(parts[0].removesuffix("()"))
    value: Any = module
    for part in parts[used:]:
        try:
            value = getattr(value, part.removesuffix("()"))
        except AttributeError as error:
            raise LoadError(
                f"{name!r} cannot be resolved: {error}",
                f"it was read as WSGI_HANDLER is; in {'.'.join(parts[:used])} there are: "
                f"{', '.join(n for n in dir(value) if not n.startswith('_')) or 'no names'}",
                code="IG044",
                place=_file(module),
                command=f"iisgate fcgi {'.'.join(parts[:used])}:attr",
            ) from error
        if part.endswith("()"):
            value = _made(value)
    return value


def _paste(target: Paste) -> Any:
    if not target.path.is_file():
        raise LoadError(
            f"there is no file {target.path}",
            "correct the name: it is relative to the site's folder",
            code="IG042",
            place=str(target.path),
            command="iisgate fcgi file.ini#section",
        )
    folder = str(target.path.parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        from paste.deploy import loadapp
    except ModuleNotFoundError as error:
        raise LoadError(
            f"{target.path.name} is a PasteDeploy file, but PasteDeploy is not installed",
            "install it",
            code="IG050",
            place=str(target.path),
            command=f"{sys.executable} -m pip install PasteDeploy",
        ) from error
    _paste_logging(target)
    return _made(lambda: loadapp(f"config:{target.path}", name=target.section, global_conf={}))


def _paste_logging(target: Paste) -> None:
    """Applies the file's logging sections, as pserve does."""
    import configparser
    import logging.config

    defaults = {"here": str(target.path.parent), "__file__": str(target.path)}
    parser = configparser.ConfigParser(defaults={k: v.replace("%", "%%") for k, v in defaults.items()})
    parser.read(target.path, encoding="utf-8")
    if parser.has_section("loggers"):
        logging.config.fileConfig(parser, disable_existing_loggers=False)


def _checked(app: Any, target: Target) -> App:
    if isinstance(app, ModuleType):
        for name in APP_NAMES:
            if hasattr(app, name.removesuffix("()")):
                return _checked(_attribute(app, name), target)
        raise LoadError(
            f"{app.__name__} is a module, not an app",
            f"name it: {app.__name__}:attr; {_callables(app)}",
            code="IG045",
            place=_file(app),
            command=f"iisgate fcgi {app.__name__}:attr",
        )
    if not callable(app):
        raise LoadError(
            f"the target gives no app: a {type(app).__name__} cannot be called",
            "a WSGI app is called with environ and start_response, an ASGI app with scope, receive and send; a factory "
            "must return one",
            code="IG045",
            place=f"TARGET {target}",
            command="iisgate fcgi module:attr",
        )
    calls.check(app, str(target))
    return app  # type: ignore[no-any-return]
