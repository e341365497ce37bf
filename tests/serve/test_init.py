"""Owns ``iisgate init``: sites of wfastcgi and HttpPlatformHandler convert and run; when nothing is written.

Does not own projects of each framework (``test_init_projects``), nor what is detected and written in detail (tests
beside the code).
"""

from __future__ import annotations

from support.making_sites import Make, become_site, fresh, init

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


def test_without_a_terminal_nothing_is_written(make_site: Make) -> None:
    site = fresh(make_site, {"hello.py": WSGI})
    done = init(site)
    assert done.returncode == 1 and "--yes" in done.stderr
    assert "+target = \"hello:application\"" in done.stdout
    assert [path.name for path in site.path.iterdir()] == ["hello.py"]


def test_a_wfastcgi_site_converts_and_runs(make_site: Make) -> None:
    site = fresh(make_site, {"lib/hello.py": WSGI, "web.config": WFASTCGI})
    # wfastcgi reloads, so the site still does; that this is better done otherwise is told.
    assert become_site(site, "--from=wfastcgi", found=("reload-in-pyproject",)).endswith("old in site")
    assert (site.path / "web.backup-1.config").read_text() == WFASTCGI


def test_an_http_platform_site_converts_and_runs(make_site: Make) -> None:
    site = fresh(make_site, {"hello.py": WSGI, "web.config": HTTP_PLATFORM})
    assert "live in " in become_site(site, "--from=httpplatform")
