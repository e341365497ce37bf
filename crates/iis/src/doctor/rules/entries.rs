//! Owns rules about the programs that the server's FastCGI applications start.
//!
//! Does not own their limits (`checks`).

use std::path::PathBuf;

use super::super::Topic;
use super::super::rule::{Hit, Rule, error, note, warning};
use super::super::subject::Subject;
use crate::expand;
use crate::fastcgi::FastCgiApplication;

const PAGE: &str =
    "https://learn.microsoft.com/iis/configuration/system.webserver/fastcgi/application/";

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(Topic::Entries, ["machine-entry-program-missing", "A FastCGI application's program is not there",
        "IIS starts fullPath when the first request comes; one that is not there is 500.0 with 0x80070002 for every site that names it.",
        "Correct fullPath, or take the entry out: appcmd set config /section:system.webServer/fastCgi \"/-[fullPath='…',arguments='…']\" /commit:apphost.", PAGE], program),
    warning(Topic::Entries, ["machine-entry-script-missing", "A FastCGI application's script is not there",
        "wfastcgi-enable writes an entry of python.exe and wfastcgi.py; it stays when the virtual environment is removed, and is taken for a working one.",
        "Take the entry out: appcmd set config /section:system.webServer/fastCgi \"/-[fullPath='…',arguments='…']\" /commit:apphost.",
        "https://github.com/microsoft/PTVS/tree/main/Python/Product/WFastCgi"], script),
    note(Topic::Entries, ["machine-entry-wfastcgi", "A FastCGI application runs by wfastcgi",
        "wfastcgi is not developed any more: its last release is of 2019, and runs one request at a time in each Python.",
        "iisgate init --from wfastcgi converts the site.",
        "https://github.com/microsoft/PTVS/tree/main/Python/Product/WFastCgi"], wfastcgi),
    warning(Topic::Entries, ["machine-py-launcher", "The py launcher is named as the interpreter",
        "py.exe starts the newest Python that is registered for the user who calls it: another one after the next update, and under IIS, where no user's are registered, maybe none.",
        "Name the python.exe of the site's virtual environment.",
        "https://docs.python.org/3/using/windows.html"], launcher),
    warning(Topic::Entries, ["machine-gate-other-version", "A site's gate is of another version than this program",
        "Several iisgate.exe are on this machine; the one that IIS starts is not the one that you have just asked.",
        "Update the older one, or call the one that IIS starts.", PAGE], version),
];

fn path(text: &str) -> PathBuf {
    let text = text.trim().trim_matches('"');
    PathBuf::from(expand::environment_variables(text, expand::from_process))
}

/// Files that a FastCGI application needs: its program, and the script among its arguments.
pub(in super::super) fn files(entry: &FastCgiApplication) -> Vec<PathBuf> {
    let program = (!entry.full_path.is_empty()).then(|| path(&entry.full_path));
    program.into_iter().chain(script_of(entry)).collect()
}

fn script_of(entry: &FastCgiApplication) -> Option<PathBuf> {
    let arguments = entry.arguments.trim();
    let first = match arguments.strip_prefix('"') {
        Some(rest) => rest.split('"').next()?,
        // Blanks stand in paths that nobody quoted, too.
        None => {
            let end = arguments.to_lowercase().find(".py").map(|at| at + 3)?;
            &arguments[..end]
        }
    };
    let is_script = first.to_lowercase().ends_with(".py") && !first.starts_with('-');
    is_script.then(|| path(first))
}

fn hit(entry: &FastCgiApplication, subject: &Subject<'_>, message: String) -> Hit {
    match &entry.place {
        Some(place) => Hit::at(place.clone(), message).without_line(),
        None => Hit::about(subject.here(), message),
    }
}

fn program(subject: &Subject<'_>) -> Vec<Hit> {
    let missing = |entry: &&FastCgiApplication| subject.is_missing(&path(&entry.full_path));
    let found = subject.entries.iter().filter(missing);
    found.map(|entry| hit(entry, subject, format!("there is no {}", entry.full_path))).collect()
}

fn script(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject.entries.iter().filter_map(|entry| Some((entry, script_of(entry)?)));
    found
        .filter(|(_, script)| subject.is_missing(script))
        .map(|(entry, script)| hit(entry, subject, format!("there is no {}", script.display())))
        .collect()
}

fn wfastcgi(subject: &Subject<'_>) -> Vec<Hit> {
    let is_it = |entry: &&FastCgiApplication| {
        let arguments = entry.arguments.to_lowercase();
        arguments.contains("wfastcgi")
            && !script_of(entry).is_some_and(|it| subject.is_missing(&it))
    };
    let found = subject.entries.iter().filter(is_it);
    found.map(|entry| hit(entry, subject, format!("{} runs wfastcgi", entry.full_path))).collect()
}

fn launcher(subject: &Subject<'_>) -> Vec<Hit> {
    let is_launcher = |text: &str| {
        let name = text.trim_matches('"').rsplit(['\\', '/']).next().unwrap_or_default();
        ["py.exe", "pyw.exe", "py"].iter().any(|it| name.eq_ignore_ascii_case(it))
    };
    let entries = subject.entries.iter().filter(|entry| is_launcher(&entry.full_path));
    let mut hits: Vec<Hit> = entries
        .map(|entry| hit(entry, subject, format!("{} is the py launcher", entry.full_path)))
        .collect();
    let python = subject.machine.python.as_ref().map(|found| match found {
        Ok(python) => &python.path,
        Err(failure) => &failure.path,
    });
    if let Some(path) = python.filter(|path| is_launcher(&path.to_string_lossy())) {
        hits.push(Hit::about(path, "this is the py launcher"));
    }
    hits
}

fn version(subject: &Subject<'_>) -> Vec<Hit> {
    let versions = &subject.machine.versions;
    let others = versions.gates.iter().filter_map(|(path, version)| {
        let version = version.as_ref().filter(|version| **version != versions.own)?;
        let message =
            format!("this is version {version}, and the one that you call {}", versions.own);
        Some(Hit::about(path, message))
    });
    others.collect()
}
