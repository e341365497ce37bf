"""Owns every form of a TARGET, finding one when none is named, and what is told when it is wrong.

Does not own PasteDeploy files (``test_paste``) nor wfastcgi's settings (``test_wfastcgi_settings``).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.sites import app, write
from support.worker import Worker

FILES = {
    "plain.py": app("plain") + app("second", "second"),
    "classes.py": """\
        class App:
            def __init__(self, says="object"):
                self.says = says
            def __call__(self, environ, start_response):
                start_response("200 OK", [("Content-Type", "text/plain")])
                return [self.says.encode()]
            def factory(self):
                return App("method")
            class Inner:
                app = None
        App.Inner.app = App("inner")
        def make():
            return App("made")
        class Iterable:
            def __init__(self, environ, start_response):
                start_response("200 OK", [("Content-Type", "text/plain")])
            def __iter__(self):
                yield b"a class is an app"
        instance = App()
        """,
    "package/__init__.py": app("package"),
    "package/deep/__init__.py": "",
    "package/deep/wsgi.py": app("deep", "application"),
    "folder-with-dash/my-app.py": app("dashed"),
    "folder-with-dash/neighbour.py": "",
    "folder-with-dash/imports.py": "import neighbour\n" + app("imports its neighbour"),
    "script.wsgi": app("mod_wsgi's way", "application"),
    "custom.py": app("application wins", "application") + app("app loses"),
    "factory_only.py": "import plain\ndef create_app():\n    return plain.app\n",
    "make_only.py": "import plain\ndef make_app():\n    return plain.second\n",
    "here.py": app("", more="os.getcwd() + ' ' + os.environ['APPL_PHYSICAL_PATH']"),
    "caf\u00e9.py": app("caf\u00e9 ok"),
}


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("plain:app", "plain"),
        ("plain:second", "second"),
        ("classes:instance", "object"),
        ("classes:make()", "made"),
        ("classes:instance.factory()", "method"),
        ("classes:App.Inner.app", "inner"),
        ("classes:Iterable", "a class is an app"),
        ("package:app", "package"),
        ("package.deep.wsgi:application", "deep"),
        ("plain.py:app", "plain"),
        ("plain.py:second", "second"),
        ("plain.py", "plain"),
        ("package/deep/wsgi.py:application", "deep"),
        ("folder-with-dash/my-app.py:app", "dashed"),
        ("folder-with-dash/imports.py", "imports its neighbour"),
        ("script.wsgi", "mod_wsgi's way"),
        ("script.wsgi:application", "mod_wsgi's way"),
        ("custom.py", "application wins"),
        ("factory_only.py", "plain"),
        ("make_only.py", "second"),
        # wfastcgi's dotted names.
        ("plain.app", "plain"),
        ("package.app", "package"),
        ("package.deep.wsgi.application", "deep"),
        ("classes.make()", "made"),
        ("classes.App().factory()", "method"),
        ("classes.App.Inner.app", "inner"),
        # A dotted name that ends at a module: the app is looked for in it.
        ("package.deep.wsgi", "deep"),
        ("plain", "plain"),
        ("caf\u00e9:app", "caf\u00e9 ok"),
    ],
)
def test_targets(start_worker: Callable[..., Worker], tmp_path: Path, target: str, says: str) -> None:
    worker = start_worker(target, site=write(tmp_path, FILES))
    assert worker.ask().text == says
    worker.log.wait("ready: ")


def test_a_file_by_its_full_path(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"x.py": ""})
    other = write(tmp_path / "other", FILES)
    assert start_worker(f"{other}/plain.py:second", site=site).ask().text == "second"


def test_the_app_runs_in_its_site(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    site = write(tmp_path, FILES)
    assert start_worker("here:app", site=site).ask().text == f"{site} {site}/"


DETECTED = {
    "wsgi": ({"wsgi.py": app("wsgi", "application"), "app.py": app("app")}, "wsgi", "wsgi.py"),
    "app": ({"app.py": app("app"), "main.py": app("main")}, "app", "app.py"),
    "application": ({"application.py": app("application")}, "application", "application.py"),
    "main": ({"main.py": "import plain\nmake_app = lambda: plain.app\n", "plain.py": app("made")}, "made", "main.py"),
    "passenger": ({"passenger_wsgi.py": app("passenger", "application")}, "passenger", "passenger_wsgi.py"),
    "manage": (
        {"manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
         "shop/__init__.py": "", "shop/wsgi.py": app("django", "application"), "app.py": app("not me")},
        "django", "manage.py",
    ),
    "manage-without-wsgi": (
        {"manage.py": "DJANGO_SETTINGS_MODULE = None\n", "app.py": app("app")}, "app", "app.py",
    ),
    "pyproject": (
        {"pyproject.toml": "[tool.iisgate]\ntarget = 'other:app'\n", "other.py": app("other"), "app.py": app("not me")},
        "other", None,
    ),
}


@pytest.mark.parametrize("name", DETECTED)
def test_an_app_is_found(start_worker: Callable[..., Worker], tmp_path: Path, name: str) -> None:
    files, says, why = DETECTED[name]
    worker = start_worker(None, site=write(tmp_path, files))
    assert worker.ask().text == says
    if why:
        line = worker.log.wait_line("no TARGET was given")
        assert why in line.text


def test_the_order_of_precedence(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    """Flag, environment variable, pyproject.toml, web.config, detection."""
    from support.sites import web_config

    site = write(tmp_path, {f"{name}.py": app(name) for name in ("flag", "variable", "project", "handler", "app")})
    steps: list[tuple[str, str | None, dict[str, str]]] = [
        ("flag", "flag:app", {"IISGATE_TARGET": "variable:app"}),
        ("variable", None, {"IISGATE_TARGET": "variable:app"}),
        ("project", None, {}),
    ]
    write(site, {"pyproject.toml": "[tool.iisgate]\ntarget = 'project:app'\n",
                 "web.config": web_config({"WSGI_HANDLER": "handler.app"})})
    for says, target, env in steps:
        assert start_worker(target, site=site, env=env).ask().text == says
    (site / "pyproject.toml").unlink()
    assert start_worker(None, site=site).ask().text == "handler"
    (site / "web.config").unlink()
    assert start_worker(None, site=site).ask().text == "app"


def test_settings_of_pyproject(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    site = write(tmp_path, {
        "pyproject.toml": """\
            [tool.iisgate]
            target = "shop:app"
            script-name = "/shop"
            [tool.iisgate.env]
            SHOP_NAME = "caf\u00e9"
            """,
        "shop.py": app("", more="os.environ['SHOP_NAME'] + environ['SCRIPT_NAME'] + environ['PATH_INFO']"),
    })
    assert start_worker(None, site=site).ask(path="/shop/a").text == "caf\u00e9/shop/a"


WRONG = {
    "no-module": ("nowhere:app", {}, ["there is no module 'nowhere'", "it is looked for in:"]),
    "no-submodule": ("plain.sub:app", {}, ["there is no module 'plain.sub'"]),
    "no-attribute": ("plain:missing", {}, ["plain has no attribute 'missing'", "callable in plain: app, second"]),
    "no-file": ("missing.py:app", {}, ["names a file that is not there", "missing.py"]),
    "no-names": ("empty.py", {"empty.py": "x = 1\n"}, ["has none of the names application, app"]),
    "not-callable": ("empty:x", {"empty.py": "x = 1\n"}, ["a int cannot be called"]),
    "none": ("empty:x", {"empty.py": "x = None\n"}, ["a NoneType cannot be called"]),
    "empty-module": ("empty", {"empty.py": ""}, ["empty is a module, not an app", "empty:attr"]),
    "grammar": ("what is this", {}, ["not a TARGET: 'what is this'", "module:attr, module:factory()"]),
    "grammar-attribute": ("plain:app app", {}, ["not an attribute: 'app app'"]),
    "grammar-call": ("plain():app", {}, ["a module is not called"]),
    "dotted": ("plain.missing.app", {}, ["'plain.missing.app' cannot be resolved", "missing"]),
    "import-error": ("bad:app", {"bad.py": "import not_installed_here\n"},
                     ["No module named 'not_installed_here'", "bad.py", "Traceback (most recent call last):"]),
    "syntax-error": ("bad:app", {"bad.py": "def x(:\n"}, ["SyntaxError", "bad.py", "def x(:"]),
    "raises": ("bad:app", {"bad.py": "raise RuntimeError('the database is away')\n"},
               ["RuntimeError: the database is away", "line 1"]),
    "exits": ("bad:app", {"bad.py": "import sys\nsys.exit('no licence')\n"}, ["SystemExit: no licence"]),
    "factory-raises": ("bad:make()", {"bad.py": "def make():\n    raise KeyError('SHOP')\n"},
                       ["KeyError: 'SHOP'", "in make"]),
    "nothing": (None, {"README": ""}, ["no app was found in", "name it:", "Looked for: manage.py"]),
}


#: The code that each is told under.
CODES = {
    "no-module": "IG043", "no-submodule": "IG043", "no-attribute": "IG044", "no-file": "IG042", "no-names": "IG044",
    "not-callable": "IG045", "none": "IG045", "empty-module": "IG045", "grammar": "IG041", "grammar-attribute": "IG041",
    "grammar-call": "IG041", "dotted": "IG044", "import-error": "IG050", "syntax-error": "IG051", "raises": "IG054",
    "exits": "IG056", "factory-raises": "IG055", "nothing": "IG040",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_in_full(start_worker: Callable[..., Worker], tmp_path: Path, name: str) -> None:
    target, files, told = WRONG[name]
    told = [f"{CODES[name]}: ", *told]
    base = {} if target is None else {"plain.py": FILES["plain.py"]}
    worker = start_worker(target, site=write(tmp_path, {**base, **files}))
    assert worker.wait_end() == 1
    for text in told:
        assert text in worker.log.text(), f"{text!r} is not in: {worker.told()}"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"web.config": "<configuration><appSettings>"}, "web.config"),
        ({"pyproject.toml": "[tool.iisgate]\nno-such-key = 1\n"}, "no-such-key"),
        ({"pyproject.toml": "[tool.iisgate\n"}, "pyproject.toml"),
    ],
)
def test_a_broken_file_is_told_with_its_place(
    start_worker: Callable[..., Worker], tmp_path: Path, files: dict[str, str], told: str
) -> None:
    worker = start_worker("plain:app", site=write(tmp_path, {**FILES, **files}))
    assert worker.wait_end() == 2
    assert told in worker.told()


def test_a_missing_site_is_told(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    worker = start_worker("plain:app", site=tmp_path / "nowhere")
    assert worker.wait_end() == 2
    assert "nowhere" in worker.told()


def test_a_log_that_cannot_be_opened_is_told(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    write(tmp_path, {**FILES, "file": ""})
    worker = start_worker("plain:app", f"--log={tmp_path}/file/x.log", site=tmp_path, log=False)
    assert worker.wait_end() == 2
    assert "x.log" in worker.told()
