//! Owns the peers: which servers are compared, how each is started, what it speaks.
//!
//! Does not own running them: see `server`.

use anyhow::{Context, Result};

use crate::load::Protocol;

/// A server that is measured.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) protocol: Protocol,
    /// The command; `{bin}` is the environment's folder of programs, `{path}` the socket's path,
    /// `{app}` the app as MODULE:ATTR, `{benches}` our folder.
    pub(crate) command: &'static [&'static str],
    /// Takes more than one request on a connection.
    pub(crate) keep: bool,
    /// One of ours: what the others are compared with.
    pub(crate) ours: bool,
}

pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "worker",
        protocol: Protocol::Fastcgi,
        command: &["{bin}/python", "-m", "iisgate", "worker", "{app}", "--endpoint", "unix:{path}"],
        keep: true,
        ours: true,
    },
    Peer {
        name: "worker-t1",
        protocol: Protocol::Fastcgi,
        command: &[
            "{bin}/python",
            "-m",
            "iisgate",
            "worker",
            "{app}",
            "--endpoint",
            "unix:{path}",
            "--threads",
            "1",
        ],
        keep: true,
        ours: true,
    },
    Peer {
        name: "fcgi",
        protocol: Protocol::Fastcgi,
        command: &["{bin}/iisgate", "fcgi", "{app}", "--listen", "unix:{path}", "--workers", "1"],
        keep: true,
        ours: true,
    },
    Peer {
        name: "uwsgi",
        protocol: Protocol::Fastcgi,
        command: &[
            "{bin}/uwsgi",
            "--module",
            "{app}",
            "--fastcgi-socket",
            "{path}",
            "--processes",
            "1",
            "--disable-logging",
            "--need-app",
            "--die-on-term",
            "--buffer-size",
            "32768",
        ],
        // It takes the flag for a kept connection and then stalls on it.
        keep: false,
        ours: false,
    },
    Peer {
        name: "flup",
        protocol: Protocol::Fastcgi,
        command: &["{bin}/python", "{benches}/serve.py", "flup", "{path}", "{app}"],
        keep: true,
        ours: false,
    },
    Peer {
        name: "gunicorn",
        protocol: Protocol::Http,
        command: &[
            "{bin}/gunicorn",
            "{app}",
            "--bind",
            "unix:{path}",
            "--workers",
            "1",
            "--backlog",
            "1024",
            "--log-level",
            "warning",
        ],
        keep: true,
        ours: false,
    },
    Peer {
        name: "waitress",
        protocol: Protocol::Http,
        command: &["{bin}/waitress-serve", "--unix-socket={path}", "{app}"],
        keep: true,
        ours: false,
    },
    Peer {
        name: "granian",
        protocol: Protocol::Http,
        command: &[
            "{bin}/granian",
            "{app}",
            "--interface",
            "wsgi",
            "--uds",
            "{path}",
            "--workers",
            "1",
            "--no-ws",
            "--log-level",
            "warning",
        ],
        keep: true,
        ours: false,
    },
];

/// The peer of that name.
pub(crate) fn find(name: &str) -> Result<&'static Peer> {
    PEERS.iter().find(|peer| peer.name == name).with_context(|| {
        let names: Vec<&str> = PEERS.iter().map(|peer| peer.name).collect();
        format!("there is no peer `{name}`: choose of {}", names.join(", "))
    })
}
