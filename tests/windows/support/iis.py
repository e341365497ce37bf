"""Owns IIS itself, where there is one: a site of the tests' own, made with ``appcmd`` and removed after them.

Only a Windows machine with IIS's CGI feature has it, and only an administrator may change it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import places
from support.waiting import until

APPCMD = Path(os.environ.get("WINDIR", "C:/Windows")) / "System32" / "inetsrv" / "appcmd.exe"

#: The site, its app pool and its folder.
NAME = "iisgate-tests"
PORT = 8173

#: Who IIS's processes are: the folders that they read must be open to them.
READERS = "IIS_IUSRS:(OI)(CI)RX"


def is_there() -> bool:
    """Whether this machine has IIS with FastCGI."""
    return APPCMD.is_file() and APPCMD.with_name("iisfcgi.dll").is_file()


def appcmd(*arguments: str, check: bool = True) -> str:
    """Runs ``appcmd``, which tells its errors on standard output."""
    done = subprocess.run([APPCMD, *arguments], capture_output=True, text=True, errors="replace")
    told = done.stdout + done.stderr
    assert done.returncode == 0 or not check, f"appcmd {' '.join(arguments)}: {told}"
    return told


def fastcgi_entry(full_path: str, arguments: str, **attributes: str) -> str:
    """The words by which ``appcmd`` names a FastCGI application: quotes within values are doubled."""
    values = {"fullPath": full_path, "arguments": arguments, **attributes}
    return ",".join("{}='{}'".format(name, value.replace("'", "''")) for name, value in values.items())


def web_config(text: str, full_path: str, arguments: str) -> str:
    """An example's ``web.config`` with another ``scriptProcessor``."""
    before, name, rest = text.partition('scriptProcessor="')
    assert name, "the web.config has no scriptProcessor"
    return f'{before}{name}{full_path}|{arguments}"{rest.partition(chr(34))[2]}'


@contextmanager
def site(example: str, arguments: str, instances: int = 4) -> Iterator[str]:
    """Serves an example by IIS and gives its URL, without a slash at its end."""
    program = str(places.VENV / "Scripts" / "iisgate.exe")
    folder = places.WINDOWS_DIR / "iis" / example
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(places.EXAMPLES / example, folder)
    config = folder / "web.config"
    config.write_text(web_config(config.read_text("utf-8"), program, arguments), "utf-8")
    for readable in (folder, places.VENV, places.base_python().parent):
        subprocess.run(["icacls", str(readable), "/grant", READERS, "/Q"], check=True, capture_output=True)

    entry = fastcgi_entry(program, arguments)
    options = fastcgi_entry(
        program, arguments, maxInstances=str(instances), instanceMaxRequests="10000", signalBeforeTerminateSeconds="10"
    )
    _remove(entry)
    try:
        appcmd("unlock", "config", "/section:system.webServer/handlers")
        appcmd("unlock", "config", "/section:system.webServer/modules")
        appcmd("set", "config", "/section:system.webServer/fastCgi", f"/+[{options}]", "/commit:apphost")
        appcmd("add", "apppool", f"/name:{NAME}", "/managedRuntimeVersion:")
        appcmd("add", "site", f"/name:{NAME}", f"/bindings:http/127.0.0.1:{PORT}:", f"/physicalPath:{folder}")
        appcmd("set", "app", f"{NAME}/", f"/applicationPool:{NAME}")
        url = f"http://127.0.0.1:{PORT}"
        until("IIS to answer", lambda: _answers(url), seconds=60, pause=0.25)
        yield url
    finally:
        _remove(entry)


def stop_pool() -> None:
    """Ends the site's processes in an orderly way, as recycling does."""
    appcmd("stop", "apppool", f"/apppool.name:{NAME}")


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=30).close()
    except urllib.error.HTTPError:
        # An answer all the same: the tests look at it.
        return True
    except OSError:
        return False
    return True


def _remove(entry: str) -> None:
    """Takes away what an earlier run may have left, too."""
    appcmd("delete", "site", NAME, check=False)
    appcmd("delete", "apppool", NAME, check=False)
    appcmd("set", "config", "/section:system.webServer/fastCgi", f"/-[{entry}]", "/commit:apphost", check=False)
