//! Owns `iisgate status`: what runs, shown site by site.
//!
//! Does not own asking (`gate::status`).

mod table;

use crate::Exit;
use crate::args::{OutputForm, StatusArgs};
use crate::printer::Printer;
use anyhow::Context;
use gate::helpers::{HelperStatus, HelpersStatus};
use gate::status::{Status, WorkerStatus};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use table::Column::{Left, Right};

/// Paths of one kind that are listed: what matters is that there are any.
const PATHS_SHOWN: usize = 3;

pub(crate) fn run(args: &StatusArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let site = args.dir.as_deref().map(dunce::canonicalize).transpose();
    let site = site.with_context(|| format!("there is no {:?}", args.dir))?;
    let mut status = gate::status::status().context("the folder of gates and workers")?;
    if let Some(site) = &site {
        status.workers.retain(|worker| worker.site == *site);
        status.helpers.retain(|helpers| helpers.site == *site);
        // Whose they are is not known.
        (status.silent, status.stale) = Default::default();
    }
    let runs = !status.workers.is_empty() || !status.helpers.is_empty();
    let text = match args.output {
        OutputForm::Json => serde_json::to_string_pretty(&status)? + "\n",
        OutputForm::Text => text(&status),
    };
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    if !runs && args.output == OutputForm::Text {
        let whose = site.map(|site| format!(" of {}", site.display())).unwrap_or_default();
        printer.say(format!(
            "nothing{whose} runs as this user: a site's first request starts its worker, as the \
             user that its web server runs it as"
        ));
    }
    Ok(if runs { Exit::Done } else { Exit::Trouble })
}

fn text(status: &Status) -> String {
    let mut out = String::new();
    let sites: BTreeSet<&Path> = status
        .workers
        .iter()
        .map(|worker| worker.site.as_path())
        .chain(status.helpers.iter().map(|helpers| helpers.site.as_path()))
        .collect();
    for site in sites {
        let workers: Vec<_> = status.workers.iter().filter(|worker| worker.site == site).collect();
        let helpers: Vec<_> =
            status.helpers.iter().filter(|helpers| helpers.site == site).collect();
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{}", site.display());
        tell_site(&mut out, &workers, &helpers);
    }
    let mut left = |title: &str, paths: &[std::path::PathBuf]| {
        if !paths.is_empty() {
            let _ = writeln!(out, "{}{title}", if out.is_empty() { "" } else { "\n" });
            for path in paths.iter().take(PATHS_SHOWN) {
                let _ = writeln!(out, "  {}", path.display());
            }
            if let Some(more @ 1..) = paths.len().checked_sub(PATHS_SHOWN) {
                let _ = writeln!(out, "  and {more} more");
            }
        }
    };
    left("somebody listens here and does not answer:", &status.silent);
    left("left behind by dead processes, and harmless:", &status.stale);
    out
}

fn tell_site(out: &mut String, workers: &[&WorkerStatus], helpers: &[&HelpersStatus]) {
    if let Some(worker) = workers.first() {
        let facts = [
            ("app", worker.target.clone()),
            ("python", worker.python.clone()),
            (
                "log",
                worker
                    .log
                    .as_ref()
                    .map_or("standard error".into(), |log| log.display().to_string()),
            ),
        ];
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            let _ = writeln!(out, "  {name:<8}{value}");
        }
        out.push('\n');
        let columns = [
            Right("WORKER"),
            Left("STATE"),
            Right("UP"),
            Right("REQUESTS"),
            Right("IN FLIGHT"),
            Right("GATES"),
            Right("THREADS"),
            Right("MEMORY"),
            Left("STARTED IN"),
        ];
        out.push_str(&table::draw(
            &columns,
            &workers.iter().map(|worker| row(worker)).collect::<Vec<_>>(),
        ));
        tell_slowest(out, workers);
    }
    let all: Vec<&HelperStatus> = helpers.iter().flat_map(|helpers| &helpers.helpers).collect();
    if !all.is_empty() {
        out.push('\n');
        let row = |helper: &&HelperStatus| {
            let since = table::duration(helper.since);
            vec![helper.name.clone(), helper.state.clone(), since, helper.why.clone()]
        };
        let columns = [Left("HELPER"), Left("STATE"), Right("SINCE"), Left("")];
        out.push_str(&table::draw(&columns, &all.iter().map(row).collect::<Vec<_>>()));
    }
}

fn row(worker: &WorkerStatus) -> Vec<String> {
    let stuck = match worker.stuck {
        0 => String::new(),
        stuck => format!(" ({stuck} stuck)"),
    };
    let start = worker.start.as_ref().map(|start| {
        let warm_up = match start.warm_up {
            0.0 => String::new(),
            seconds => format!(", warm-up {seconds:.2} s"),
        };
        format!("{:.2} s (import {:.2} s{warm_up})", start.total, start.import)
    });
    vec![
        worker.pid.to_string(),
        worker.state.clone(),
        table::duration(worker.uptime),
        table::count(worker.requests),
        worker.in_flight.to_string(),
        worker.gates.to_string(),
        format!("{} of {}{stuck}", worker.threads.min(worker.threads_max), worker.threads_max),
        table::mebibytes(worker.memory),
        start.unwrap_or_else(|| "–".into()),
    ]
}

/// The modules that took most of the newest worker's start.
fn tell_slowest(out: &mut String, workers: &[&WorkerStatus]) {
    let newest = workers.iter().min_by(|one, other| one.uptime.total_cmp(&other.uptime));
    let Some(start) = newest.and_then(|worker| worker.start.as_ref()) else { return };
    if !start.slowest.is_empty() {
        let told = start.slowest.iter().map(|(name, seconds)| format!("{name} {seconds:.2} s"));
        let _ = writeln!(out, "\n  slowest modules: {}", told.collect::<Vec<_>>().join(", "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gate::status::Start;

    #[test]
    fn a_site_is_told_at_a_glance() {
        let start = Start {
            total: 1.234,
            import: 1.1,
            warm_up: 0.0,
            slowest: vec![("plone.app".into(), 0.4), ("zope".into(), 0.2)],
        };
        let worker = WorkerStatus {
            pid: 4711,
            site: "/sites/shop".into(),
            target: "shop:app".into(),
            python: "Python 3.11.7, /venv/bin/python".into(),
            state: "ready".into(),
            uptime: 11_000.0,
            requests: 12_345,
            in_flight: 2,
            threads: 4,
            threads_max: 16,
            gates: 8,
            memory: 84 * 1024 * 1024,
            log: Some("/sites/shop/logs/iisgate.log".into()),
            start: Some(start),
            ..WorkerStatus::default()
        };
        let helper = HelperStatus {
            name: "zeo".into(),
            state: "ready".into(),
            since: 11_002.0,
            why: String::new(),
        };
        let helpers =
            HelpersStatus { site: "/sites/shop".into(), keeper: 4700, helpers: vec![helper] };
        let status = Status {
            workers: vec![worker],
            helpers: vec![helpers],
            stale: vec!["/run/a.sock".into()],
            ..Status::default()
        };
        let expected = "\
/sites/shop
  app     shop:app
  python  Python 3.11.7, /venv/bin/python
  log     /sites/shop/logs/iisgate.log

  WORKER  STATE         UP  REQUESTS  IN FLIGHT  GATES  THREADS  MEMORY  STARTED IN
    4711  ready  3 h 3 min    12\u{2009}345          2      8  4 of 16  84 MiB  1.23 s (import 1.10 s)

  slowest modules: plone.app 0.40 s, zope 0.20 s

  HELPER  STATE      SINCE
  zeo     ready  3 h 3 min

left behind by dead processes, and harmless:
  /run/a.sock
";
        assert_eq!(text(&status), expected);
    }
}
