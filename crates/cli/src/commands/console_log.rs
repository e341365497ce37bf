//! Owns showing on standard error what the rooms log while a command runs in a terminal: warnings and
//! errors, one line each.
//!
//! Does not own the log of gates and workers (`platform::log_file`).

use log::{Level, LevelFilter, Log, Metadata, Record};
use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How long the same line is not said again: under load each request may have the same trouble.
const QUIET: Duration = Duration::from_secs(10);

/// Lines that are remembered for that.
const LINES_MAX: usize = 256;

struct Console {
    said: Mutex<HashMap<String, Instant>>,
}

/// Begins to show them. The first logger of a process counts.
pub(super) fn install() {
    static CONSOLE: OnceLock<Console> = OnceLock::new();
    let console = CONSOLE.get_or_init(|| Console { said: Mutex::default() });
    if log::set_logger(console).is_ok() {
        log::set_max_level(LevelFilter::Warn);
    }
}

impl Console {
    /// The line for an event; `None` when it was just said.
    fn line(&self, level: Level, text: &str, now: Instant) -> Option<String> {
        // What came over the wire could move a terminal's cursor or begin a line of its own.
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let text: String = text.trim().chars().map(plain).collect();
        let word = if level == Level::Error { "error" } else { "warning" };
        let line = format!("{word}: {text}");
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() >= LINES_MAX {
            said.retain(|_, when| now.duration_since(*when) < QUIET);
        }
        if said.get(&line).is_some_and(|when| now.duration_since(*when) < QUIET) {
            return None;
        }
        if said.len() < LINES_MAX {
            said.insert(line.clone(), now);
        }
        Some(line)
    }
}

impl Log for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Warn
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        if let Some(line) = self.line(record.level(), &record.args().to_string(), Instant::now()) {
            // In one piece, since others write there, too. Whom nobody hears may still serve.
            let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_is_one_line_and_said_once_in_a_while() {
        let console = Console { said: Mutex::default() };
        let now = Instant::now();
        let line = |text: &str, after| console.line(Level::Warn, text, now + after);
        let told = line("header dropped: a\nb\u{1b}[2J\n", Duration::ZERO);
        assert_eq!(told.as_deref(), Some("warning: header dropped: a b [2J"));
        assert_eq!(line("header dropped: a\nb\u{1b}[2J\n", QUIET / 2), None);
        assert!(line("something else", QUIET / 2).is_some());
        assert!(line("header dropped: a\nb\u{1b}[2J\n", QUIET).is_some());
        let error = console.line(Level::Error, "no app", now);
        assert_eq!(error.as_deref(), Some("error: no app"));
    }
}
