//! Owns `iisgate logs`: where a site's log is, its last lines, and those that come.
//!
//! Does not own where logs lie (`gate`), nor following one into its new file (`platform`).

use crate::Exit;
use crate::args::{LogsArgs, OutputForm};
use crate::commands::log_entry::Entry;
use crate::printer::Printer;
use platform::log_file::{LogReader, full_logs};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Lines that fill a terminal, and not more.
const LINES: usize = 30;

/// How often the log is looked at: somebody who watches sees a line at once.
const LOOK_EVERY: Duration = Duration::from_millis(100);

pub(crate) fn run(args: &LogsArgs, printer: &Printer) -> anyhow::Result<Exit> {
    let dir = args.dir.clone().unwrap_or_else(|| PathBuf::from("."));
    let Some(path) = find(&dir, printer) else { return Ok(Exit::Trouble) };
    match show(args, &path) {
        // Whom nobody hears any more has nothing to say.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Done),
        shown => Ok(shown.map(|()| Exit::Done)?),
    }
}

/// The log that is meant; where it is, or where it was looked for, is said.
fn find(dir: &Path, printer: &Printer) -> Option<PathBuf> {
    if !dir.exists() {
        printer.error(&format!("there is no {}", dir.display()));
        return None;
    }
    if !dir.is_dir() {
        printer.say(format!("{} {}", printer.bold("log:"), dir.display()));
        return Some(dir.to_owned());
    }
    let site = dunce::canonicalize(dir).unwrap_or_else(|_| dir.to_owned());
    let places = gate::log_places(&site);
    let written = |path: &PathBuf| {
        let metadata = path.metadata().ok().filter(std::fs::Metadata::is_file)?;
        Some((metadata.modified().ok()?, path.clone()))
    };
    let mut logs: Vec<_> = places.iter().filter_map(written).collect();
    // What was written last is what somebody looks for, wherever it is.
    logs.sort();
    let Some((_, log)) = logs.pop() else {
        printer.error(&format!("{} has no log yet; it was looked for here:", site.display()));
        places.iter().for_each(|place| printer.say(format!("  {}", place.display())));
        printer.say(format!(
            "{} ask the site for something first; if it is served by another user, become that \
             user, or name the file: iisgate logs FILE",
            printer.bold("hint:")
        ));
        return None;
    };
    printer.say(format!("{} {}", printer.bold("log:"), log.display()));
    for (_, older) in logs.iter().rev() {
        printer.say(format!("{} {} was written before", printer.bold("note:"), older.display()));
    }
    Some(log)
}

fn show(args: &LogsArgs, path: &Path) -> io::Result<()> {
    let mut reader = LogReader::new(path);
    let mut text = reader.read()?;
    // A line that is just being written is shown when it is whole.
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let mut begun = text.split_off(whole);
    if !args.follow {
        text.append(&mut begun);
    }
    let mut out = io::stdout().lock();
    let most = args.lines.unwrap_or(if args.request.is_some() { usize::MAX } else { LINES });
    for shown in last(args, path, &text, most)? {
        out.write_all(shown.as_bytes())?;
    }
    out.flush()?;
    if !args.follow {
        return Ok(());
    }
    loop {
        std::thread::sleep(LOOK_EVERY);
        begun.extend(reader.read()?);
        let Some(end) = begun.iter().rposition(|byte| *byte == b'\n') else { continue };
        let rest = begun.split_off(end + 1);
        for shown in shown(args, &begun) {
            out.write_all(shown.as_bytes())?;
        }
        out.flush()?;
        begun = rest;
    }
}

/// The last lines, of the logs that were full before as well, as far as that is needed.
fn last(args: &LogsArgs, path: &Path, text: &[u8], most: usize) -> io::Result<VecDeque<String>> {
    let mut found: VecDeque<String> = shown(args, text).into();
    for full in full_logs(path).into_iter().rev() {
        if found.len() >= most {
            break;
        }
        match std::fs::read(full) {
            Ok(text) => {
                shown(args, &text).into_iter().rev().for_each(|line| found.push_front(line))
            }
            // It has just been removed, for there are newer ones.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    found.drain(..found.len().saturating_sub(most));
    Ok(found)
}

/// Whole lines as they are shown; those that are not meant are left out.
fn shown(args: &LogsArgs, text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let form: OutputForm = args.output;
    let meant = |line: &str| {
        let entry = Entry::read(line.trim_end_matches('\r'));
        let is_meant = args.request.as_deref().is_none_or(|request| entry.is_about(request));
        is_meant.then(|| entry.show(form))
    };
    text.lines().filter_map(meant).collect()
}
