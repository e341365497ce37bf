//! Owns what commands that write have in common: the diff is shown, the user is asked, the file saved.
//!
//! Does not own what is written, nor how a file is put in another's place (`iis::saving`).

use crate::args::ConsentArgs;
use crate::printer::Printer;
use ::iis::init::{FileChange, USUAL_PROGRAM};
use ::iis::saving::{self, Saved};
use anyhow::Context;
use similar::TextDiff;
use std::io::{BufRead, IsTerminal, Write};
use std::path::Path;

/// Lines around a change.
const CONTEXT_LINES: usize = 3;

/// What is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    /// The user wanted to see it, no more.
    Shown,
    No,
}

/// How this program is named in a server's configuration: on Windows where it is, elsewhere where it
/// is installed by custom.
pub(crate) fn program() -> anyhow::Result<String> {
    if cfg!(windows) {
        let path = std::env::current_exe().context("this program's own path cannot be had")?;
        return Ok(dunce::simplified(&path).display().to_string());
    }
    Ok(USUAL_PROGRAM.to_owned())
}

/// Prints a change as a diff: it is data, for `patch` takes it.
pub(crate) fn show(base: &Path, change: &FileChange) -> anyhow::Result<()> {
    let (old, new) = (text(change.original.as_deref().unwrap_or_default()), text(&change.fresh));
    let name = change.path.strip_prefix(base).unwrap_or(&change.path).display().to_string();
    let before = if change.original.is_some() { name.clone() } else { "(none)".to_owned() };
    let diff = TextDiff::from_lines(&old, &new);
    let mut shown = diff.unified_diff();
    let shown = shown.context_radius(CONTEXT_LINES).header(&before, &name).to_string();
    match std::io::stdout().lock().write_all(shown.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// What a terminal can show of a file.
fn text(bytes: &[u8]) -> String {
    let wide = |from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| from([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    let text = match bytes {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, b'<', ..] => wide(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.trim_start_matches('\u{feff}').replace("\r\n", "\n")
}

/// Asks, unless that is settled.
pub(crate) fn ask(consent: ConsentArgs, printer: &Printer) -> anyhow::Result<Answer> {
    if consent.yes {
        return Ok(Answer::Yes);
    }
    if consent.dry_run {
        printer.say("Nothing is written (--dry-run).");
        return Ok(Answer::Shown);
    }
    if !std::io::stdin().is_terminal() {
        printer.error("nothing is written: nobody can be asked without a terminal");
        printer.say(format!("{} --yes writes it, --dry-run shows it", printer.bold("hint:")));
        return Ok(Answer::No);
    }
    if agreed("Write this?", printer)? {
        return Ok(Answer::Yes);
    }
    printer.say("Nothing is written.");
    Ok(Answer::No)
}

/// Asks whoever sits at the terminal.
pub(crate) fn agreed(question: &str, printer: &Printer) -> anyhow::Result<bool> {
    printer.say(printer.bold(&format!("{question} [y/N]")));
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Saves a change, with a copy of the old file.
pub(crate) fn save(change: &FileChange, printer: &Printer) -> anyhow::Result<()> {
    let FileChange { path, original, fresh } = change;
    match saving::save(path, original.as_deref(), fresh, platform::successor_file::succeed)? {
        Saved::Unchanged => {}
        Saved::Created => printer.say(format!("{} {}", printer.bold("made:"), path.display())),
        Saved::Replaced { backup } => {
            let word = printer.bold("written:");
            printer.say(format!("{word} {} (before: {})", path.display(), backup.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_named_as_on_a_server() {
        let program = program().unwrap();
        assert!(if cfg!(windows) { program.contains(".exe") } else { program == USUAL_PROGRAM });
    }
}
