"""Owns Apache: before a supervisor (mod_proxy_fcgi), and as process manager of gates (mod_fcgid)."""

from __future__ import annotations

import os
import shutil
import subprocess

from support import processes, programs
from support.fronts.base import Front

MODULES = "/usr/lib/apache2/modules"

CONFIG = """\
ServerRoot "{folder}"
ServerName localhost
PidFile "{folder}/apache.pid"
ErrorLog "{folder}/error.log"
LogLevel warn
DefaultRuntimeDir "{folder}"
Mutex file:{folder} default
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule alias_module {modules}/mod_alias.so
Listen 127.0.0.1:{port}
DocumentRoot "{folder}"
KeepAlive On
KeepAliveTimeout 1
MaxKeepAliveRequests 1000
StartServers 1
ThreadsPerChild 32
MaxRequestWorkers 64
<Directory "{folder}">
    Require all granted
</Directory>
{site}
"""


def _as_nobody_special() -> list[str]:
    """Apache as root serves as another user, who cannot reach a Python below /root: so root is
    given another number, in a user namespace, where the system allows it."""
    if os.geteuid() != 0:
        return []
    unshare = shutil.which("unshare")
    words = [unshare or "unshare", "--user", "--map-user=1000"]
    allowed = unshare and subprocess.run([*words, "true"], capture_output=True).returncode == 0
    return words if allowed else []


class _Apache(Front):
    def site_config(self) -> str:
        raise NotImplementedError

    def start(self) -> None:
        apache = programs.system("apache2", "httpd")
        config = self.folder / "apache.conf"
        config.write_text(CONFIG.format(
            folder=self.folder, port=self.port, modules=MODULES, site=self.site_config()
        ))
        self.run([*_as_nobody_special(), apache, "-DFOREGROUND", "-f", str(config)])


class ModProxyFcgi(_Apache):
    """ProxyPass and no word about SCRIPT_NAME and PATH_INFO, as most users write it."""

    name = "apache-mod_proxy_fcgi"

    def site_config(self) -> str:
        port = processes.free_port()
        self.start_supervisor(f"tcp:127.0.0.1:{port}")
        return f"""\
LoadModule proxy_module {MODULES}/mod_proxy.so
LoadModule proxy_fcgi_module {MODULES}/mod_proxy_fcgi.so
ProxyTimeout 60
ProxyPass "/" "fcgi://127.0.0.1:{port}/" enablereuse=on flushpackets=on
"""


class ModFcgid(_Apache):
    """Starts gates as requests come, each with a listening socket as descriptor 0."""

    name = "apache-mod_fcgid"

    def site_config(self) -> str:
        if not os.path.exists(f"{MODULES}/mod_fcgid.so"):
            programs.missing("mod_fcgid", "not installed: libapache2-mod-fcgid")
        return f"""\
LoadModule fcgid_module {MODULES}/mod_fcgid.so
FcgidIPCDir "{self.folder}/ipc"
FcgidProcessTableFile "{self.folder}/shm"
FcgidMaxRequestLen 1073741824
FcgidMaxProcesses 16
FcgidSpawnScoreUpLimit 1000
FcgidIOTimeout 60
FcgidOutputBufferSize 0
ScriptAlias "/" "{self.script()}/"
<Directory "{self.folder}">
    SetHandler fcgid-script
    Options +ExecCGI
</Directory>
"""
