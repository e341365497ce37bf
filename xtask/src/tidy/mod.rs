//! Owns the rules of the house that no compiler checks: reads every file, tells each breach.
//!
//! Does not own mending them. Each rule is one function over the same files; what a rule lets pass
//! stands beside it in a table, with the reason.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::repo;

mod code;
mod generated;
mod headings;
mod imports;
mod licences;
mod links;
mod named_tests;
mod places;
mod sizes;
mod text;

/// A breach of a rule: where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Breach {
    path: PathBuf,
    line: usize,
    message: String,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}

/// A file of the checkout, read once for all rules.
#[derive(Debug)]
pub(crate) struct Source {
    /// Relative to the checkout's root, with `/`.
    name: String,
    text: String,
    /// For Rust: the text with comments and literals blanked, line by line the same.
    code: String,
}

impl Source {
    fn new(name: &str, text: &str) -> Self {
        let code = if name.ends_with(".rs") { code::of(text) } else { String::new() };
        Source { name: name.into(), text: text.into(), code }
    }

    fn is_rust(&self) -> bool {
        self.name.ends_with(".rs")
    }

    fn is_python(&self) -> bool {
        self.name.ends_with(".py")
    }

    fn is_under(&self, folder: &str) -> bool {
        Path::new(&self.name).starts_with(folder)
    }

    fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    fn breach(&self, line: usize, message: impl Into<String>) -> Breach {
        Breach { path: self.name.clone().into(), line, message: message.into() }
    }

    /// A breach at every line of `text` (or of `self.code`) in which `is_wrong`.
    fn lines_where(
        &self,
        text: &str,
        message: &str,
        is_wrong: impl Fn(&str) -> bool,
    ) -> Vec<Breach> {
        let wrong = text.lines().enumerate().filter(|(_, line)| is_wrong(line));
        wrong.map(|(index, _)| self.breach(index + 1, message)).collect()
    }
}

/// A file that a rule lets pass, and why.
#[derive(Debug)]
pub(crate) struct Allowed {
    path: &'static str,
    reason: &'static str,
}

impl Allowed {
    fn holds(list: &[Allowed], source: &Source) -> bool {
        list.iter().any(|allowed| allowed.path == source.name)
    }
}

/// A rule: looks at all files, finds breaches.
type Rule = fn(&[Source]) -> Vec<Breach>;

const RULES: &[(&str, Rule)] = &[
    ("who may import whom", imports::crates),
    ("only python names PyO3", imports::interpreter),
    ("each thing in its place", places::words),
    ("fastcgi is no_std", places::no_std),
    ("a file says what it owns", headings::rust),
    ("a module says what it does", headings::python),
    ("nothing is left unfinished", text::unfinished),
    ("tests do not sleep", text::sleeping),
    ("no machine's own paths and no registries", text::foreign),
    ("files stay small", sizes::small),
    ("exceptions are still needed", sizes::exceptions),
    ("links lead somewhere", links::lead),
    ("tests that pages name", named_tests::exist),
    ("generated pages are fresh", generated::fresh),
];

/// All breaches of all rules.
pub(crate) fn breaches() -> Result<Vec<Breach>> {
    let sources = sources()?;
    let mut breaches: Vec<Breach> = RULES.iter().flat_map(|(_, rule)| rule(&sources)).collect();
    breaches.extend(licences::allowed()?);
    breaches.sort();
    Ok(breaches)
}

fn sources() -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for file in repo::files()? {
        let path = repo::root().join(&file);
        let bytes =
            std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        // What is not text has no lines to complain about.
        if let Ok(text) = String::from_utf8(bytes) {
            sources.push(Source::new(&file.to_string_lossy().replace('\\', "/"), &text));
        }
    }
    Ok(sources)
}

/// `cargo xtask tidy`.
pub(crate) fn run() -> Result<bool> {
    let breaches = breaches()?;
    for breach in &breaches {
        println!("{breach}");
    }
    for (lines, name) in sizes::growing(&sources()?) {
        eprintln!("growing: {name}: {lines} lines");
    }
    eprintln!("{} rules, {} breaches", RULES.len() + 1, breaches.len());
    Ok(breaches.is_empty())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_tidy() {
        let breaches = super::breaches().expect("the files can be read");
        let told: Vec<String> = breaches.iter().map(ToString::to_string).collect();
        assert!(told.is_empty(), "{} breaches:\n{}", told.len(), told.join("\n"));
    }
}
