//! Owns what a rule is, and the table of all.
//!
//! Does not own the rules themselves: they stand by what they look at, in `rules`.

use super::finding::{Hit, Severity};
use super::rules;
use super::subject::Subject;

/// A rule about a site's files.
pub struct Rule {
    /// The stable name under which its findings are told.
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
    /// Whether `iisgate check --fix` can mend it.
    pub is_mended: bool,
    pub(super) find: fn(&Subject<'_>) -> Vec<Hit>,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

/// What a rule says of itself: code, title, why, fix, source.
type Words = [&'static str; 5];

const fn rule(severity: Severity, words: Words, find: fn(&Subject<'_>) -> Vec<Hit>) -> Rule {
    let [code, title, why, fix, source] = words;
    Rule { code, severity, title, why, fix, source, is_mended: false, find }
}

pub(super) const fn error(words: Words, find: fn(&Subject<'_>) -> Vec<Hit>) -> Rule {
    rule(Severity::Error, words, find)
}

pub(super) const fn warning(words: Words, find: fn(&Subject<'_>) -> Vec<Hit>) -> Rule {
    rule(Severity::Warning, words, find)
}

pub(super) const fn note(words: Words, find: fn(&Subject<'_>) -> Vec<Hit>) -> Rule {
    rule(Severity::Note, words, find)
}

impl Rule {
    pub(super) const fn mended(self) -> Self {
        Rule { is_mended: true, ..self }
    }
}

/// All rules, by what they look at.
pub const ALL: &[&[Rule]] = &[
    rules::reading::RULES,
    rules::structure::RULES,
    rules::values::RULES,
    rules::mappings::RULES,
    rules::processors::RULES,
    rules::pythons::RULES,
    rules::statics::RULES,
    rules::answers::RULES,
    rules::filtering::RULES,
    rules::secrets::RULES,
    rules::variables::RULES,
    rules::pools::RULES,
    rules::app_pools::RULES,
    rules::served::RULES,
    rules::project::RULES,
    rules::leftovers::RULES,
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
