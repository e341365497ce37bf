"""Owns that ``iisgate init`` makes sites of projects as people have them: served at once, and clean to ``check``.

Does not own conversions (``test_init``), nor what is detected and written in detail (tests beside the code).
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from support import programs
from support.making_sites import Make, become_site, files_of, findings, fresh, init
from support.serve_site import ServeSite

FLASK_PROJECT = """\
# What the tutorial says, with a comment of ours.
[project]
name = "flaskr"   # the tutorial's name
dependencies = [
    "flask",
]

[build-system]
requires = ["flit_core<4"]
build-backend = "flit_core.buildapi"
"""

FLASK = """\
import os

from flask import Flask


def create_app(test_config=None):
    # create and configure the app
    app = Flask(__name__, instance_relative_config=True)
    app.config.from_mapping(SECRET_KEY='dev', DATABASE=os.path.join(app.instance_path, 'flaskr.sqlite'))

    if test_config is None:
        app.config.from_pyfile('config.py', silent=True)
    else:
        app.config.from_mapping(test_config)

    from . import blog
    app.register_blueprint(blog.bp)
    return app
"""

FLASK_BLOG = """\
from flask import Blueprint, url_for

bp = Blueprint('blog', __name__)


@bp.route('/')
def index():
    return f"hello from {__name__}, style at {url_for('static', filename='style.css')}"
"""

PYRAMID = """\
from pyramid.config import Configurator
from pyramid.response import Response


def main(global_config, **settings):
    with Configurator(settings=settings) as config:
        config.add_route("home", "/")
        config.add_view(lambda request: Response(f"hello from {settings['who']}"), route_name="home")
        return config.make_wsgi_app()
"""

#: As the cookiecutter writes it, but for the package, which nothing has installed here.
PYRAMID_INI = """\
[app:main]
use = call:tutorial:main
who = Pyramid

pyramid.reload_templates = false

[server:main]
use = egg:waitress#main
listen = *:6543
"""


def needs(module: str, requirement: str) -> None:
    if importlib.util.find_spec(module) is None:
        programs.missing(module, f"pip install {requirement}")


def test_a_fresh_django_project(make_site: Make) -> None:
    needs("django", "django")
    site = fresh(make_site, {})
    subprocess.run([sys.executable, "-m", "django", "startproject", "shop", str(site.path)], check=True, timeout=60)
    told = init(site, "--dry-run")
    assert told.returncode == 0 and "collectstatic" in told.stderr and "DEBUG = True" in told.stderr
    assert not (site.path / "web.config").exists()
    assert "The install worked successfully" in become_site(site)


def test_the_flask_tutorial_below_src(make_site: Make) -> None:
    needs("flask", "flask")
    site = fresh(make_site, {
        "pyproject.toml": FLASK_PROJECT,
        "src/flaskr/__init__.py": FLASK,
        "src/flaskr/blog.py": FLASK_BLOG,
        "src/flaskr/static/style.css": "body { color: teal }",
        "tests/test_factory.py": "def create_app():\n    raise AssertionError\n",
    })
    assert "hello from flaskr.blog, style at /static/style.css" in become_site(site)
    assert site.serving[-1].get("/static/style.css").text == "body { color: teal }"
    written = (site.path / "pyproject.toml").read_text()
    assert written.startswith(FLASK_PROJECT) and '[tool.iisgate]\ntarget = "flaskr:create_app()"' in written


def test_pyramid_by_its_ini(make_site: Make) -> None:
    needs("pyramid", "pyramid")
    files = {
        "production.ini": PYRAMID_INI,
        "development.ini": PYRAMID_INI.replace("who = Pyramid", "who = a toolbar"),
        "tutorial/__init__.py": PYRAMID,
        "tutorial/static/theme.css": "body { }",
    }
    assert become_site(fresh(make_site, files)) == "hello from Pyramid"


def test_a_zope_instance(make_site: Make) -> None:
    needs("Zope2", "'Zope[wsgi]>=6'")
    site = fresh(make_site, {})
    make = Path(sysconfig.get_path("scripts")) / "mkwsgiinstance"
    subprocess.run([str(make), "-d", str(site.path), "-u", "admin:secret"], check=True, timeout=60)
    # No URL of Zope is a file here: names that IIS would hide may be pages.
    assert "Auto-generated default page" in become_site(site, hides=False)
    serve = site.serving[-1]
    icon = serve.get("/++resource++logo/favicon/favicon.svg")
    assert icon.status == 200 and b"<svg" in icon.body, "allowDoubleEscaping"
    refused = serve.get("/manage_main")
    assert refused.status == 401 and "Zope" in str(refused.headers), "ours, not the web server's own"
    assert 'target = "etc/zope.ini"' in (site.path / "pyproject.toml").read_text()


#: What each example needs, and a page of it.
EXAMPLES = {"flask": "flask", "django": "django", "pyramid": "pyramid_jinja2"}


def example(make_site: Make, name: str) -> ServeSite:
    """A copy, as its README wants it before it is served."""
    site = make_site(programs.EXAMPLES / name)
    if name == "django":
        needs("django", "-r examples/django/requirements.txt")
        site.env["DJANGO_DB"] = str(site.folder / "db.sqlite3")
        shutil.rmtree(site.path / "static", ignore_errors=True)
        assert "collectstatic makes it" in init(site, "--dry-run").stderr
        subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"], cwd=site.path, check=True,
                       timeout=60)
    return site


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_without_its_configuration(make_site: Make, name: str) -> None:
    needs(EXAMPLES[name], f"-r examples/{name}/requirements.txt")
    site = example(make_site, name)
    for written in ("web.config", "pyproject.toml"):
        (site.path / written).unlink()
    assert become_site(site, url="/hello") == "Hello, World!\n"
    style = site.serving[-1].get("/static/site.css")
    assert style.status == 200 and style.headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("name", [*EXAMPLES, "plone"])
def test_an_example_needs_nothing_but_what_hides_files(make_site: Make, name: str) -> None:
    site = example(make_site, name)
    assert findings(site) == []
    before = files_of(site)
    done = init(site, "--yes")
    assert done.returncode == 0, done.stderr
    removed = [line for line in done.stdout.splitlines() if line.startswith("-") and line[:3] != "---"]
    assert not removed, done.stdout
    if name == "plone":
        assert files_of(site) == before
    else:
        assert '<add segment=".git" />' in (site.path / "web.config").read_text()
    assert findings(site) == []


def test_plones_configuration_is_what_the_example_has(make_site: Make) -> None:
    """Serving Plone takes packages that are tested on Windows; what is written for it is compared here."""
    site = make_site(programs.EXAMPLES / "plone")
    kept = (site.path / "web.config").read_text()
    (site.path / "web.config").unlink()
    assert init(site, "--yes").returncode == 0
    assert findings(site) == []

    def lines(text: str) -> list[str]:
        return [line for line in text.splitlines() if "<!--" not in line]

    assert lines((site.path / "web.config").read_text()) == lines(kept)
