//! Owns what a rule about a machine is, and the table of all.
//!
//! Does not own the rules themselves: they stand by what they look at, in `rules`.

use std::path::PathBuf;

use super::subject::Subject;
use super::{Topic, rules};
use crate::checks::{Finding, Severity};
use crate::place::Place;

/// A rule about a machine.
pub struct Rule {
    /// The stable name under which its findings are told; all begin with `machine-`.
    pub code: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// What is wrong, in few words.
    pub title: &'static str,
    /// Why IIS behaves so.
    pub why: &'static str,
    /// What mends it.
    pub fix: &'static str,
    /// Where that is written.
    pub source: &'static str,
    /// The facts it needs.
    pub topic: Topic,
    pub(super) find: fn(&Subject<'_>) -> Vec<Hit>,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

/// What a rule says of itself: code, title, why, fix, source.
type Words = [&'static str; 5];

type Find = fn(&Subject<'_>) -> Vec<Hit>;

const fn rule(severity: Severity, topic: Topic, words: Words, find: Find) -> Rule {
    let [code, title, why, fix, source] = words;
    Rule { code, severity, title, why, fix, source, topic, find }
}

pub(super) const fn error(topic: Topic, words: Words, find: Find) -> Rule {
    rule(Severity::Error, topic, words, find)
}

pub(super) const fn warning(topic: Topic, words: Words, find: Find) -> Rule {
    rule(Severity::Warning, topic, words, find)
}

pub(super) const fn note(topic: Topic, words: Words, find: Find) -> Rule {
    rule(Severity::Note, topic, words, find)
}

/// All rules, by what they look at.
pub const ALL: &[&[Rule]] = &[
    rules::iis::RULES,
    rules::pool::RULES,
    rules::access::RULES,
    rules::python::RULES,
    rules::imports::RULES,
    rules::surroundings::RULES,
    rules::entries::RULES,
    rules::recent::RULES,
];

pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().copied().flatten()
}

/// The rule of a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code.eq_ignore_ascii_case(code.trim()))
}

/// The code that may have been meant by one that is none.
pub fn nearest(code: &str) -> Option<&'static str> {
    crate::spelling::nearest(code, all().map(|rule| rule.code))
}

/// What a rule says of one thing.
#[derive(Debug)]
pub(super) struct Hit {
    path: PathBuf,
    place: Option<Place>,
    message: String,
    hint: Option<String>,
}

impl Hit {
    /// About a place in a file.
    pub(super) fn at(place: Place, message: impl Into<String>) -> Self {
        Hit { path: place.path.clone(), place: Some(place), message: message.into(), hint: None }
    }

    /// About a file, a folder, or the machine by its name.
    pub(super) fn about(path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Hit { path: path.into(), place: None, message: message.into(), hint: None }
    }

    /// Not showing the line, which may hold a secret.
    pub(super) fn without_line(self) -> Self {
        let place = self.place.map(|place| Place { shown: String::new(), ..place });
        Hit { place, ..self }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Hit { hint: Some(hint.into()), ..self }
    }

    pub(super) fn into_finding(self, rule: &Rule) -> Finding {
        Finding {
            code: rule.code,
            severity: rule.severity,
            path: self.path,
            place: self.place,
            message: self.message,
            hint: self.hint.unwrap_or_else(|| rule.fix.to_owned()),
            edit: None,
        }
    }
}
