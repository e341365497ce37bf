//! Owns `docs/benchmarks.md`: what was measured, as tables of peers by cases, and its plots.
//!
//! Does not own measuring, nor the words about it that do not change (`benches/README.md`).

use std::fs;

use anyhow::Result;

use super::catalog::Peer;
use super::plot::{self, Bar};
use super::report::{Figures, Format, Table, decimal};
use super::samples::{Mode, Sample, Scene};
use crate::load::cases::{self, Case};
use crate::repo;

/// What stands at the top of the page.
const HEAD: &str = "\
# Benchmarks

Written by `cargo xtask bench --write`; how it is measured, and what the columns mean: [benches/README.md](../benches/README.md).
`worker` is ours on a Unix socket, `fcgi` behind `iisgate fcgi --listen`, `gates` as IIS starts us: a gate for each connection,
which hands it over. `pyfloor` is no server but a yardstick, the least that FastCGI and CPython can cost together
(`benches/yardstick`). Figures of one table come from one run and are medians of its rounds; in brackets stands how many times
ours a figure is. A dash: the server takes one connection at a time, or none of its answers was right.

";

/// Plots: the file's name, title, case, mode, connections, and what is drawn.
type Drawn = fn(&Figures) -> f64;
const PLOTS: &[(&str, &str, &str, Mode, usize, &str, Drawn)] = &[
    (
        "hello",
        "hello, one connection: CPU time per request",
        "hello",
        Mode::Direct,
        1,
        "µs",
        |f| f.cpu_us,
    ),
    (
        "flask",
        "Flask, one connection: CPU time per request",
        "flask",
        Mode::Direct,
        1,
        "µs",
        |f| f.cpu_us,
    ),
    (
        "nginx",
        "hello behind nginx, 16 connections: requests a second",
        "hello",
        Mode::Nginx,
        16,
        "/s",
        |f| f.rate,
    ),
];

/// Writes the page and its plots.
pub(crate) fn write(
    machine: &str,
    command: &str,
    peers: &[&'static Peer],
    samples: &[Sample],
    beside: &[Table],
) -> Result<()> {
    let docs = repo::root().join("docs");
    fs::create_dir_all(docs.join("benchmarks"))?;
    let mut text = format!("{HEAD}Seen with `{command}`: {machine}.\n\n");
    for (name, title, case, mode, connections, unit, drawn) in PLOTS {
        let scene = Scene { case: cases::find(case)?, mode: *mode, connections: *connections };
        let mut bars: Vec<Bar> = peers
            .iter()
            .filter_map(|peer| Some((peer, Figures::in_scene(peer.name, samples, scene)?)))
            .map(|(peer, figures)| (peer, drawn(&figures)))
            .filter(|(_, value)| value.is_finite())
            .map(|(peer, value)| Bar { name: peer.name.into(), value, is_ours: peer.ours })
            .collect();
        if bars.is_empty() {
            continue;
        }
        bars.sort_by(|a, b| a.value.total_cmp(&b.value));
        if *unit == "/s" {
            bars.reverse();
        }
        fs::write(docs.join(format!("benchmarks/{name}.svg")), plot::bars(title, unit, &bars))?;
        text += &format!("![{title}](benchmarks/{name}.svg)\n\n");
    }
    for (mode, connections) in ways(samples) {
        for (what, figure, places) in FIGURES {
            let table = matrix(what, *figure, *places, mode, connections, peers, samples);
            text += &table.write(Format::Markdown);
            text += "\n";
        }
    }
    for table in beside {
        text += &table.write(Format::Markdown);
        text += "\n";
    }
    fs::write(docs.join("benchmarks.md"), text.trim_end().to_owned() + "\n")?;
    Ok(())
}

/// What is told of each scene: its name, the figure, and the digits behind its point.
const FIGURES: &[(&str, Drawn, usize)] = &[
    ("CPU µs per request", |f| f.cpu_us, 1),
    ("requests a second", |f| f.rate, 0),
    ("p99 µs", |f| f.p99_us, 0),
];

/// Modes and numbers of connections, in the order in which they were measured.
fn ways(samples: &[Sample]) -> Vec<(Mode, usize)> {
    let mut ways = Vec::new();
    for Sample { scene, .. } in samples {
        if !ways.contains(&(scene.mode, scene.connections)) {
            ways.push((scene.mode, scene.connections));
        }
    }
    ways.sort_by_key(|(mode, connections)| (*mode == Mode::Nginx, *connections));
    ways
}

/// A row for each peer, a column for each case.
fn matrix(
    what: &str,
    figure: Drawn,
    places: usize,
    mode: Mode,
    connections: usize,
    peers: &[&'static Peer],
    samples: &[Sample],
) -> Table {
    let mut here: Vec<&'static Case> = Vec::new();
    for Sample { scene, .. } in samples {
        let is_way = (scene.mode, scene.connections) == (mode, connections);
        if is_way && !here.iter().any(|case| case.name == scene.case.name) {
            here.push(scene.case);
        }
    }
    let head: Vec<&str> = std::iter::once("").chain(here.iter().map(|case| case.name)).collect();
    let plural = if connections == 1 { "" } else { "s" };
    let behind = if mode == Mode::Nginx { ", behind nginx" } else { "" };
    let mut table = Table::new(format!("{what}, {connections} connection{plural}{behind}"), &head);
    let mut base: Vec<f64> = Vec::new();
    for peer in peers {
        let values: Vec<f64> = here
            .iter()
            .map(|case| Figures::in_scene(peer.name, samples, Scene { case, mode, connections }))
            .map(|figures| figures.map_or(f64::NAN, |figures| figure(&figures)))
            .collect();
        if base.is_empty() {
            base.clone_from(&values);
        }
        let cells = values.iter().zip(&base).map(|(value, base)| match value / base {
            ratio if !ratio.is_finite() => "–".to_owned(),
            ratio => format!("{} ({})", decimal(*value, places), decimal(ratio, 2)),
        });
        table.row(std::iter::once(peer.name.to_owned()).chain(cells).collect());
    }
    table
}
