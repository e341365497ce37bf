//! Owns the comparison of web servers before one and the same worker: our stand-in for IIS, and nginx.
//!
//! Does not own the worker: all that is told here is what stands before it.

use anyhow::Result;

use super::catalog::{self, Peer};
use super::proc;
use super::report::{Table, median};
use super::samples::{Rig, measured};
use super::server::{How, Server};
use crate::load::Protocol;
use crate::load::address::Address;
use crate::load::cases::{self, Case};

/// Requests at once: so many instances the stand-in starts.
const CONNECTIONS: usize = 16;

/// Rates and processor time of one web server, a figure for each round.
#[derive(Debug, Default)]
struct Figures {
    rates: Vec<f64>,
    cpu_us: Vec<f64>,
}

/// A row for each web server; they take turns.
pub(crate) fn compare(rig: &Rig, rounds: usize) -> Result<Table> {
    let head = ["web server", "req/s", "×", "its CPU µs", "×"];
    let title = format!("web servers before our worker: hello, {CONNECTIONS} connections");
    let mut table = Table::new(title, &head);
    let case = cases::find("hello")?;
    let (stand_in, worker) = (catalog::find("stand-in")?, catalog::find("worker")?);
    let (mut ours, mut nginx) = (Figures::default(), Figures::default());
    for _ in 0..rounds {
        behind(rig, stand_in, case, &mut ours)?;
        behind(rig, worker, case, &mut nginx)?;
    }
    let base = (median(ours.rates.clone()), median(ours.cpu_us.clone()));
    for (name, figures) in [("iisgate serve", ours), ("nginx", nginx)] {
        let (rate, cpu) = (median(figures.rates), median(figures.cpu_us));
        table.row(vec![
            name.into(),
            format!("{rate:.0}"),
            format!("{:.2}", rate / base.0),
            format!("{cpu:.1}"),
            format!("{:.2}", cpu / base.1),
        ]);
    }
    Ok(table)
}

/// One turn. The stand-in's gates and itself are the program `iisgate`, the worker is Python.
fn behind(rig: &Rig, peer: &'static Peer, case: &Case, figures: &mut Figures) -> Result<()> {
    let with_nginx = peer.protocol == Protocol::Fastcgi;
    let how = How { with_nginx, is_free: true, ..How::default() };
    let server = Server::start(peer, "basic:app", &rig.bin, &rig.benches, how)?;
    let address: &Address = if with_nginx { &server.front } else { &server.address };
    let load = rig.plain_load(address, Protocol::Http, case, CONNECTIONS);
    let tree = || {
        if with_nginx {
            return server.front_tree();
        }
        let mut pids = server.tree();
        pids.retain(|pid| proc::program(*pid) == "iisgate");
        pids
    };
    let (seen, cpu) = measured(load, tree)?;
    if seen.bad > 0 {
        eprintln!("!! {}: {} bad: {}", peer.name, seen.bad, seen.why);
    }
    figures.rates.push(seen.requests as f64 / seen.seconds);
    figures.cpu_us.push(cpu.as_secs_f64() * 1e6 / seen.requests as f64);
    Ok(())
}
