//! Owns the patterns of URL Rewrite: ECMAScript's regular expressions, wildcards, exact texts.
//!
//! Does not own what is matched, nor the engine: that is `fancy-regex`, whose steps are bounded. What
//! it reads otherwise than ECMAScript is translated or refused in `ecmascript`. What differs from
//! IIS still: a group that is repeated keeps what an earlier turn captured, a back-reference to a group
//! that took no part fails instead of being empty, and `\b` counts letters of all scripts as such.

mod ecmascript;

use fancy_regex::{CompileError, Error, Regex, RegexBuilder};

/// How often a match may go back and try anew. A URL of 4096 characters needs a few times each; this
/// takes about a tenth of a second, so that no request can hold the server.
const BACKTRACKS_MAX: usize = 500_000;
/// Bytes of a compiled pattern: far above any that a person writes.
const SIZE_MAX: usize = 1 << 20;

/// A pattern, ready to match.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
    ignores_case: bool,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (self.regex.as_str(), self.ignores_case) == (other.regex.as_str(), other.ignores_case)
    }
}

impl Eq for Pattern {}

/// What matched: group 0 is the whole, or for wildcards the whole text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups(Vec<String>);

impl Groups {
    /// A group's text; empty where it took no part.
    pub fn get(&self, group: usize) -> &str {
        self.0.get(group).map_or("", String::as_str)
    }

    /// Adds another match's groups behind these, but for its group 0.
    pub fn extend(&mut self, other: &Groups) {
        let skipped = usize::from(!self.0.is_empty());
        self.0.extend(other.0.iter().skip(skipped).cloned());
    }
}

impl Pattern {
    /// Reads a regular expression.
    ///
    /// # Errors
    /// A sentence about what is wrong in it, with the place.
    pub fn regular(text: &str, ignores_case: bool) -> Result<Self, String> {
        let translated = ecmascript::translate(text)?;
        compile(&translated.pattern, ignores_case).map_err(|error| match error {
            Error::ParseError(at, why) => {
                ecmascript::at_character(text, translated.origin(at), &why.to_string())
            }
            other => told(&other),
        })
    }

    /// Reads a text in which `*` stands for any characters, and which matches wholes only.
    ///
    /// # Errors
    /// When it is too long.
    pub fn wildcard(text: &str, ignores_case: bool) -> Result<Self, String> {
        let parts: Vec<_> = text.split('*').map(fancy_regex::escape).collect();
        whole(&parts.join("([\\s\\S]*)"), ignores_case)
    }

    /// A text that matches itself alone.
    ///
    /// # Errors
    /// When it is too long.
    pub fn exact(text: &str, ignores_case: bool) -> Result<Self, String> {
        whole(&fancy_regex::escape(text), ignores_case)
    }

    /// The first match in a text. A match that would take too long is none.
    pub fn find(&self, text: &str) -> Option<Groups> {
        let captures = self.regex.captures(text).ok()??;
        let text = |group: Option<fancy_regex::Match<'_>>| {
            group.map_or_else(String::new, |group| group.as_str().to_owned())
        };
        Some(Groups(captures.iter().map(text).collect()))
    }
}

fn whole(pattern: &str, ignores_case: bool) -> Result<Pattern, String> {
    compile(&format!("^(?:{pattern})$"), ignores_case).map_err(|error| told(&error))
}

/// What the engine beneath says of a pattern, which is the last line of the innermost error.
fn told(error: &Error) -> String {
    let Error::CompileError(error) = error else { return error.to_string() };
    let CompileError::InnerError(inner) = &**error else { return error.to_string() };
    if inner.size_limit().is_some() {
        return "the pattern is too large".to_owned();
    }
    let mut cause: &dyn std::error::Error = inner;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let text = cause.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

fn compile(pattern: &str, ignores_case: bool) -> Result<Pattern, Error> {
    let regex = RegexBuilder::new(pattern)
        .case_insensitive(ignores_case)
        .backtrack_limit(BACKTRACKS_MAX)
        .delegate_size_limit(SIZE_MAX)
        .max_prog_size(SIZE_MAX)
        .build()?;
    Ok(Pattern { regex, ignores_case })
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
