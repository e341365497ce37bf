//! Owns rules about the zip itself.
//!
//! Does not own what is in its files.

use super::super::rule::{Hit, Rule, error, warning};
use super::super::subject::Subject;

/// IIS Manager's folders, and a release's, take some 80 of the 260 characters that much on Windows ends at.
const PATH_UNITS_MANY: usize = 180;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["package-zip64", "The zip is written as Zip64",
        "Web Deploy reads no Zip64: at most 65,535 files, none of 2 GiB or more. Some tools write Zip64 without need.",
        "Build it with `iisgate package build`, or zip it with a tool that writes Zip64 only where it must."], zip64),
    warning(["package-zip-odd", "The zip's headers contradict each other",
        "Something stands before the zip, or a file has another name or size in front of its bytes than in the list at the end. Programs that read it differently see different files.",
        "Build the package again with another tool."], odd),
    warning(["package-path-long", "A path in the package is very long",
        "The site's own folder comes before it, and much on Windows, such as IIS's own module for files, ends at 260 characters.",
        "Shorten names, or install into a short path."], long),
];

fn zip64(subject: &Subject<'_>) -> Vec<Hit> {
    let is_zip64 = subject.package.zip_facts().is_some_and(|facts| facts.is_zip64);
    is_zip64.then(|| Hit::package("the zip is a Zip64")).into_iter().collect()
}

fn odd(subject: &Subject<'_>) -> Vec<Hit> {
    let is_odd = subject.package.zip_facts().is_some_and(|facts| facts.is_odd);
    is_odd.then(|| Hit::package("the zip's headers contradict each other")).into_iter().collect()
}

fn long(subject: &Subject<'_>) -> Vec<Hit> {
    let longest = subject
        .app_files()
        .into_iter()
        .map(|(_, name)| (name.encode_utf16().count(), name))
        .max_by_key(|(units, _)| *units)
        .filter(|(units, _)| *units > PATH_UNITS_MANY);
    let hit = |(units, name): (usize, &str)| {
        Hit::entry(name, format!("the path has {units} characters below the site's folder"))
    };
    longest.map(hit).into_iter().collect()
}
