//! Owns rules about files that nobody should get: those that IIS itself would look up.
//!
//! Does not own static files that are meant (`statics`).

use super::super::edit::Edit;
use super::super::finding::Hit;
use super::super::rule::{Rule, error, warning};
use super::super::subject::{Subject, extension};
use super::reference;

const PAGE: &str = reference!("system.webserver/security/requestfiltering/");

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["env-file-served", "IIS looks up files with passwords for visitors",
        "URLs of .env files reach StaticFile, not Python. Nothing but a missing MIME type keeps them from being sent.",
        "Hide the name: <hiddenSegments><add segment=\".env\" /></hiddenSegments>.", PAGE], env).mended(),
    error(["database-served", "IIS looks up a database for visitors",
        "The URL of a database in the site's folder reaches StaticFile. Nothing but a missing MIME type keeps it from being sent.",
        "Put it outside the site, or refuse the extension in <fileExtensions>.", PAGE], database).mended(),
    error(["repository-served", "IIS looks up the source's history for visitors",
        "A .git, .hg or .svn folder below the web root holds every version of every file, deleted passwords included.",
        "Hide the folder: <hiddenSegments><add segment=\".git\" /></hiddenSegments>.", PAGE], repository).mended(),
    warning(["source-served", "IIS looks up Python source for visitors",
        "No server refuses .py, .pyc, .ini, .cfg or .toml. Where URLs reach StaticFile before Python, a MIME type is all that is missing.",
        "Refuse the extension in <fileExtensions>, or send static files from one folder alone (path=\"static/*\").", PAGE], source).mended(),
    warning(["venv-served", "IIS looks up the virtual environment for visitors",
        "A virtual environment below the web root holds programs and every package's source.",
        "Hide the folder in <hiddenSegments>, or put it outside the site.", PAGE], venv).mended(),
    error(["key-served", "IIS looks up a private key for visitors",
        "Keys and certificates with keys below the web root are one MIME type away from being sent.",
        "Put them outside the site, or refuse the extension in <fileExtensions>.", PAGE], key).mended(),
    warning(["backup-served", "IIS looks up backups for visitors",
        "What editors and people leave behind, such as settings.py.bak, holds what the file held.",
        "Delete them, or refuse the extension in <fileExtensions>.", PAGE], backup).mended(),
];

const SEGMENTS: &str = "system.webServer/security/requestFiltering/hiddenSegments";
const EXTENSIONS: &str = "system.webServer/security/requestFiltering/fileExtensions";

fn hide(segment: &str) -> Edit {
    let elements = vec![("add", vec![("segment", segment.to_owned())])];
    Edit::Insert { section: SEGMENTS, elements, is_first: false }
}

fn refuse(extension: &str) -> Edit {
    let attributes = vec![("fileExtension", extension.to_owned()), ("allowed", "false".to_owned())];
    Edit::Insert { section: EXTENSIONS, elements: vec![("add", attributes)], is_first: false }
}

fn last(name: &str) -> &str {
    name.trim_end_matches('/').rsplit('/').next().unwrap_or(name)
}

/// Those parts of the site that belong to another rule: history and virtual environments.
fn is_whole(subject: &Subject<'_>, name: &str) -> bool {
    let venvs = venvs(subject);
    name.split('/').any(|part| matches!(part, ".git" | ".hg" | ".svn"))
        || venvs.iter().any(|folder| name.starts_with(folder.as_str()))
}

fn is_seen(subject: &Subject<'_>, name: &str) -> bool {
    subject.web.is_some()
        && subject.is_static(name)
        && !subject.hides(name)
        && !is_whole(subject, name)
}

/// One finding for each extension.
fn by_extension(subject: &Subject<'_>, extensions: &[&str]) -> Vec<Hit> {
    let mut found: Vec<&str> = Vec::new();
    let mut hits = Vec::new();
    for name in subject.names().filter(|name| is_seen(subject, name)) {
        let end = extension(last(name)).unwrap_or_default();
        let Some(known) = extensions.iter().find(|known| known.eq_ignore_ascii_case(end)) else {
            continue;
        };
        if !found.contains(known) {
            found.push(known);
            hits.push(
                Hit::file(subject.in_folder(name), format!("IIS looks {name} up itself"))
                    .edit(refuse(known)),
            );
        }
    }
    hits
}

fn env(subject: &Subject<'_>) -> Vec<Hit> {
    let is_env = |name: &str| last(name) == ".env" || last(name).starts_with(".env.");
    let found = subject.names().filter(|name| is_env(name) && is_seen(subject, name));
    found
        .map(|name| {
            Hit::file(subject.in_folder(name), format!("IIS looks {name} up itself"))
                .edit(hide(last(name)))
        })
        .collect()
}

fn database(subject: &Subject<'_>) -> Vec<Hit> {
    by_extension(subject, &[".sqlite3", ".sqlite", ".db", ".fs", ".accdb"])
}

fn repository(subject: &Subject<'_>) -> Vec<Hit> {
    let folders =
        [".git", ".hg", ".svn"].into_iter().filter(|name| subject.has(&format!("{name}/")));
    let found = folders.filter(|name| {
        let file = format!("{name}/x");
        subject.web.is_some() && subject.is_static(&file) && !subject.hides(&file)
    });
    found
        .map(|name| {
            Hit::file(subject.in_folder(name), format!("IIS looks {name} up itself"))
                .edit(hide(name))
        })
        .collect()
}

fn source(subject: &Subject<'_>) -> Vec<Hit> {
    by_extension(subject, &[".py", ".pyc", ".ini", ".cfg", ".toml", ".zcml", ".pt"])
}

/// Folders of virtual environments, each with its `/`.
fn venvs(subject: &Subject<'_>) -> Vec<String> {
    let marks = subject.names().filter_map(|name| name.strip_suffix("pyvenv.cfg"));
    marks.filter(|folder| !folder.is_empty()).map(str::to_owned).collect()
}

fn venv(subject: &Subject<'_>) -> Vec<Hit> {
    let found = venvs(subject).into_iter().filter(|folder| {
        let file = format!("{folder}pyvenv.cfg");
        subject.web.is_some() && subject.is_static(&file) && !subject.hides(&file)
    });
    found
        .map(|folder| {
            Hit::file(subject.in_folder(&folder), format!("IIS looks {folder} up itself"))
                .edit(hide(last(&folder)))
        })
        .collect()
}

fn key(subject: &Subject<'_>) -> Vec<Hit> {
    by_extension(subject, &[".pem", ".key", ".pfx", ".p12"])
}

fn backup(subject: &Subject<'_>) -> Vec<Hit> {
    by_extension(subject, &[".bak", ".old", ".orig", ".save", ".swp"])
}
