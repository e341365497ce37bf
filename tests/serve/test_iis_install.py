"""Owns ``iisgate iis install``: real configuration files of servers take the entry, serve by it, and get their old
bytes back.

Does not own the edits in detail, nor what appcmd is told (tests beside the code).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from support import processes, programs
from support.serve_site import ServeSite

Make = Callable[..., ServeSite]

CONFIGS = programs.REPOSITORY / "fixtures" / "config"

SITE = b"""\r
            <site name="Shop" id="99">\r
                <application path="/" applicationPool="Clr4IntegratedAppPool">\r
                    <virtualDirectory path="/" physicalPath="FOLDER" />\r
                </application>\r
                <bindings><binding protocol="http" bindingInformation="*:80:" /></bindings>\r
            </site>"""

#: Each with its site, and what is put in which place for that to be a folder here.
SERVERS: dict[str, tuple[str, str, dict[bytes, bytes]]] = {
    "full": ("iis10-arr-applicationHost.config", "Default Web Site", {rb"%SystemDrive%\inetpub\wwwroot": b"FOLDER"}),
    "express": ("iisexpress-applicationhost.config", "Shop", {b"<sites>": b"<sites>" + SITE}),
}

APP = """def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello from " + environ["REQUEST_METHOD"].encode()]
"""


class Server:
    """A server's configuration with a site of ours in it."""

    def __init__(self, site: ServeSite, name: str) -> None:
        file, self.name, places = SERVERS[name]
        self.site = site
        for path in site.path.iterdir():
            path.unlink()
        site.write("hello.py", APP)
        self.file = site.folder / "applicationHost.config"
        original = (CONFIGS / file).read_bytes()
        for old, new in places.items():
            assert original.count(old) == 1, old
            original = original.replace(old, new)
        self.original = original.replace(b"FOLDER", str(site.path).encode())
        self.file.write_bytes(self.original)
        self.receipt = site.folder / "applicationHost.iisgate.toml"
        assert self.run("init", str(site.path), "--yes").returncode == 0

    def run(self, *arguments: str, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self.site.env, processes.MARK_NAME: processes.MARK}
        words = [*before, str(programs.iisgate()), *arguments]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment,
                              stdin=subprocess.DEVNULL, check=False)

    def iis(self, command: str, *arguments: str, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
        words = ["iis", command, str(self.site.path), f"--apphostconfig={self.file}", *arguments]
        return self.run(*words, before=before)


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest, make_site: Make) -> Server:
    return Server(make_site("gate"), request.param)


def test_a_server_takes_the_entry_and_gets_its_bytes_back(server: Server) -> None:
    assert server.iis("status").returncode == 1
    planned = server.iis("install", "--dry-run")
    assert planned.returncode == 0 and server.file.read_bytes() == server.original
    removed = [line for line in planned.stdout.splitlines() if line.startswith("-") and line[:3] != "---"]
    assert [line.split() for line in removed] in ([], [["-", "<fastCgi", "/>"]]), planned.stdout
    assert "overrideMode=\"Allow\"" in planned.stdout or server.name == "Shop"
    refused = server.iis("install")
    assert refused.returncode == 1 and "--yes" in refused.stderr and server.file.read_bytes() == server.original

    done = server.iis("install", "--yes")
    assert done.returncode == 0 and "proved:" in done.stderr, done.stderr
    assert server.iis("status").returncode == 0
    installed = server.file.read_bytes()
    again = server.iis("install", "--yes")
    assert again.returncode == 0 and server.file.read_bytes() == installed, again.stderr

    gone = server.iis("uninstall", "--yes")
    assert gone.returncode == 0 and server.file.read_bytes() == server.original, gone.stderr
    assert not server.receipt.exists()
    assert server.iis("uninstall", "--yes").returncode == 0


def test_serve_goes_by_the_entry(server: Server) -> None:
    assert server.iis("install", "--yes").returncode == 0
    port = processes.free_port()
    text = server.file.read_bytes()
    text = text.replace(b'bindingInformation="*:80:"', b'bindingInformation="127.0.0.1:%d:"' % port)
    text = text.replace(b'<binding protocol="https" bindingInformation="*:443:" sslFlags="0" />', b"")
    server.file.write_bytes(text)
    serve = server.site.serve(f"--config={server.file}", f"--site={server.name}", dir=False, port=None)
    answer = serve.get("/")
    assert answer.body == b"hello from GET", answer.body.decode()


def test_an_entry_stays_as_long_as_another_site_needs_it(server: Server) -> None:
    """Two sites with the same TARGET have the same program and arguments, and so one entry."""
    other = server.site.folder / "other"
    shutil.copytree(server.site.path, other)
    second = SITE.replace(b"Shop", b"Second").replace(b'"99"', b'"98"').replace(b"FOLDER", str(other).encode())
    server.original = server.original.replace(b"<sites>", b"<sites>" + second)
    server.file.write_bytes(server.original)
    there = ["iis", "install", str(other), f"--apphostconfig={server.file}", "--yes", "--max-instances=32"]

    assert server.iis("install", "--yes").returncode == 0
    told = server.run(*there)
    assert told.returncode == 0 and "stays as it is" in told.stderr, told.stderr
    assert ("in the same app pool" in told.stderr) == (server.name == "Shop"), told.stderr
    gone = server.iis("uninstall", "--yes")
    assert gone.returncode == 0 and "Second needs it, too" in gone.stderr, gone.stderr
    assert b"iisgate.exe" in server.file.read_bytes()
    for path in server.site.path.iterdir():
        path.unlink()
    gone = server.run("iis", "uninstall", str(other), f"--apphostconfig={server.file}", "--yes")
    assert gone.returncode == 0 and server.file.read_bytes() == server.original, gone.stderr
    assert not server.receipt.exists()


def test_what_others_wrote_meanwhile_stays(server: Server) -> None:
    """Only ours goes; in all other respects the file is as somebody else left it."""
    assert server.iis("install", "--yes", "--env=IISGATE_DEBUG=0").returncode == 0
    end = b"</configuration>"
    server.file.write_bytes(server.file.read_bytes().replace(end, b"<!-- somebody else -->" + end))
    assert server.iis("uninstall", "--yes").returncode == 0
    assert server.file.read_bytes() == server.original.replace(end, b"<!-- somebody else -->" + end)


def test_a_site_that_is_not_there_is_told_what_there_is(server: Server, tmp_path: Path) -> None:
    for name in ("web.config", "pyproject.toml", "hello.py"):
        (tmp_path / name).write_bytes((server.site.path / name).read_bytes())
    told = server.run("iis", "install", str(tmp_path), f"--apphostconfig={server.file}", "--yes")
    assert told.returncode == 1 and server.name in told.stderr and "--site" in told.stderr
    named = server.run("iis", "install", str(tmp_path), f"--apphostconfig={server.file}", "--yes",
                       f"--site={server.name}")
    assert named.returncode == 0, named.stderr
    assert server.iis("status").returncode == 0


def test_wfastcgis_commands_say_their_new_names(server: Server) -> None:
    def call(name: str) -> subprocess.CompletedProcess[str]:
        code = f"import sys; from iisgate import wfastcgi_commands as c; sys.exit(c.{name}())"
        path = f"{programs.iisgate().parent}{os.pathsep}{os.environ['PATH']}"
        words = [sys.executable, "-c", code, r"C:\inetsrv\appcmd.exe".replace("\\", os.sep),
                 f"/apphostconfig:{server.file}", "--yes"]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, cwd=server.site.path,
                              env={**os.environ, **server.site.env, "PATH": path}, check=False)

    done = call("enable")
    assert done.returncode == 0 and "iisgate iis install" in done.stderr, done.stderr
    assert server.iis("status").returncode == 0
    assert call("disable").returncode == 0 and server.file.read_bytes() == server.original
    server.site.write("web.config", "<configuration><!-- python.exe|wfastcgi.py --></configuration>")
    told = call("enable")
    assert told.returncode == 1 and "iisgate init --from wfastcgi" in told.stderr


#: Root may write everything, unless it gives that up.
UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def test_missing_rights_are_told_before_anything_starts(server: Server) -> None:
    server.file.chmod(0o444)
    told = server.iis("install", "--yes", before=UNPRIVILEGED)
    assert told.returncode == 3 and "cannot be written" in told.stderr, "a status of its own"
    assert "[y/N]" not in told.stderr, "nobody is asked"
    planned = server.iis("install", "--dry-run", before=UNPRIVILEGED)
    assert planned.returncode == 0 and "maxInstances" in planned.stderr, "looking needs no rights to write"


def test_a_site_is_warmed_and_cools_to_the_byte(server: Server) -> None:
    assert server.iis("install", "--yes").returncode == 0
    warm = server.iis("install", "--yes", "--warm-up=/ready")
    if server.name == "Shop":
        # The pools of this IIS Express are commented out.
        assert warm.returncode == 1 and "no app pool" in warm.stderr
        return
    assert server.iis("uninstall", "--yes").returncode == 0
    assert server.file.read_bytes() == server.original, "as before the first of the two"

    warm = server.iis("install", "--yes", "--warm-up=/ready")
    assert warm.returncode == 0 and "Application Initialization" in warm.stderr, warm.stderr
    assert b'<add initializationPage="/ready" />' in server.file.read_bytes()
    assert b'idleTimeout="604800"' in server.file.read_bytes()
    again = server.iis("install", "--yes", "--warm-up=/ready")
    assert again.returncode == 0 and "Nothing to do" in again.stderr, again.stderr
    end = b"</configuration>"
    server.file.write_bytes(server.file.read_bytes().replace(end, b"<!-- somebody else -->" + end))
    assert server.iis("uninstall", "--yes").returncode == 0
    assert server.file.read_bytes() == server.original.replace(end, b"<!-- somebody else -->" + end)


def test_a_file_can_neither_start_nor_stop(server: Server) -> None:
    for command in ("start", "stop"):
        told = server.iis(command)
        assert told.returncode == 1 and f'iisexpress "/site:{server.name}"' in told.stderr, told.stderr
