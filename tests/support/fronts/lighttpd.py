"""Owns lighttpd: as process manager of gates (``bin-path``), and before a supervisor."""

from __future__ import annotations

import shlex

from support import processes, programs
from support.fronts.base import Front

CONFIG = """\
server.modules = ("mod_fastcgi")
server.document-root = "{folder}"
server.bind = "127.0.0.1"
server.port = {port}
server.pid-file = "{folder}/lighttpd.pid"
server.errorlog = "{folder}/error.log"
server.upload-dirs = ("{folder}")
server.stream-request-body = 2
server.stream-response-body = 2
server.max-keep-alive-requests = 1000
fastcgi.server = ("/" => (({server}, "check-local" => "disable", "fix-root-scriptname" => "enable")))
"""


class LighttpdOwn(Front):
    """Starts four gates, each with a listening socket as descriptor 0."""

    name = "lighttpd-bin-path"

    def server(self) -> str:
        command = shlex.join(self.command())
        return f'"bin-path" => "{command}", "socket" => "{self.folder}/fcgi.sock", "max-procs" => 4'

    def start(self) -> None:
        lighttpd = programs.system("lighttpd")
        config = self.folder / "lighttpd.conf"
        config.write_text(CONFIG.format(folder=self.folder, port=self.port, server=self.server()))
        self.run([lighttpd, "-D", "-f", str(config)])


class LighttpdHost(LighttpdOwn):
    """Speaks to a supervisor at a TCP port."""

    name = "lighttpd-host"

    def server(self) -> str:
        port = processes.free_port()
        self.start_supervisor(f"tcp:127.0.0.1:{port}")
        return f'"host" => "127.0.0.1", "port" => {port}'
