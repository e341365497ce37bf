//! Owns `iisgate debug compare`, and the same said by itself where a site works that failed under
//! the web server.
//!
//! Does not own what differs (`gate::circumstances`).

use super::folder;
use crate::Exit;
use crate::args::DebugCompareArgs;
use crate::printer::Printer;
use anyhow::Context;
use gate::circumstances::{Circumstances, Difference, differences};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

pub(super) fn run(args: &DebugCompareArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let Some(site) = folder(&args.site, printer) else { return Ok(Exit::Trouble) };
    let noted = match &args.file {
        Some(file) => {
            let read = Circumstances::read(file);
            Some((read.with_context(|| file.display().to_string())?, file.clone()))
        }
        None => Circumstances::noted(&site),
    };
    let Some((there, file)) = noted else {
        printer.error(&format!("no start of {} under a web server was noted", site.display()));
        printer.say(format!(
            "{} ask the web server for a page of the site; what is noted lies beside the log: name \
             it with --file if that is elsewhere",
            printer.bold("hint:")
        ));
        return Ok(Exit::Unable);
    };
    let found = differences(&there, &Circumstances::of_console(&site));
    let mut text = format!("{}\n", last_start(&there));
    if found.is_empty() {
        text.push_str("nothing differs that is known to matter\n");
    }
    text.push_str(&told(&found));
    let _ = writeln!(text, "noted in {}", file.display());
    match std::io::stdout().lock().write_all(printable(&text).as_bytes()) {
        // Whom nobody hears any more has nothing to say.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => return Err(error.into()),
        _ => {}
    }
    Ok(if found.is_empty() { Exit::Done } else { Exit::Trouble })
}

fn last_start(there: &Circumstances) -> String {
    match &there.failure {
        Some((title, _)) => {
            format!("the last start under the web server, {}, failed: {title}", there.time)
        }
        None => format!("the last start under the web server, {}, went well", there.time),
    }
}

/// Each difference, what mends it, and what to type.
fn told(found: &[Difference]) -> String {
    let mut text = String::new();
    for difference in found {
        let mark = if difference.is_named { "* " } else { "- " };
        let _ = writeln!(text, "{mark}{}", difference.what);
        let _ = writeln!(text, "    {}", difference.mend);
        if !difference.command.is_empty() {
            let _ = writeln!(text, "    {}", difference.command);
        }
    }
    if found.iter().any(|difference| difference.is_named) {
        text.push_str("* fits what the failure says\n");
    }
    text
}

/// What another user wrote must not move a terminal's cursor.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
}

/// Tells, once, why a site that works here failed under the web server.
#[derive(Debug)]
pub(crate) struct WorksHere {
    site: PathBuf,
    is_told: AtomicBool,
}

impl WorksHere {
    /// For a site's folder.
    pub(crate) fn new(site: &Path) -> Self {
        let site = dunce::canonicalize(site).unwrap_or_else(|_| site.to_owned());
        Self { site, is_told: AtomicBool::new(false) }
    }

    /// Whether there is nothing more to tell.
    pub(crate) fn is_told(&self) -> bool {
        self.is_told.load(Ordering::Relaxed)
    }

    /// The site has just worked here.
    pub(crate) fn tell_once(&self, printer: &Printer) {
        if self.is_told.swap(true, Ordering::Relaxed) {
            return;
        }
        let Some((there, _)) = Circumstances::noted(&self.site) else { return };
        if there.failure.is_none() {
            return;
        }
        let found = differences(&there, &Circumstances::of_console(&self.site));
        let start = last_start(&there);
        printer.say(printable(
            format!("the site works here, but {start}\n{}", told(&found)).trim_end(),
        ));
    }
}
