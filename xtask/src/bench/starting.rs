//! Owns what a server costs before and beside its requests: the time to its first answer, memory, and how many
//! system calls a small request is.
//!
//! Does not own requests under load: see `samples`.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::catalog::Peer;
use super::counting::{self, Counter};
use super::proc::Memory;
use super::report::{Table, median};
use super::samples::Rig;
use super::server::{How, Server};
use crate::load::cases;
use crate::process;
use crate::venv::Venv;

/// Starts of each peer; the median is told.
const STARTS: usize = 5;

/// A row for each peer, the first of ours is what the others are compared with.
pub(crate) fn compare(rig: &Rig, peers: &[&'static Peer], venv: &Venv) -> Result<Table> {
    let head = ["peer", "first answer ms", "×", "RSS MiB", "system calls a request"];
    let mut table = Table::new("starting, memory, system calls: hello".into(), &head);
    let mut base = None;
    let has_strace = process::exists("strace");
    for peer in peers {
        let started: Result<Vec<(Duration, Memory)>> =
            (0..STARTS).map(|_| start(rig, peer)).collect();
        let started = match started {
            Ok(started) => started,
            Err(error) => {
                eprintln!("!! {} did not start: {error:#}", peer.name);
                continue;
            }
        };
        let ms = median(started.iter().map(|(time, _)| time.as_secs_f64() * 1e3).collect());
        let mib = median(started.iter().map(|(_, memory)| memory.rss as f64 / 1024.0).collect());
        let base = *base.get_or_insert(ms);
        let calls = if has_strace {
            let hello = cases::find("hello")?;
            counting::per_request(peer, hello, venv, Counter::SystemCalls)
                .inspect_err(|error| eprintln!("{error:#}"))
                .ok()
        } else {
            None
        };
        table.row(vec![
            peer.name.into(),
            format!("{ms:.0}"),
            format!("{:.2}", ms / base),
            format!("{mib:.1}"),
            calls.map_or("–".into(), |calls| format!("{calls:.1}")),
        ]);
    }
    Ok(table)
}

/// From the start to the first right answer, and the memory then.
fn start(rig: &Rig, peer: &'static Peer) -> Result<(Duration, Memory)> {
    let began = Instant::now();
    let server = Server::start(peer, "basic:app", &rig.bin, &rig.benches, How::default())?;
    counting::ask(&server, peer, cases::find("hello")?, 1)?;
    let time = began.elapsed();
    Ok((time, Memory::of(&server.tree())))
}
