//! Owns the findings about a site's files: which rules there are, and running them.
//!
//! Does not own what a file means (the typed views do), nor reading from disk (`folder`), nor saving
//! what a fix changes. Rules are pure: they see texts and names, and find; they never fail.

mod below;
mod edit;
mod finding;
mod folder;
mod rule;
mod rules;
mod subject;
mod text;

pub use edit::{Edit, mended};
pub use finding::{Finding, Severity};
pub use folder::load;
pub use rule::{ALL, Rule, find, nearest};
pub use subject::{BelowFile, Files, NeighbourFile, RawFile};
pub use text::{markdown, plain};

use subject::Subject;

/// What is to be said about a site's files, by file and line.
pub fn check(files: &Files) -> Vec<Finding> {
    let subject = Subject::of(files);
    let mut findings = found(&subject);
    findings.extend(below::check(files, &subject.documents));
    findings.sort_by(|a, b| (&a.path, a.line(), a.code).cmp(&(&b.path, b.line(), b.code)));
    findings.dedup();
    findings
}

fn found(subject: &Subject<'_>) -> Vec<Finding> {
    let of = |rule: &'static Rule| {
        (rule.find)(subject).into_iter().map(|hit| hit.into_finding(rule)).collect::<Vec<_>>()
    };
    rule::all().flat_map(of).collect()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
