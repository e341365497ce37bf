//! Owns the findings about a feed: what no reader would accept, what cannot be installed, what is wrong
//! with its files.
//!
//! Does not own the rules' words (`rule`). Nothing here fails; what cannot be looked at is a finding.

mod files;
mod rings;
mod rule;
mod structure;
mod text;

use std::path::Path;

use iis::Place;
use iis::checks::{Finding, Severity};

use super::fetch::{Fetch, Source};

pub use rule::{ALL, Rule, find};
pub use text::{markdown, plain};

/// What was found, before it is told.
#[derive(Debug)]
struct Hit {
    code: &'static str,
    place: Place,
    message: String,
    /// What mends it, where that is more than what the rule says.
    hint: Option<String>,
    /// What it is told of once, however often it is met.
    about: Option<String>,
}

impl Hit {
    fn new(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Hit { code, place, message: message.into(), hint: None, about: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        Hit { hint: Some(hint.into()), ..self }
    }

    fn about(self, about: &str) -> Self {
        Hit { about: Some(about.to_owned()), ..self }
    }

    fn into_finding(self) -> Finding {
        let rule = rule::find(self.code);
        Finding {
            code: self.code,
            severity: rule.map_or(Severity::Error, |rule| rule.severity),
            path: self.place.path.clone(),
            place: Some(self.place),
            message: self.message,
            hint: self.hint.unwrap_or_else(|| rule.map_or("", |rule| rule.fix).to_owned()),
            edit: None,
        }
    }
}

/// What is to be said about a feed. `files` is a folder in which the installers' files are, by name;
/// those that a `file:` address leads to are found without it. With `online`, every address is asked
/// whether it is there.
pub fn verify(
    source: &Source,
    files: Option<&Path>,
    online: Option<&mut dyn Fetch>,
) -> Vec<Finding> {
    let mut hits = structure::hits(&source.reading);
    hits.extend(files::hits(source, files, online));
    let mut findings: Vec<Finding> = hits.into_iter().map(Hit::into_finding).collect();
    findings.sort_by_key(|finding| (finding.line(), finding.code));
    findings.dedup();
    findings
}

#[cfg(test)]
mod tests;
