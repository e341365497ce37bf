//! Owns the figures of one process with many threads: an app that waits, and one that computes.
//!
//! Does not own a single request's costs: see `report`.

use anyhow::Result;

use super::catalog;
use super::report::{Figures, Table};
use super::samples::{Mode, Rig, Sample, Scene};
use crate::load::cases;

/// Threads, and requests at once, of the app that waits.
const WAITING: usize = 64;
/// Requests a second that so many can be at most: each waits for 10 ms.
const IDEAL: f64 = WAITING as f64 * 100.0;
/// Requests at once of the app that computes: so many threads a worker has.
const COMPUTING: usize = 16;

/// A row for each scene.
pub(crate) fn compare(rig: &Rig, rounds: usize) -> Result<Table> {
    let scene = |case: &str, connections| -> Result<Scene> {
        Ok(Scene { case: cases::find(case)?, mode: Mode::Direct, connections })
    };
    let waiting = scene("wait", WAITING)?;
    let computing = [scene("work", 1)?, scene("work", COMPUTING)?];
    let many = [catalog::find("worker-t64")?];
    let usual = [catalog::find("worker")?];
    let mut samples: Vec<Sample> = Vec::new();
    for _ in 0..rounds {
        samples.extend(rig.round(&many, &[waiting]));
        samples.extend(rig.round(&usual, &computing));
    }
    let head = ["one process", "at once", "req/s", "×", "p99 µs"];
    let mut table = Table::new("threads: requests at once in one process".to_owned(), &head);
    let figures = |peer: &str, scene| Figures::in_scene(peer, &samples, scene);
    let alone = figures(usual[0].name, computing[0]).map_or(f64::NAN, |it| it.rate);
    for (what, peer, scene, base) in [
        ("the app sleeps 10 ms; × of 6,400, which is ideal", many[0].name, waiting, IDEAL),
        ("the app computes; × of one at a time", usual[0].name, computing[0], alone),
        ("the same", usual[0].name, computing[1], alone),
    ] {
        let Some(it) = figures(peer, scene) else { continue };
        table.row(vec![
            what.into(),
            scene.connections.to_string(),
            format!("{:.0}", it.rate),
            format!("{:.2}", it.rate / base),
            format!("{:.0}", it.p99_us),
        ]);
    }
    Ok(table)
}
