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
    /// The command, words between spaces; `{bin}` is the environment's folder of programs, `{path}`
    /// the socket's path, `{port}` a free port for who takes no path, `{app}` the app as
    /// MODULE:ATTR, `{benches}` our folder.
    command: &'static str,
    /// Takes more than one request on a connection.
    pub(crate) keep: bool,
    /// Serves one connection at a time, or has none but the first.
    pub(crate) single: bool,
    /// One of ours: what the others are compared with.
    pub(crate) ours: bool,
    /// The Python package that must be compiled for it, and may fail where the others do not.
    pub(crate) compiled: Option<&'static str>,
}

const FASTCGI: Peer = Peer {
    name: "",
    protocol: Protocol::Fastcgi,
    command: "",
    keep: true,
    single: false,
    ours: false,
    compiled: None,
};

const OURS: Peer = Peer { ours: true, ..FASTCGI };

const HTTP: Peer = Peer { protocol: Protocol::Http, ..FASTCGI };

/// The yardstick's name; it is built from `benches/yardstick`.
pub(crate) const YARDSTICK: &str = "pyfloor";

pub(crate) const PEERS: &[Peer] = &[
    Peer {
        name: "worker",
        command: "{bin}/python -m iisgate worker {app} --endpoint unix:{path}",
        ..OURS
    },
    Peer {
        name: "worker-t1",
        command: "{bin}/python -m iisgate worker {app} --endpoint unix:{path} --threads 1",
        ..OURS
    },
    Peer {
        name: "worker-t64",
        command: "{bin}/python -m iisgate worker {app} --endpoint unix:{path} --threads 64",
        ..OURS
    },
    Peer {
        name: "fcgi",
        command: "{bin}/iisgate fcgi {app} --listen unix:{path} --workers 1",
        ..OURS
    },
    // A gate for each connection, which is its standard input, as IIS starts instances: all hand
    // theirs over to one worker.
    Peer { name: "gates", command: "{bin}/python {benches}/serve.py gates {path} {app}", ..OURS },
    Peer {
        name: "stand-in",
        command: "{bin}/iisgate serve --config {benches}/applicationHost.config --port {port} --quiet",
        ..Peer { ours: true, ..HTTP }
    },
    Peer {
        name: YARDSTICK,
        command: "{bin}/python {benches}/serve.py pyfloor {path} {app}",
        ..FASTCGI
    },
    Peer {
        name: "uwsgi",
        // It takes the flag for a kept connection and then stalls on it.
        keep: false,
        command: "{bin}/uwsgi --module {app} --fastcgi-socket {path} --processes 1 \
                  --disable-logging --need-app --die-on-term --buffer-size 32768",
        compiled: Some("uwsgi>=2.0.28"),
        ..FASTCGI
    },
    Peer {
        name: "uwsgi-t8",
        keep: false,
        command: "{bin}/uwsgi --module {app} --fastcgi-socket {path} --processes 1 --threads 8 \
                  --disable-logging --need-app --die-on-term --buffer-size 32768",
        compiled: Some("uwsgi>=2.0.28"),
        ..FASTCGI
    },
    Peer {
        name: "uwsgi-http",
        single: true,
        command: "{bin}/uwsgi --module {app} --http11-socket {path} --processes 1 \
                  --disable-logging --need-app --die-on-term --buffer-size 32768",
        compiled: Some("uwsgi>=2.0.28"),
        ..HTTP
    },
    Peer {
        name: "bjoern",
        command: "{bin}/python {benches}/serve.py bjoern {path} {app}",
        compiled: Some("bjoern>=3"),
        ..HTTP
    },
    Peer {
        name: "fastwsgi",
        command: "{bin}/python {benches}/serve.py fastwsgi {port} {app}",
        compiled: Some("fastwsgi"),
        ..HTTP
    },
    Peer {
        name: "granian",
        command: "{bin}/granian {app} --interface wsgi --uds {path} --workers 1 --no-ws \
                  --log-level warning",
        ..HTTP
    },
    Peer {
        name: "gunicorn",
        command: "{bin}/gunicorn {app} --bind unix:{path} --workers 1 --backlog 1024 \
                  --log-level warning",
        ..HTTP
    },
    Peer { name: "waitress", command: "{bin}/waitress-serve --unix-socket={path} {app}", ..HTTP },
    Peer { name: "flup", command: "{bin}/python {benches}/serve.py flup {path} {app}", ..FASTCGI },
    Peer {
        name: "wfastcgi",
        single: true,
        command: "{bin}/python {benches}/serve.py wfastcgi {app} {path}",
        ..FASTCGI
    },
];

impl Peer {
    /// The command's words, with their places yet to be filled.
    pub(crate) fn words(&self) -> impl Iterator<Item = &'static str> {
        self.command.split_whitespace()
    }

    /// It listens on a port, not on a path.
    pub(crate) fn has_port(&self) -> bool {
        self.command.contains("{port}")
    }
}

/// The peer of that name.
pub(crate) fn find(name: &str) -> Result<&'static Peer> {
    PEERS.iter().find(|peer| peer.name == name).with_context(|| {
        let names: Vec<&str> = PEERS.iter().map(|peer| peer.name).collect();
        format!("there is no peer `{name}`: choose of {}", names.join(", "))
    })
}
