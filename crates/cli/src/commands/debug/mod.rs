//! Owns `iisgate debug`: turns a site's debug mode on and off and tells what that does.
//!
//! Does not own debug mode (`gate::debug`), nor what a worker does in it (`iisgate.debugging`).

mod debugger;

mod compare;

use crate::Exit;
use crate::args::{DebugAction, DebugArgs, DebugOffArgs, DebugOnArgs};
use crate::printer::Printer;
use anyhow::Context;
use gate::debug::{self, Notice, Outcome, Session};
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) use compare::WorksHere;

/// How long the new worker is waited for: as long as its gate waits for it.
const READY_TIMEOUT: Duration = gate::limits::SUCCESSION_TIMEOUT;

pub(crate) fn run(args: DebugArgs, printer: &Printer) -> anyhow::Result<Exit> {
    match args.action {
        DebugAction::On(args) => on(args, printer),
        DebugAction::Off(args) => off(&args, printer),
        DebugAction::Compare(args) => compare::run(&args, printer),
    }
}

/// The site's folder by the name that its workers know.
fn folder(site: &Path, printer: &Printer) -> Option<PathBuf> {
    match std::path::absolute(site).and_then(dunce::canonicalize) {
        Ok(folder) if folder.is_dir() => Some(folder),
        _ => {
            printer.error(&format!("there is no folder {}", site.display()));
            printer.say(format!(
                "{} name the site's folder: iisgate debug on DIR",
                printer.bold("hint:")
            ));
            None
        }
    }
}

fn on(args: DebugOnArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let Some(site) = folder(&args.site, printer) else { return Ok(Exit::Trouble) };
    if args.wait_for_debugger.is_some() && !debugger::is_there(&site, args.python, printer) {
        return Ok(Exit::Trouble);
    }
    let session = Session::new(args.minutes, args.address, args.wait_for_debugger);
    let notice = Notice::open().context("a port of this machine")?;
    let file = debug::file(&site);
    session.write(&site, &notice).with_context(|| not_written(&file))?;
    let minutes = match args.minutes {
        1 => "1 minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    };
    printer.say(format!(
        "debug mode is on for {} for {minutes}",
        printer.bold(&site.display().to_string())
    ));
    let line = |name: &str, text: &str| printer.say(format!("  {name:<13} {text}"));
    let who = args.address.map_or_else(
        || "requests from this machine (127.0.0.1, ::1)".to_owned(),
        |address| format!("requests from {address}"),
    );
    line("page", &format!("{who} see the developer's page; all others do not"));
    line("log", "level debug: every request and its steps");
    line("time limits", "none of iisgate's; the web server's own go on");
    line("Python", "PYTHONDEVMODE=1");
    if let Some(port) = args.wait_for_debugger {
        line(
            "debugger",
            &format!("the new worker waits for yours at 127.0.0.1:{port}: attach it now"),
        );
    }
    let exit = hear(&notice, printer, "the next request starts one in debug mode")?;
    line("to end it", &format!("iisgate debug off \"{}\"", site.display()));
    Ok(exit)
}

fn off(args: &DebugOffArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let Some(site) = folder(&args.site, printer) else { return Ok(Exit::Trouble) };
    let file = debug::file(&site);
    if !file.exists() {
        printer.say(format!("debug mode was not on for {}", site.display()));
        return Ok(Exit::Done);
    }
    let notice = Notice::open().context("a port of this machine")?;
    debug::write_off(&site, &notice).with_context(|| not_written(&file))?;
    printer.say(format!("debug mode is off for {}", printer.bold(&site.display().to_string())));
    let heard = hear(&notice, printer, "the next request starts an ordinary one");
    debug::remove(&site).with_context(|| format!("{} cannot be removed", file.display()))?;
    heard
}

/// Tells what becomes of the workers that run.
fn hear(notice: &Notice, printer: &Printer, if_none: &str) -> anyhow::Result<Exit> {
    let mut exit = Exit::Done;
    let told = |process: u32, outcome: Outcome| {
        let text = match outcome {
            Outcome::Replaced => "another one has taken over, without losing a request".to_owned(),
            Outcome::Stays => "is in that mode already".to_owned(),
            Outcome::Ended => "has ended; the next request starts another one".to_owned(),
            Outcome::Refused(why) => {
                exit = Exit::Trouble;
                format!("goes on, for the new one cannot serve: {why}")
            }
        };
        printer.say(format!("  {:<13} process {process}: {text}", "worker"));
    };
    let noticed = notice.wait(READY_TIMEOUT, told).context("a port of this machine")?;
    if noticed == 0 {
        printer.say(format!("  {:<13} none runs now: {if_none}", "worker"));
    }
    Ok(exit)
}

fn not_written(file: &Path) -> String {
    format!(
        "{} cannot be written: only who may change the site's code can do this (on Windows: a \
         console of an administrator)",
        file.display()
    )
}
