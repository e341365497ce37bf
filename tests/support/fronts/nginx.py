"""Owns nginx, with the parameters of its own ``fastcgi_params``, at a Unix or a TCP socket."""

from __future__ import annotations

from support import processes, programs
from support.fronts.base import Front

CONFIG = """\
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    fastcgi_temp_path {folder}/fastcgi;
    proxy_temp_path {folder}/proxy;
    scgi_temp_path {folder}/scgi;
    uwsgi_temp_path {folder}/uwsgi;
    client_max_body_size 0;
    upstream site {{
        server {upstream};
        keepalive 8;
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            fastcgi_pass site;
            fastcgi_keep_conn on;
            {buffering}
            include /etc/nginx/fastcgi_params;
        }}
    }}
}}
"""


class Nginx(Front):
    """With kept connections to a Unix socket."""

    name = "nginx"
    #: What streams need; nginx's default is to gather.
    buffering = "fastcgi_request_buffering off; fastcgi_buffering off;"

    def upstream(self) -> str:
        self.start_supervisor(f"unix:{self.folder}/fcgi.sock")
        return f"unix:{self.folder}/fcgi.sock"

    def start(self) -> None:
        nginx = programs.system("nginx")
        config = self.folder / "nginx.conf"
        user = "user root;" if self.is_root() else ""
        config.write_text(CONFIG.format(
            user=user, folder=self.folder, port=self.port, upstream=self.upstream(),
            buffering=self.buffering,
        ))
        self.run([nginx, "-c", str(config), "-p", str(self.folder), "-e", f"{self.folder}/error.log"])


class NginxTcp(Nginx):
    """With two workers at a TCP port."""

    name = "nginx-tcp"

    def upstream(self) -> str:
        port = processes.free_port()
        self.start_supervisor(f"tcp:127.0.0.1:{port}", "--workers=2", "--threads=8")
        return f"127.0.0.1:{port}"


class NginxBuffering(Nginx):
    """As nginx is when nobody says otherwise."""

    name = "nginx-buffering"
    buffering = ""
