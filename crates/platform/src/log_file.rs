//! Owns the log that gate and worker write: one line per event, appended in one write each, so
//! that several processes may share a file.
//!
//! Does not own where the file lies nor what is said.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::time::SystemTime;

/// An open log.
#[derive(Debug)]
pub struct LogFile {
    file: File,
}

impl LogFile {
    /// Opens a file for appending, and makes it and its folder if need be.
    ///
    /// # Errors
    /// As `open(2)`.
    pub fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { file })
    }

    /// Logs to what is standard error now.
    ///
    /// # Errors
    /// When the process is out of descriptors, or has no standard error.
    pub fn stderr() -> io::Result<Self> {
        Ok(Self { file: crate::standard_error::duplicate()? })
    }

    /// Appends an event. `who` is the request's id or `-`. Each line of a longer text gets the
    /// same beginning, so that no text can pretend to be another event.
    ///
    /// A log that cannot be written must not fail a request: errors are dropped.
    pub fn line(&self, level: log::Level, who: &str, text: &str) {
        let now = humantime::format_rfc3339_millis(SystemTime::now());
        let pid = std::process::id();
        let mut out = String::with_capacity(text.len() + 64);
        for line in text.trim_end_matches('\n').split('\n') {
            use std::fmt::Write;
            let _ = write!(out, "{now} {level:<5} {pid} {who} ");
            // Control characters could move a terminal's cursor or forge colours.
            out.extend(
                line.chars().map(|c| if c.is_control() && c != '\t' { '\u{FFFD}' } else { c }),
            );
            out.push('\n');
        }
        let _ = (&self.file).write_all(out.as_bytes());
    }
}

/// The process's log, for the `log` façade.
static LOG: OnceLock<LogFile> = OnceLock::new();

struct Facade;

impl log::Log for Facade {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &log::Record<'_>) {
        if let (true, Some(file)) = (self.enabled(record.metadata()), LOG.get()) {
            file.line(record.level(), "-", &record.args().to_string());
        }
    }

    fn flush(&self) {}
}

/// Makes this the process's log, where the `log` macros write. The first call counts.
pub fn install(file: LogFile, level: log::LevelFilter) -> &'static LogFile {
    let file = LOG.get_or_init(|| file);
    if log::set_logger(&Facade).is_ok() {
        log::set_max_level(level);
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_forges_a_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("logs/a.log");
        let file = LogFile::open(&path).expect("opened");
        file.line(log::Level::Info, "r1", "one\ntwo \u{1b}[31mred\r\n");
        let text = std::fs::read_to_string(path).expect("written");
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| line.contains(" INFO  ") && line.contains(" r1 ")));
        assert!(!text.contains('\u{1b}') && !text.contains('\r'));
    }
}
