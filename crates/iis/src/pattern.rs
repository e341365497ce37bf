//! Owns the patterns of URL Rewrite: ECMAScript's regular expressions, wildcards, exact texts.
//!
//! Does not own what is matched. Of ECMAScript: literals, classes, groups, alternatives, quantifiers
//! (greedy and lazy), anchors, `\b`, look-ahead, back-references; anything else is told when the
//! pattern is read. A match that would take too long is none.

mod machine;
mod parse;

use machine::Program;

/// A pattern, ready to match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    program: Program,
}

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
    /// A sentence about what we do not understand in it.
    pub fn regular(text: &str, ignores_case: bool) -> Result<Self, String> {
        Ok(Pattern { program: Program::new(&parse::parse(text)?, ignores_case)? })
    }

    /// Reads a text in which `*` stands for any characters, and which matches wholes only.
    ///
    /// # Errors
    /// When it is too long.
    pub fn wildcard(text: &str, ignores_case: bool) -> Result<Self, String> {
        Ok(Pattern { program: Program::new(&parse::wildcard(text), ignores_case)? })
    }

    /// A text that matches itself alone.
    ///
    /// # Errors
    /// When it is too long.
    pub fn exact(text: &str, ignores_case: bool) -> Result<Self, String> {
        Ok(Pattern { program: Program::new(&parse::exact(text), ignores_case)? })
    }

    /// The first match in a text.
    pub fn find(&self, text: &str) -> Option<Groups> {
        self.program.find(text).map(Groups)
    }
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
