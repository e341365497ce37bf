//! Owns that every file begins by saying what it is for.
//!
//! Does not own whether that is true.

use super::{Breach, Source};

/// Every Rust file begins with `//!`, and its first line says what the file owns.
pub(super) fn rust(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let first = source.text.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") {
            breaches.push(source.breach(1, "a file begins with `//! Owns …`"));
        } else if !first.to_lowercase().contains("owns ") {
            breaches.push(source.breach(1, "the first line says what the file owns: `Owns …`"));
        }
    }
    breaches
}

/// Every module of the Python package begins with a docstring.
pub(super) fn python(sources: &[Source]) -> Vec<Breach> {
    let modules = sources.iter().filter(|source| source.is_python());
    let ours = modules.filter(|source| source.is_under("python") || source.is_under("benches"));
    ours.filter(|source| {
        let start = source.text.trim_start_matches("#!/usr/bin/env python3\n");
        !(start.starts_with("\"\"\"") || start.starts_with("r\"\"\""))
    })
    .map(|source| source.breach(1, "a module begins with a docstring that says what it owns"))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_heading_is_told() {
        let sources = [
            Source::new("crates/a/src/a.rs", "//! Owns a.\n"),
            Source::new("crates/a/src/b.rs", "//! Things.\n"),
            Source::new("crates/a/src/c.rs", "use x;\n"),
            Source::new("python/iisgate/d.py", "\"\"\"Owns d.\"\"\"\n"),
            Source::new("python/iisgate/e.py", "import os\n"),
        ];
        let names = |breaches: Vec<Breach>| {
            breaches.iter().map(|b| b.path.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(rust(&sources)), ["crates/a/src/b.rs", "crates/a/src/c.rs"]);
        assert_eq!(names(python(&sources)), ["python/iisgate/e.py"]);
    }
}
