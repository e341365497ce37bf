//! Owns rules about files that should not be in a package.
//!
//! Does not own which files our own packages have (`build`): both ask the same list of names.

use super::super::rule::{Hit, Rule, error, note, warning};
use super::super::subject::Subject;
use crate::package::build::never;

/// Keys are small files.
const KEY_BYTES_MAX: u64 = 64 * 1024;

/// Folders and files that belong to the machine where they are.
const LEFTOVERS: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".nox",
    "node_modules",
    "pyvenv.cfg",
    "conda-meta",
];

/// Ends of names of databases.
const DATABASES: &[&str] = &[".fs", ".sqlite", ".sqlite3", ".db", ".mdf", ".bak"];

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["package-secret", "A secret is in the package",
        "A package goes through many hands and lies on many disks; whoever has it, has the secret.",
        "Take it out of the package, and replace the secret itself if the package was given away. Declare a parameter, or keep it in a file on the server."], secrets),
    warning(["package-leftover", "Files of the machine where it was made are in the package",
        "Version control holds the whole history, and more; an environment works only where it was made; caches make the package larger and are made anew.",
        "Build it with `iisgate package build`, which leaves them out."], leftovers),
    note(["package-data", "A database is in the package",
        "Web Deploy overwrites the server's with it at every installation. `iisgate package install` takes it as a seed: only where there is none yet.",
        "Leave it out, unless it is meant for new servers and installed by iisgate: seed = true."], data),
];

fn secrets(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for file in subject.files() {
        let secret = file.name.split('/').find(|part| never::is_secret_name(part));
        if let Some(part) = secret {
            hits.push(Hit::entry(&file.name, format!("{part} holds secrets by custom")));
            continue;
        }
        let last = file.name.rsplit('/').next().unwrap_or_default();
        if file.size <= KEY_BYTES_MAX
            && never::may_be_key(last)
            && subject.package.read(&file.name).is_ok_and(|bytes| never::is_private_key(&bytes))
        {
            hits.push(Hit::entry(&file.name, "a private key"));
        }
    }
    hits
}

fn leftovers(subject: &Subject<'_>) -> Vec<Hit> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    for file in subject.files() {
        let part = file.name.split('/').find(|part| LEFTOVERS.contains(part));
        if let Some(part) = part.filter(|part| !found.iter().any(|(known, _)| known == part)) {
            found.push((part, &file.name));
        }
    }
    found
        .into_iter()
        .map(|(part, name)| Hit::entry(name, format!("{part} is in the package")))
        .collect()
}

fn data(subject: &Subject<'_>) -> Vec<Hit> {
    let is_database = |name: &str| {
        let name = name.to_ascii_lowercase();
        DATABASES.iter().any(|end| name.ends_with(end))
    };
    let databases = subject.files().filter(|file| is_database(&file.name));
    databases.map(|file| Hit::entry(&file.name, "a database is in the package")).collect()
}
