//! Owns rules about what parameters' values are put into.
//!
//! Does not own putting them there (`apply`).

use super::super::rule::{Hit, Rule, error, warning};
use super::super::subject::{Subject, means};
use crate::package::apply::{self, XPath};
use crate::package::parameters::{EntryKind, ParameterEntry};
use crate::package::pattern::Pattern;

/// Kinds that only Web Deploy acts on.
const OTHERS: &[&str] = &[
    "DestinationBinding",
    "DestinationVirtualDirectory",
    "DeploymentObjectAttribute",
    "SqlConnectionString",
    "SqlCommandVariable",
];

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(["package-entry-kind-unknown", "A parameter's entry is of a kind that Web Deploy does not know",
        "Known are ProviderPath, TextFile, XmlFile, TextFilePosition and a few that only Web Deploy acts on. An entry of another kind puts the value nowhere.",
        "Correct the kind."], kinds),
    error(["package-entry-pattern", "A parameter's entry cannot be understood",
        "scope is a regular expression of .NET; match is one, too, or an XPath for XmlFile, or line;column;length for TextFilePosition.",
        "Correct it; a backslash or dot that is meant as such is written with a backslash before it."], patterns),
    warning(["package-entry-without-target", "A parameter's value is put nowhere",
        "Nothing in the package matches the entry: a provider or file has another name, or its contents have changed since. Or a file matches that cannot take the value, and nobody can install the package.",
        "Correct scope and match. Files are held against scope with backslashes, as \\app\\web.config."], targets),
];

fn kinds(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (parameter, entry) in subject.entries() {
        if let EntryKind::Other(kind) = &entry.kind
            && !OTHERS.iter().any(|known| known.eq_ignore_ascii_case(kind))
        {
            let message = format!("{}: there is no kind {kind:?}", parameter.name);
            hits.push(Hit::near(entry.place.as_ref(), message));
        }
    }
    hits
}

/// What is wrong in an entry's own texts.
fn fault(entry: &ParameterEntry) -> Option<String> {
    let scope = Pattern::ignoring_case(&entry.scope);
    if let Err(error) = scope {
        return Some(format!("the scope {} is no pattern: {error}", entry.scope));
    }
    match entry.kind {
        EntryKind::ProviderPath | EntryKind::TextFile => {
            let error = Pattern::new(&entry.pattern).err()?;
            Some(format!("the match {} is no pattern: {error}", entry.pattern))
        }
        EntryKind::XmlFile => {
            let error = XPath::read(&entry.pattern).err()?;
            Some(format!("the match {}: {error}", entry.pattern))
        }
        EntryKind::TextFilePosition => {
            let is_one = apply::position(&entry.pattern).is_some();
            (!is_one).then(|| format!("the match {} is not line;column;length", entry.pattern))
        }
        EntryKind::Other(_) => None,
    }
}

fn patterns(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (parameter, entry) in subject.entries() {
        if let Some(fault) = fault(entry) {
            let message = format!("{}: {fault}", parameter.name);
            hits.push(Hit::near(entry.place.as_ref(), message));
        }
    }
    hits
}

fn targets(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (parameter, entry) in subject.entries().filter(|(_, entry)| fault(entry).is_none()) {
        let Ok(scope) = Pattern::ignoring_case(&entry.scope) else { continue };
        let mut faults = Vec::new();
        let is_hit = match entry.kind {
            EntryKind::ProviderPath => {
                // msdeploy's own packages name steps that are within others; and that an application
                // is missing is told once.
                !subject.is_gallery()
                    || subject.package.manifest().application().is_none()
                    || subject.providers().any(|provider| means(entry, provider))
            }
            EntryKind::Other(_) => true,
            _ => {
                // All are looked at, as whoever installs it does.
                let mut count = 0;
                for file in subject.files() {
                    match is_in(subject, entry, &scope, file) {
                        Ok(is_in) => count += usize::from(is_in),
                        Err(why) => {
                            faults.push(format!("{}: {}: {why}", parameter.name, file.name))
                        }
                    }
                }
                count + faults.len() > 0
            }
        };
        let near = |message| Hit::near(entry.place.as_ref(), message);
        hits.extend(faults.into_iter().map(near));
        if !is_hit {
            let message = format!(
                "{}: no {} matches scope {} with match {}",
                parameter.name,
                if entry.kind == EntryKind::ProviderPath { "step" } else { "file" },
                entry.scope,
                entry.pattern
            );
            hits.push(near(message));
        }
    }
    hits
}

/// Whether a value is put into a file by an entry. A file that cannot be read as a whole counts as hit.
fn is_in(
    subject: &Subject<'_>,
    entry: &ParameterEntry,
    scope: &Pattern,
    file: &crate::package::Entry,
) -> Result<bool, String> {
    if !scope.is_match(&subject.package.scope_path(file))? {
        return Ok(false);
    }
    let Ok(bytes) = subject.package.read(&file.name) else { return Ok(true) };
    apply::would_change(entry, &bytes)
}
