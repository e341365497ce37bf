//! Owns rules about `MSDeploy.MSDeployProviderOptions`.
//!
//! Does not own what the settings in it do.

use super::super::rule::{Hit, Rule, error, warning};
use super::super::subject::Subject;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["package-options-unreadable", "A step's options cannot be read",
        "MSDeploy.MSDeployProviderOptions is base64 of gzip of a .NET object stream; Web Deploy stops at one that is not.",
        "Build the package with `iisgate package build`, or copy the value again as a whole."], unreadable),
    warning(["package-options-differ", "A step's options are those of another step",
        "The options tell for which provider and path they were made. With others, somebody has copied them, or changed the manifest by hand: which of the two Web Deploy follows depends on the setting.",
        "Build the package anew instead of editing its manifest."], differ),
];

fn unreadable(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for provider in subject.providers() {
        if let Some(Err(error)) = &provider.options {
            hits.push(Hit::near(provider.place.as_ref(), error.to_string()));
        }
    }
    hits
}

fn differ(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for provider in subject.providers() {
        let Some(Ok(options)) = &provider.options else { continue };
        if !provider.is(&options.provider) {
            let message = format!("the options of {} are for {}", provider.name, options.provider);
            hits.push(Hit::near(provider.place.as_ref(), message));
        } else if !same_path(&provider.path, &options.path) {
            let message = format!("the options are for the path {}", options.path);
            hits.push(Hit::near(provider.place.as_ref(), message));
        }
    }
    hits
}

/// Whether two paths are the same, where the first may hold variables that the second has expanded.
fn same_path(written: &str, expanded: &str) -> bool {
    let parts: Vec<&str> = written.split('%').collect();
    // Every second part is a variable, if there is an even number of percent signs.
    if parts.len() < 3 || parts.len().is_multiple_of(2) {
        return written.eq_ignore_ascii_case(expanded);
    }
    let expanded = expanded.to_ascii_lowercase();
    let mut rest = expanded.as_str();
    for (at, part) in parts.iter().enumerate().step_by(2) {
        let part = part.to_ascii_lowercase();
        let found = if at == 0 { rest.starts_with(&part).then_some(0) } else { rest.find(&part) };
        let Some(start) = found else { return written.eq_ignore_ascii_case(&expanded) };
        rest = &rest[start + part.len()..];
    }
    parts.last().is_some_and(|last| expanded.ends_with(&last.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::same_path;

    #[test]
    fn variables_may_be_expanded() {
        for (written, expanded, is_same) in [
            ("a b", "A B", true),
            ("a b", "a c", false),
            (r"%SystemDrive%\x.exe -v", r"C:\x.exe -v", true),
            (r"%SystemDrive%\x.exe -v", r"%SystemDrive%\x.exe -v", true),
            (r"%SystemDrive%\x.exe -v", r"C:\y.exe -v", false),
            (r"%A%\x %B% y", r"1\x 2 y", true),
            (r"100% sure", r"100% sure", true),
        ] {
            assert_eq!(same_path(written, expanded), is_same, "{written} {expanded}");
        }
    }
}
