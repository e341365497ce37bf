"""Owns ``iisgate init``: projects as people have them become sites that the stand-in serves at once.

Does not own what is detected and written in detail (tests beside the code).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from support import processes, programs
from support.serve_site import ServeSite

Make = Callable[..., ServeSite]

FLASK = """import flask


def create_app(test_config=None):
    app = flask.Flask(__name__)

    @app.get("/")
    def home():
        return f"hello from {__name__}"

    return app
"""

PYRAMID = """from pyramid.config import Configurator
from pyramid.response import Response


def main(global_config, **settings):
    with Configurator(settings=settings) as config:
        config.add_route("home", "/")
        config.add_view(lambda request: Response("hello from Pyramid"), route_name="home")
        return config.make_wsgi_app()
"""

WSGI = """import os


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{os.environ.get('MODE', 'no mode')} in {os.path.basename(os.getcwd())}".encode()]


def make():
    return application
"""

HTTP_PLATFORM = r"""<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <system.webServer>
    <handlers>
      <add name="py" path="*" verb="*" modules="httpPlatformHandler" resourceType="Unspecified" />
    </handlers>
    <httpPlatform processPath="C:\sites\hello\.venv\Scripts\python.exe"
                  arguments="-m waitress --port %HTTP_PLATFORM_PORT% --call hello:make">
      <environmentVariables>
        <environmentVariable name="MODE" value="live" />
      </environmentVariables>
    </httpPlatform>
  </system.webServer>
</configuration>
"""

WFASTCGI = r"""<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <appSettings>
    <add key="WSGI_HANDLER" value="hello.make()" />
    <add key="PYTHONPATH" value="%APPL_PHYSICAL_PATH%lib" />
    <add key="MODE" value="old" />
  </appSettings>
  <system.webServer>
    <handlers>
      <add name="Python" path="*" verb="*" modules="FastCgiModule" resourceType="Unspecified"
           scriptProcessor="C:\Python312\python.exe|C:\Python312\Lib\site-packages\wfastcgi.py" />
    </handlers>
  </system.webServer>
</configuration>
"""


def init(site: ServeSite, *arguments: str) -> subprocess.CompletedProcess[str]:
    words = [str(programs.iisgate()), "init", str(site.path), *arguments]
    environment = {**os.environ, **site.env, processes.MARK_NAME: processes.MARK}
    return subprocess.run(words, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL,
                          timeout=60, check=False)


def fresh(make_site: Make, files: dict[str, str]) -> ServeSite:
    site = make_site("gate")
    for path in site.path.iterdir():
        path.unlink()
    for name, text in files.items():
        site.write(name, text)
    return site


def become_site(site: ServeSite, *arguments: str) -> str:
    """Lets ``init`` write, sees that a second run has nothing to do, and asks the site for its first page."""
    done = init(site, "--yes", *arguments)
    assert done.returncode == 0, done.stderr
    before = {path: path.read_bytes() for path in site.path.iterdir() if path.is_file()}
    again = init(site, *arguments)
    assert again.returncode == 0 and not again.stdout, again.stdout + again.stderr
    assert before == {path: path.read_bytes() for path in site.path.iterdir() if path.is_file()}
    served = site.serve()
    answer = served.get("/")
    assert answer.status == 200, answer.body.decode()
    # Secrets and data are not for visitors, whatever the app would say.
    for url in ("/db.sqlite3", "/manage.py", "/.env"):
        assert served.get(url).status == 404, url
    return answer.body.decode()


def test_a_fresh_django_project(make_site: Make) -> None:
    pytest.importorskip("django")
    site = fresh(make_site, {})
    subprocess.run([sys.executable, "-m", "django", "startproject", "shop", str(site.path)], check=True, timeout=60)
    told = init(site, "--dry-run")
    assert told.returncode == 0 and "collectstatic" in told.stderr and "DEBUG = True" in told.stderr
    assert not (site.path / "web.config").exists()
    assert "The install worked successfully" in become_site(site)


def test_flask_below_src(make_site: Make) -> None:
    pytest.importorskip("flask")
    site = fresh(make_site, {"src/shop/__init__.py": FLASK})
    assert "hello from shop" in become_site(site)


def test_pyramid_by_its_ini(make_site: Make) -> None:
    pytest.importorskip("pyramid")
    files = {"production.ini": "[app:main]\nuse = call:hello:main\n", "hello.py": PYRAMID}
    assert "hello from Pyramid" in become_site(fresh(make_site, files))


def test_an_asgi_app_is_told_what_to_do(make_site: Make) -> None:
    site = fresh(make_site, {"main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"})
    done = init(site, "--yes")
    assert done.returncode == 1 and "a2wsgi" in done.stderr and "main.py" in done.stderr
    assert [path.name for path in site.path.iterdir()] == ["main.py"]


def test_without_a_terminal_nothing_is_written(make_site: Make) -> None:
    site = fresh(make_site, {"hello.py": WSGI})
    done = init(site)
    assert done.returncode == 1 and "--yes" in done.stderr
    assert "+target = \"hello:application\"" in done.stdout
    assert [path.name for path in site.path.iterdir()] == ["hello.py"]


def test_a_wfastcgi_site_converts_and_runs(make_site: Make) -> None:
    site = fresh(make_site, {"lib/hello.py": WSGI, "web.config": WFASTCGI})
    assert become_site(site, "--from=wfastcgi").endswith("old in site")
    assert (site.path / "web.backup-1.config").read_text() == WFASTCGI


def test_an_http_platform_site_converts_and_runs(make_site: Make) -> None:
    site = fresh(make_site, {"hello.py": WSGI, "web.config": HTTP_PLATFORM})
    assert "live in " in become_site(site, "--from=httpplatform")


def test_the_examples_need_nothing_but_what_hides_files(make_site: Make) -> None:
    for name in ("flask", "pyramid"):
        site = make_site(programs.EXAMPLES / name)
        done = init(site, "--dry-run")
        assert done.returncode == 0, done.stderr
        removed = [line for line in done.stdout.splitlines() if line.startswith("-") and line[:3] != "---"]
        assert not removed and "+          <add segment=\".git\" />" in done.stdout, done.stdout
