//! Owns the findings about a package, ours or anyone's: which rules there are, and running them.
//!
//! Does not own what manifest and parameters mean, nor what is wrong with a site's configuration
//! (`iis::checks`, which is asked about the `web.config` in the package).

mod rule;
mod rules;
mod subject;
mod text;

use std::path::Path;

pub use iis::checks::{Finding, Severity};
pub use rule::{ALL, Rule, find, nearest};
pub use text::{markdown, plain};

use super::contents::Contents;
use super::{Package, PackageError};
use rule::Hit;
use subject::Subject;

/// What is to be said about a package.
///
/// # Errors
/// When it cannot be read from the disk; what is wrong with it as a package is a finding.
pub fn verify(path: &Path) -> Result<Vec<Finding>, PackageError> {
    match Contents::open(path) {
        Ok(contents) => judged(contents),
        Err(error) => refused(path, error),
    }
}

/// The same about a zip's bytes.
///
/// # Errors
/// As [`verify`].
pub fn verify_bytes(path: &Path, bytes: Vec<u8>) -> Result<Vec<Finding>, PackageError> {
    match Contents::of_bytes(path, bytes) {
        Ok(contents) => judged(contents),
        Err(error) => refused(path, error),
    }
}

fn judged(contents: Contents) -> Result<Vec<Finding>, PackageError> {
    let path = contents.path().to_owned();
    if !contents.refusals.is_empty() {
        // All of them; what else is wrong is seen when these are mended.
        let refusals = contents.refusals.iter();
        let mut findings: Vec<Finding> =
            refusals.map(|r| finding(Hit::package(r.message.clone()), r.code, &path)).collect();
        findings.dedup();
        return Ok(findings);
    }
    let package = match Package::of(contents) {
        Ok(package) => package,
        Err(error) => return refused(&path, error),
    };
    let subject = Subject::of(&package);
    let mut findings: Vec<Finding> = rule::all()
        .filter_map(|rule| Some((rule, rule.find?)))
        .flat_map(|(rule, find)| {
            find(&subject).into_iter().map(|hit| hit.into_finding(rule, &path))
        })
        .collect();
    findings.sort_by(|a, b| (&a.path, a.line(), a.code).cmp(&(&b.path, b.line(), b.code)));
    findings.dedup();
    Ok(findings)
}

fn refused(path: &Path, error: PackageError) -> Result<Vec<Finding>, PackageError> {
    let code = error.code();
    let hit = match error {
        PackageError::Io { .. } => return Err(error),
        PackageError::Refused { message, .. } => Hit::package(message),
        PackageError::Content { error, .. } => match *error {
            iis::Error::Content { place, message } => Hit::at(*place, message),
            other => Hit::package(other.to_string()),
        },
    };
    Ok(vec![finding(hit, code, path)])
}

fn finding(hit: Hit, code: &str, path: &Path) -> Finding {
    let rule = find(code).expect("every code that reading gives is in the table");
    hit.into_finding(rule, path)
}
