//! Owns the words about services of the system: what one is made of, how it stands, how its command
//! is written and read. Each system's half makes, tells and asks them.
//!
//! Does not know what a service of ours does.

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use crate::system::service::{
    MANAGER, create, dispatch, query, remove, require_manager, start, stop,
};

/// A service, as it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its name, by which all else is known.
    pub name: String,
    /// Its name in lists.
    pub display_name: String,
    /// What it does.
    pub description: String,
    /// The program.
    pub program: PathBuf,
    /// The program's arguments.
    pub arguments: Vec<String>,
    /// The account it runs as.
    pub account: String,
    /// The account's password, where it needs one.
    pub password: Option<String>,
    /// Services that run before it.
    pub depends: Vec<String>,
    /// Pauses before it is started again, after the first, the second and all later failures.
    pub pauses: Vec<Duration>,
    /// How long it must run until its failures are forgotten.
    pub forgiven_after: Duration,
    /// How long it may take to stop when the machine is shut down.
    pub shutdown_timeout: Duration,
}

/// How a service stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does not run.
    Stopped,
    /// It is being started.
    Starting,
    /// It runs.
    Running,
    /// It is being stopped.
    Stopping,
    /// It runs, and does nothing.
    Paused,
}

impl State {
    /// The state in one word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Paused => "paused",
        }
    }
}

/// What the system tells of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it stands.
    pub state: State,
    /// Its process, while there is one.
    pub process: Option<u32>,
    /// How it ended last: 0 for in order.
    pub exit_code: u32,
    /// Its command.
    pub command: String,
    /// The account it runs as.
    pub account: String,
}

/// What a process that runs as a service tells the system. What is pending tells how far it is:
/// the number must grow, or the system takes it for hung.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It is about to run.
    Starting(u32),
    /// It runs.
    Running,
    /// It is about to end.
    Stopping(u32),
}

/// A process that runs as a service, as [`dispatch`] gives it.
pub trait Reporter {
    /// Tells the system how far we are.
    fn report(&self, phase: Phase);
}

/// The command line of a program, as Windows programs read it.
pub fn command_line(program: &Path, arguments: &[String]) -> String {
    let program = program.to_string_lossy();
    let words = std::iter::once(&*program).chain(arguments.iter().map(String::as_str));
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

/// One word of it. Backslashes mean themselves, but before a quotation mark.
fn quoted(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '\n', '\u{b}', '"']) {
        return word.to_owned();
    }
    let mut out = String::from('"');
    let mut backslashes = 0;
    for c in word.chars() {
        if c == '"' {
            out.push_str(&"\\".repeat(backslashes + 1));
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
        out.push(c);
    }
    out.push_str(&"\\".repeat(backslashes));
    out.push('"');
    out
}

/// The words of a command line.
pub fn words(command_line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let (mut is_quoted, mut backslashes) = (false, 0);
    for c in command_line.chars() {
        if c == '\\' {
            backslashes += 1;
            word.get_or_insert_default();
            continue;
        }
        if backslashes > 0 {
            let kept = if c == '"' { backslashes / 2 } else { backslashes };
            word.get_or_insert_default().push_str(&"\\".repeat(kept));
        }
        let is_literal = backslashes % 2 == 1;
        backslashes = 0;
        match c {
            '"' if !is_literal => {
                is_quoted = !is_quoted;
                word.get_or_insert_default();
            }
            ' ' | '\t' if !is_quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    if let Some(mut last) = word {
        last.push_str(&"\\".repeat(backslashes));
        words.push(last);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_quoted_and_read_back() {
        for (word, expected) in [
            (r"C:\iisgate.exe", r"C:\iisgate.exe"),
            (r"C:\Program Files\iisgate.exe", r#""C:\Program Files\iisgate.exe""#),
            (r"C:\my site\", r#""C:\my site\\""#),
            (r"C:\site\", r"C:\site\"),
            ("", r#""""#),
            (r#"say "hi""#, r#""say \"hi\"""#),
            (r#"a\"b"#, r#""a\\\"b""#),
        ] {
            assert_eq!(quoted(word), expected);
            let line = command_line(Path::new(word), &["--site".into(), word.into()]);
            assert_eq!(line, format!("{expected} --site {expected}"));
            assert_eq!(words(&line), [word, "--site", word], "{line}");
        }
        assert_eq!(words("  "), [""; 0]);
    }
}
