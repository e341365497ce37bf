"""Owns PasteDeploy files as TARGET, their logging, and Helicon's ``WSGI_CONFIG_FILE``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support import programs
from support.sites import web_config, write
from support.worker import Worker

pytest.importorskip("paste.deploy", reason="PasteDeploy is in tests/requirements.txt")

FILES = {
    "shop.ini": """\
        [app:main]
        use = call:shop:main
        says = main in %(here)s

        [app:other]
        use = call:shop:main
        says = other

        [filter:loud]
        use = call:shop:loud

        [pipeline:piped]
        pipeline = loud other

        [loggers]
        keys = root, shop

        [handlers]
        keys = console

        [formatters]
        keys = form

        [logger_root]
        level = WARNING
        handlers = console

        [logger_shop]
        level = DEBUG
        handlers =
        qualname = shop

        [handler_console]
        class = StreamHandler
        args = (sys.stderr,)
        formatter = form

        [formatter_form]
        format = by the ini: %(levelname)s %(message)s 100%%
        """,
    "shop.py": """\
        import logging
        log = logging.getLogger("shop")
        early = logging.getLogger("made.before.the.ini")

        def main(global_config, says):
            log.debug("building %s", says)
            def app(environ, start_response):
                log.info("serving")
                logging.getLogger("quiet").info("must not be seen")
                start_response("200 OK", [("Content-Type", "text/plain")])
                return [says.encode()]
            return app

        def loud(global_config):
            def wrap(app):
                return lambda e, s: [b"".join(app(e, s)).upper()]
            return wrap
        """,
}


@pytest.mark.parametrize(
    ("target", "says"),
    [("shop.ini", "main in {site}"), ("shop.ini#main", "main in {site}"), ("shop.ini#other", "other"),
     ("shop.ini#piped", "OTHER")],
)
def test_a_file_and_its_sections(start_worker: Callable[..., Worker], tmp_path: Path, target: str, says: str) -> None:
    worker = start_worker(target, site=write(tmp_path, FILES))
    assert worker.ask().text == says.format(site=tmp_path)


def test_a_file_by_its_full_path(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    site = write(tmp_path / "site", {"x": ""})
    write(tmp_path / "conf dir", FILES)
    worker = start_worker(f"{tmp_path}/conf dir/shop.ini#other", site=site)
    assert worker.ask().text == "other"


def test_the_files_logging_is_obeyed(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    worker = start_worker("shop.ini", site=write(tmp_path, FILES))
    worker.ask()
    worker.log.wait_line("by the ini: DEBUG building main")
    line = worker.log.wait_line("by the ini: INFO serving 100%")
    assert line.request != "-"
    assert "must not be seen" not in worker.log.text()


def test_a_file_is_found(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    files = {"production.ini": FILES["shop.ini"], "shop.py": FILES["shop.py"]}
    worker = start_worker(None, site=write(tmp_path, files))
    assert worker.ask().text.startswith("main")
    assert "production.ini" in worker.log.wait_line("no TARGET was given").text


@pytest.mark.parametrize(
    ("target", "told"),
    [("missing.ini", "there is no file"), ("shop.ini#missing", "missing"), ("broken.ini", "broken.ini")],
)
def test_what_is_wrong_is_told(start_worker: Callable[..., Worker], tmp_path: Path, target: str, told: str) -> None:
    worker = start_worker(target, site=write(tmp_path, {**FILES, "broken.ini": "[app:main]\nuse = nonsense\n"}))
    assert worker.wait_end() == 1
    assert told in worker.log.text()


def test_without_pastedeploy_the_message_says_how_to_get_it(
    start_worker: Callable[..., Worker], tmp_path: Path
) -> None:
    """It is not uninstalled for that: an import hook hides it."""
    write(tmp_path / "hook", {"sitecustomize.py": """\
        import sys
        class Hidden:
            @staticmethod
            def find_spec(name, path=None, target=None):
                if name == "paste" or name.startswith("paste."):
                    raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        for name in [name for name in sys.modules if name.split(".")[0] == "paste"]:
            del sys.modules[name]
        sys.meta_path.insert(0, Hidden)
        """})
    path = [str(tmp_path / "hook"), *programs.environment().values()]
    worker = start_worker("shop.ini", site=write(tmp_path / "site", FILES), env={"PYTHONPATH": ":".join(path)})
    assert worker.wait_end() == 1
    text = worker.log.text()
    assert "shop.ini is a PasteDeploy file, but PasteDeploy is not installed" in text
    assert f"{sys.executable} -m pip install PasteDeploy" in text


@pytest.mark.parametrize("value", [
    "%APPL_PHYSICAL_PATH%shop.ini", "shop.ini#other", "%appl_physical_path%shop.ini#other",
])
@pytest.mark.parametrize("where", ["environment", "web.config"])
def test_helicons_wsgi_config_file(
    start_worker: Callable[..., Worker], tmp_path: Path, value: str, where: str
) -> None:
    site = write(tmp_path, FILES)
    env = {}
    if where == "environment":
        env["WSGI_CONFIG_FILE"] = value
    else:
        write(site, {"web.config": web_config({"WSGI_CONFIG_FILE": value})})
    says = "other" if "#other" in value else f"main in {site}"
    assert start_worker(None, site=site, env=env).ask().text == says
