//! Owns what a rule about packages is, and the table of all.
//!
//! Does not own the rules themselves: they stand by what they look at, in `rules`.

use std::path::{Path, PathBuf};

use iis::Place;
use iis::checks::{Finding, Severity};

use super::rules;
use super::subject::Subject;

/// A rule about packages.
pub struct Rule {
    /// The stable name under which its findings are told.
    pub code: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// What is wrong, in few words.
    pub title: &'static str,
    /// Why that is wrong.
    pub why: &'static str,
    /// What mends it.
    pub fix: &'static str,
    /// `None` for what is found while the package is read: such a package is not opened.
    pub(super) find: Option<Find>,
}

pub(super) type Find = fn(&Subject<'_>) -> Vec<Hit>;

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

/// What a rule says of itself: code, title, why, fix.
type Words = [&'static str; 4];

const fn rule(severity: Severity, words: Words, find: Option<Find>) -> Rule {
    let [code, title, why, fix] = words;
    Rule { code, severity, title, why, fix, find }
}

/// What is found while the package is read.
pub(super) const fn reading(words: Words) -> Rule {
    rule(Severity::Error, words, None)
}

pub(super) const fn error(words: Words, find: Find) -> Rule {
    rule(Severity::Error, words, Some(find))
}

pub(super) const fn warning(words: Words, find: Find) -> Rule {
    rule(Severity::Warning, words, Some(find))
}

pub(super) const fn note(words: Words, find: Find) -> Rule {
    rule(Severity::Note, words, Some(find))
}

/// All rules, by what they look at.
pub const ALL: &[&[Rule]] = &[
    rules::reading::RULES,
    rules::zip::RULES,
    rules::manifest::RULES,
    rules::commands::RULES,
    rules::options::RULES,
    rules::parameters::RULES,
    rules::entries::RULES,
    rules::databases::RULES,
    rules::files::RULES,
    rules::site::RULES,
];

pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    ALL.iter().copied().flatten()
}

/// The rule of a code.
pub fn find(code: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.code.eq_ignore_ascii_case(code.trim()))
}

/// The code that may have been meant by one that is none: one that has its last word.
pub fn nearest(code: &str) -> Option<&'static str> {
    let code = code.trim().to_ascii_lowercase();
    let last = code.rsplit('-').next().filter(|word| word.len() > 2)?;
    let is_ours = code.starts_with("package");
    all().map(|rule| rule.code).find(|known| is_ours && known.split('-').any(|word| word == last))
}

/// What a rule says of one place.
#[derive(Debug)]
pub(super) struct Hit {
    /// Below the package; `None` for the whole.
    entry: Option<PathBuf>,
    place: Option<Place>,
    message: String,
    hint: Option<String>,
}

impl Hit {
    /// About the package as a whole.
    pub(super) fn package(message: impl Into<String>) -> Self {
        Self { entry: None, place: None, message: message.into(), hint: None }
    }

    /// About a file in it.
    pub(super) fn entry(name: &str, message: impl Into<String>) -> Self {
        Self { entry: Some(name.into()), ..Self::package(message) }
    }

    /// About a place in its manifest or parameters.
    pub(super) fn at(place: Place, message: impl Into<String>) -> Self {
        Self { place: Some(place), ..Self::package(message) }
    }

    /// About a place, where one is known.
    pub(super) fn near(place: Option<&Place>, message: impl Into<String>) -> Self {
        Self { place: place.cloned(), ..Self::package(message) }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(super) fn into_finding(self, rule: &Rule, package: &Path) -> Finding {
        let path = match (&self.place, self.entry) {
            (Some(place), _) => place.path.clone(),
            (None, Some(entry)) => package.join(entry),
            (None, None) => package.to_owned(),
        };
        Finding {
            code: rule.code,
            severity: rule.severity,
            path,
            place: self.place,
            message: self.message,
            hint: self.hint.unwrap_or_else(|| rule.fix.to_owned()),
            edit: None,
        }
    }
}
