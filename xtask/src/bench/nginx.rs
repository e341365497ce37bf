//! Owns the nginx before a measured server: one process, kept connections, no log.
//!
//! Does not own starting it.

use std::path::Path;

use crate::load::Protocol;
use crate::load::address::Address;

/// Its socket's name.
pub(crate) const SOCKET: &str = "nginx.sock";

/// Params as Debian's `fastcgi_params` has them, with the path as PATH_INFO.
const PARAMS: &[(&str, &str)] = &[
    ("QUERY_STRING", "$query_string"),
    ("REQUEST_METHOD", "$request_method"),
    ("CONTENT_TYPE", "$content_type"),
    ("CONTENT_LENGTH", "$content_length"),
    ("SCRIPT_NAME", "\"\""),
    ("PATH_INFO", "$uri"),
    ("REQUEST_URI", "$request_uri"),
    ("DOCUMENT_URI", "$document_uri"),
    ("DOCUMENT_ROOT", "$document_root"),
    ("SERVER_PROTOCOL", "$server_protocol"),
    ("REQUEST_SCHEME", "$scheme"),
    ("GATEWAY_INTERFACE", "CGI/1.1"),
    ("SERVER_SOFTWARE", "nginx"),
    ("REMOTE_ADDR", "$remote_addr"),
    ("REMOTE_PORT", "$remote_port"),
    ("SERVER_ADDR", "$server_addr"),
    ("SERVER_PORT", "$server_port"),
    ("SERVER_NAME", "$server_name"),
];

/// The configuration for a server at `upstream`; its files lie in `dir`.
pub(crate) fn config(dir: &Path, upstream: &Address, protocol: Protocol, keep: bool) -> String {
    let dir = dir.display();
    let upstream = match upstream {
        Address::Unix(path) => format!("unix:{}", path.display()),
        Address::Tcp(address) => address.clone(),
    };
    let pass = match protocol {
        Protocol::Http => "proxy_pass http://peer; proxy_http_version 1.1; \
            proxy_set_header Connection \"\"; proxy_buffers 32 16k; proxy_buffer_size 16k;"
            .to_owned(),
        Protocol::Fastcgi => {
            let keep = if keep { "on" } else { "off" };
            let params: String = PARAMS
                .iter()
                .map(|(name, value)| format!("fastcgi_param {name} {value};\n"))
                .collect();
            format!(
                "fastcgi_pass peer; fastcgi_keep_conn {keep}; fastcgi_buffers 32 16k; \
                 fastcgi_buffer_size 16k;\n{params}"
            )
        }
    };
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {dir}/{kind};\n"))
        .collect();
    format!(
        "daemon off; master_process off; worker_processes 1;\n\
         pid {dir}/nginx.pid; error_log {dir}/nginx-errors.log error;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n\
         access_log off; sendfile off; tcp_nodelay on;\n\
         client_max_body_size 16m; client_body_buffer_size 2m; keepalive_requests 1000000000;\n\
         {temporary}\
         upstream peer {{ server {upstream}; keepalive 32; keepalive_requests 1000000000; }}\n\
         server {{ listen unix:{dir}/{SOCKET} backlog=1024; location / {{ {pass} }} }}\n\
         }}\n"
    )
}
