//! Owns why an app does not start, as it is told on pages, in logs and between our processes.
//!
//! Does not find it out (`diagnosis`, `plan`, `interpreter`; `iisgate.telling` in Python).

mod series;

use crate::codes::{self, Code};
use std::fmt;
use std::io;

pub(crate) use series::Series;

/// Why an app does not start, in users' words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartFailure {
    /// The stable code.
    pub code: &'static Code,
    /// One sentence: what broke.
    pub title: String,
    /// Where: a file, with line and column if there are any. Maybe nothing. (Boxed, for this is
    /// the error of many functions: a large one makes each of them slower.)
    pub place: Box<str>,
    /// What to do about it, maybe nothing.
    pub hint: String,
    /// What to type for it, maybe nothing.
    pub command: String,
    /// Traceback or output, maybe nothing.
    pub details: String,
}

/// Between the parts of a failure's text: a byte that no text of ours holds.
const SEPARATOR: char = '\u{1e}';

impl StartFailure {
    /// A failure of which no more is known.
    pub fn new(title: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..Self::of(&codes::UNKNOWN, title) }
    }

    /// A failure with a code.
    pub fn of(code: &'static Code, title: impl Into<String>) -> Self {
        Self {
            code,
            title: title.into(),
            place: Box::default(),
            hint: String::new(),
            command: String::new(),
            details: String::new(),
        }
    }

    /// A failure that is the system's: a full disk or exhausted limits have codes of their own,
    /// whatever was tried.
    pub fn system(code: &'static Code, what: &str, error: &io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => &codes::DISK_FULL,
            io::ErrorKind::OutOfMemory | io::ErrorKind::WouldBlock => &codes::SYSTEM_REFUSES,
            _ => code,
        };
        let mend = &code.mend[0];
        Self::of(code, format!("{what}: {error}")).mend(mend.text, mend.command)
    }

    /// Tells where.
    #[must_use]
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.place = place.to_string().into();
        self
    }

    /// Tells what mends it.
    #[must_use]
    pub fn mend(mut self, hint: impl Into<String>, command: impl Into<String>) -> Self {
        self.hint = hint.into();
        self.command = command.into();
        self
    }

    /// Tells what was said.
    #[must_use]
    pub fn saying(mut self, details: impl Into<String>) -> Self {
        self.details = details.into();
        self
    }

    /// The failure as one text, for the channel and for the file that remembers it. Cut at the end,
    /// it loses details only.
    pub fn to_text(&self) -> String {
        let parts =
            [self.code.id, &self.title, &self.place, &self.hint, &self.command, &self.details];
        parts.join(&SEPARATOR.to_string())
    }

    /// Reads [`Self::to_text`] back.
    pub fn from_text(text: &str) -> Self {
        let mut parts = text.splitn(6, SEPARATOR).map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Self {
            code: codes::known(&next()),
            title: next(),
            place: next().into(),
            hint: next(),
            command: next(),
            details: next(),
        }
    }
}

impl fmt::Display for StartFailure {
    /// As it stands in the log: code and title, then place, hint, command and details on lines of
    /// their own.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.title)?;
        for (word, part) in [
            ("place: ", &*self.place),
            ("mend: ", &self.hint),
            ("command: ", &self.command),
            ("", &self.details),
        ] {
            if !part.is_empty() {
                write!(f, "\n{word}{}", part.trim_end())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure() -> StartFailure {
        StartFailure::of(&codes::SYNTAX, "SyntaxError: invalid syntax")
            .at("app.py:1:9")
            .mend("correct the line", "python -m py_compile app.py")
            .saying("  def app(:\n          ^\n")
    }

    #[test]
    fn a_failure_arrives_as_it_was_said() {
        let said = failure();
        assert_eq!(StartFailure::from_text(&said.to_text()), said);
        let mut cut = said.to_text();
        cut.truncate(cut.len() - 5);
        assert_eq!(StartFailure::from_text(&cut).command, said.command);
        assert_eq!(StartFailure::from_text("nonsense").code, &codes::UNKNOWN);
    }

    #[test]
    fn the_log_has_the_code_in_the_line_that_says_what_broke() {
        let told = failure().to_string();
        assert_eq!(
            told,
            "IG051: SyntaxError: invalid syntax\nplace: app.py:1:9\nmend: correct the line\n\
             command: python -m py_compile app.py\n  def app(:\n          ^"
        );
        assert_eq!(StartFailure::new("it broke", "").to_string(), "IG001: it broke");
    }

    #[test]
    fn a_full_disk_is_told_whatever_was_tried() {
        for (kind, code) in [
            (io::ErrorKind::StorageFull, &codes::DISK_FULL),
            (io::ErrorKind::QuotaExceeded, &codes::DISK_FULL),
            (io::ErrorKind::OutOfMemory, &codes::SYSTEM_REFUSES),
            (io::ErrorKind::PermissionDenied, &codes::LOG_UNWRITABLE),
        ] {
            let failure = StartFailure::system(&codes::LOG_UNWRITABLE, "the log", &kind.into());
            assert_eq!(failure.code, code);
            assert!(!failure.command.is_empty());
        }
    }
}
