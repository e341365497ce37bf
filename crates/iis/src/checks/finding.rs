//! Owns what a rule has found: what, where, how bad, and what mends it.
//!
//! Does not own why (`rule`).

use std::fmt;
use std::path::PathBuf;

use super::edit::Edit;
use super::rule::Rule;
use crate::place::Place;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know; nothing fails.
    Note,
    /// It works, until it does not.
    Warning,
    /// IIS refuses it, or the app cannot be reached.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's stable name.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// The file or folder.
    pub path: PathBuf,
    /// Where in the file; `None` for what is about a whole file.
    pub place: Option<Place>,
    /// What is wrong there.
    pub message: String,
    /// What mends it.
    pub hint: String,
    /// The change that mends it safely, if there is one.
    pub edit: Option<Edit>,
}

impl Finding {
    /// The line; 0 for a whole file.
    pub fn line(&self) -> u32 {
        self.place.as_ref().map_or(0, |place| place.line)
    }
}

/// What a rule says of one place.
#[derive(Debug)]
pub(super) struct Hit {
    path: PathBuf,
    place: Option<Place>,
    message: String,
    hint: Option<String>,
    edit: Option<Edit>,
}

impl Hit {
    /// About a place.
    pub(super) fn at(place: Place, message: impl Into<String>) -> Self {
        let path = place.path.clone();
        Hit { path, place: Some(place), message: message.into(), hint: None, edit: None }
    }

    /// About a whole file.
    pub(super) fn file(path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Hit { path: path.into(), place: None, message: message.into(), hint: None, edit: None }
    }

    /// Not showing the line, which holds a secret.
    pub(super) fn without_line(self) -> Self {
        let place = self.place.map(|place| Place { shown: String::new(), ..place });
        Hit { place, ..self }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Hit { hint: Some(hint.into()), ..self }
    }

    pub(super) fn edit(self, edit: Edit) -> Self {
        Hit { edit: Some(edit), ..self }
    }

    pub(super) fn into_finding(self, rule: &Rule) -> Finding {
        Finding {
            code: rule.code,
            severity: rule.severity,
            path: self.path,
            place: self.place,
            message: self.message,
            hint: self.hint.unwrap_or_else(|| rule.fix.to_owned()),
            edit: self.edit,
        }
    }
}
