//! Owns how long a source file may be.
//!
//! Does not own how it is divided: by what it owns, says its first line.

use super::{Allowed, Breach, Source};

/// More than this does not fit in a reader's head.
const LINES_MAX: usize = 400;

/// From here on a file is told of as growing.
const LINES_MANY: usize = 300;

/// Files that may be longer.
const LONG: &[Allowed] = &[];

/// Rust and Python files stay small.
pub(super) fn small(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust() || source.is_python()) {
        let lines = source.text.lines().count();
        if lines > LINES_MAX && !Allowed::holds(LONG, source) {
            let message = format!(
                "{lines} lines, and {LINES_MAX} is the most: divide it by what it owns, \
                 or tell in xtask/src/tidy/sizes.rs why not"
            );
            breaches.push(source.breach(LINES_MAX + 1, message));
        }
    }
    breaches
}

/// Files that are no breach yet, the longest first: a good moment to divide them.
pub(super) fn growing(sources: &[Source]) -> Vec<(usize, &str)> {
    let files = sources.iter().filter(|source| source.is_rust() || source.is_python());
    let mut growing: Vec<(usize, &str)> = files
        .map(|source| (source.text.lines().count(), source.name.as_str()))
        .filter(|(lines, _)| (LINES_MANY..=LINES_MAX).contains(lines))
        .collect();
    growing.sort_by(|a, b| b.cmp(a));
    growing
}

/// Every exception has a reason, and a file that needs it.
pub(super) fn exceptions(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for allowed in LONG {
        let file = sources.iter().find(|source| source.name == allowed.path);
        let needed = file.is_some_and(|source| source.text.lines().count() > LINES_MAX);
        if !needed || allowed.reason.is_empty() {
            let message = format!("the exception for {} is not needed", allowed.path);
            breaches.push(Source::new("xtask/src/tidy/sizes.rs", "").breach(1, message));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_too_many_is_told() {
        for (lines, breaches) in [(LINES_MAX, 0), (LINES_MAX + 1, 1)] {
            let source = Source::new("crates/a/src/a.rs", &"x\n".repeat(lines));
            assert_eq!(small(&[source]).len(), breaches, "{lines}");
        }
    }
}
