//! Owns the regular expressions of packages: .NET's, whose steps are bounded here.
//!
//! Does not own what is matched, nor the engine: that is `fancy-regex`. What it reads otherwise than
//! .NET (balancing groups, character classes that are subtracted) is refused.

use fancy_regex::{Regex, RegexBuilder};
use std::ops::Range;

/// How often a match may go back and try anew: some tenth of a second, so that no package can hold
/// the one who opens it.
const BACKTRACKS_MAX: usize = 500_000;
/// Bytes of a compiled pattern: far above any that a person writes.
const SIZE_MAX: usize = 1 << 20;

/// A pattern, ready to match.
#[derive(Debug)]
pub(crate) struct Pattern(Regex);

impl Pattern {
    /// A pattern for which case counts.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        compile(text, false)
    }

    /// A pattern for names of providers and paths, where it does not.
    pub(crate) fn ignoring_case(text: &str) -> Result<Self, String> {
        compile(text, true)
    }

    /// Whether it matches anywhere.
    ///
    /// # Errors
    /// When that takes too long.
    pub(crate) fn is_match(&self, text: &str) -> Result<bool, String> {
        self.0.is_match(text).map_err(|error| self.gave_up(&error))
    }

    /// Where it matches, from left to right.
    ///
    /// # Errors
    /// When that takes too long: some matches may have been found, but nobody should act on half of
    /// them.
    pub(crate) fn ranges(&self, text: &str) -> Result<Vec<Range<usize>>, String> {
        let found = self.0.find_iter(text).map(|found| found.map(|found| found.range()));
        found.collect::<Result<_, _>>().map_err(|error| self.gave_up(&error))
    }

    /// The engine tells of its own words alone.
    fn gave_up(&self, error: &fancy_regex::Error) -> String {
        let pattern = self.0.as_str();
        format!(
            "the pattern {pattern} takes too long: {error}; write it so that it matches in one way only"
        )
    }
}

fn compile(text: &str, ignores_case: bool) -> Result<Pattern, String> {
    let regex = RegexBuilder::new(text)
        .case_insensitive(ignores_case)
        .backtrack_limit(BACKTRACKS_MAX)
        .delegate_size_limit(SIZE_MAX)
        .max_prog_size(SIZE_MAX)
        .build();
    regex.map(Pattern).map_err(|error| {
        let text = error.to_string();
        text.lines().last().unwrap_or_default().to_owned()
    })
}

/// A text as a pattern that matches it alone.
pub(crate) fn escaped(text: &str) -> String {
    fancy_regex::escape(text).into_owned()
}
