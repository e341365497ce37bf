//! Owns what is printed: data on stdout, talk on stderr, colour only for a terminal that wants it.
//!
//! Does not own the log.

use gate::StartFailure;
use std::fmt::Display;
use std::io::{IsTerminal, Write};

/// Prints.
#[derive(Debug)]
pub(crate) struct Printer {
    is_coloured: bool,
}

impl Printer {
    /// A printer that respects `NO_COLOR` and redirections.
    pub(crate) fn new() -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { is_coloured: std::io::stderr().is_terminal() && !no_color }
    }

    /// Says something on stderr.
    pub(crate) fn say(&self, text: impl Display) {
        // In one piece, since others write there, too. Whom nobody hears may still serve.
        let _ = std::io::stderr().lock().write_all(format!("{text}\n").as_bytes());
    }

    /// A word in bold, where that can be.
    pub(crate) fn bold(&self, text: &str) -> String {
        if self.is_coloured { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// What went wrong.
    pub(crate) fn error(&self, text: &str) {
        self.say(format!("{} {text}", self.bold("error:")));
    }

    /// Why the app does not start.
    pub(crate) fn failure(&self, failure: &StartFailure) {
        if !failure.details.trim().is_empty() {
            self.say(failure.details.trim_end());
        }
        self.error(&format!("{}: {}", failure.code, failure.title));
        for (word, part) in
            [("place:", &*failure.place), ("hint:", &failure.hint), ("command:", &failure.command)]
        {
            if !part.is_empty() {
                self.say(format!("{} {part}", self.bold(word)));
            }
        }
        self.say(format!("{} iisgate explain {}", self.bold("more:"), failure.code));
    }
}
