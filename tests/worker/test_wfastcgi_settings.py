"""Owns wfastcgi's settings in ``web.config``: a site that left wfastcgi changes one line, no more.

Does not own the watcher (``WSGI_RESTART_FILE_REGEX``) nor ``WSGI_LOG``: those are the gate's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from support.sites import app, web_config, write
from support.worker import Worker

PARTS = {
    "shop/__init__.py": "",
    "shop/wsgi.py": app("application", "application") + """
def get_application():
    return application

class Site:
    def handler(self):
        return application
    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"instance"]
""",
}


@pytest.mark.parametrize(
    ("handler", "says"),
    [
        ("shop.wsgi.application", "application"),
        ("shop.wsgi.get_application()", "application"),
        ("shop.wsgi.Site()", "instance"),
        ("shop.wsgi.Site().handler()", "application"),
        # Not wfastcgi's, but nobody would expect it to fail here.
        ("shop.wsgi:application", "application"),
    ],
)
def test_wsgi_handler(start_worker: Callable[..., Worker], tmp_path: Path, handler: str, says: str) -> None:
    site = write(tmp_path, {**PARTS, "web.config": web_config({"WSGI_HANDLER": handler})})
    assert start_worker(None, site=site).ask().text == says


def test_wsgi_handler_from_the_environment(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    """As ``<fastCgi><environmentVariables>`` give it."""
    worker = start_worker(None, site=write(tmp_path, PARTS), env={"WSGI_HANDLER": "shop.wsgi.application"})
    assert worker.ask().text == "application"


def test_django(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    pytest.importorskip("django", reason="Django is in tests/requirements.txt")
    site = write(tmp_path, {
        "web.config": web_config({
            "WSGI_HANDLER": "django.core.wsgi.get_wsgi_application()",
            "DJANGO_SETTINGS_MODULE": "shop.settings",
        }),
        "shop/__init__.py": "",
        "shop/settings.py": "SECRET_KEY = 'x'\nROOT_URLCONF = 'shop.urls'\nALLOWED_HOSTS = ['*']\n",
        "shop/urls.py": """\
            from django.http import HttpResponse
            from django.urls import path
            urlpatterns = [path("hello", lambda request: HttpResponse(f"hello {request.path}"))]
            """,
    })
    worker = start_worker(None, site=site)
    assert worker.ask(path="/hello").text == "hello /hello"
    assert worker.ask(path="/missing").status == 404


@pytest.mark.parametrize("spelling", ["%SITELOCATION%", "%sitelocation%"])
def test_pythonpath_is_expanded_split_and_appended(
    start_worker: Callable[..., Worker], tmp_path: Path, spelling: str
) -> None:
    site = write(tmp_path / "site", {
        "web.config": web_config({"WSGI_HANDLER": "shop.wsgi.application",
                                  "PYTHONPATH": f"{spelling};%SITE%;%OTHERLOCATION%/lib;%NO_SUCH%;;"}),
        "shop/__init__.py": "",
        "shop/wsgi.py": "import other\napplication = other.app\n",
    })
    write(tmp_path / "other/lib", {
        "other.py": app("other ", more="';'.join(sys.path)"),
        # Appended: what is in the site comes first.
        "shop/__init__.py": "raise RuntimeError('the wrong shop')\n",
    })
    env = {"SITELOCATION": str(tmp_path / "first"), "SITE": str(site), "OTHERLOCATION": str(tmp_path / "other")}
    text = start_worker(None, site=site, env=env).ask().text
    path = text.removeprefix("other ").split(";")
    assert path[-3:] == [str(tmp_path / "first"), str(tmp_path / "other/lib"), "%NO_SUCH%"]
    assert path.count(str(site)) == 1


def test_every_other_setting_is_an_environment_variable(
    start_worker: Callable[..., Worker], tmp_path: Path
) -> None:
    site = write(tmp_path, {
        "web.config": web_config({"WSGI_HANDLER": "tell.app", "DATABASE_URL": "a&b<c>\"'", "Mixed_Case": "1",
                                  "EMPTY": "", "FROM_OUTSIDE": "inside wins"}),
        "tell.py": app("", more="repr([os.environ.get(n) for n in "
                                "('DATABASE_URL', 'Mixed_Case', 'EMPTY', 'FROM_OUTSIDE', 'WSGI_HANDLER')])"),
    })
    worker = start_worker(None, site=site, env={"FROM_OUTSIDE": "outside"})
    assert worker.ask().text == repr(["a&b<c>\"'", "1", "", "inside wins", "tell.app"])


def test_script_name(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    """PTVS#1029: the app below a path, told by a setting."""
    site = write(tmp_path, {
        "web.config": web_config({"WSGI_HANDLER": "tell.app", "SCRIPT_NAME": "/shop"}),
        "tell.py": app("", more="environ['SCRIPT_NAME'] + '|' + environ['PATH_INFO']"),
    })
    worker = start_worker(None, site=site)
    iis = {"SERVER_SOFTWARE": "Microsoft-IIS/10.0", "APPL_MD_PATH": "/LM/W3SVC/1/ROOT"}
    for path, expected in (("/shop/a", "/shop|/a"), ("/Shop/a", "/Shop|/a"), ("/shop", "/shop|"), ("/x", "|/x")):
        assert worker.ask(path=path, SCRIPT_NAME=path, **iis).text == expected


@pytest.mark.parametrize("name", ["web.config", "Web.config", "Web.Config"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_files_name_and_encoding(
    start_worker: Callable[..., Worker], tmp_path: Path, name: str, encoding: str
) -> None:
    write(tmp_path, {"tell.py": app("", more="os.environ['CITY']")})
    text = web_config({"WSGI_HANDLER": "tell.app", "CITY": "K\u00f8benhavn"})
    declared = "utf-16" if encoding == "utf-16" else "utf-8"
    (tmp_path / name).write_bytes(text.replace('encoding="utf-8"', f'encoding="{declared}"').encode(encoding))
    assert start_worker(None, site=tmp_path).ask().text == "K\u00f8benhavn"


def test_a_setting_is_replaced_and_removed(start_worker: Callable[..., Worker], tmp_path: Path) -> None:
    site = write(tmp_path, {
        "web.config": """\
            <configuration><appSettings>
              <add key="WSGI_HANDLER" value="wrong.app" />
              <add key="REMOVED" value="1" />
              <remove key="REMOVED" />
              <add key="wsgi_handler" value="tell.app" />
            </appSettings></configuration>
            """,
        "tell.py": app("right", more="os.environ.get('REMOVED', ' removed')"),
    })
    assert start_worker(None, site=site).ask().text == "right removed"
