//! Owns rules about where Python lies.
//!
//! Does not own what is served of it (`served`).

use super::super::finding::Hit;
use super::super::rule::{Rule, error, warning};
use super::super::subject::Subject;
use crate::Place;

const PAGE: &str = "https://docs.python.org/3/using/windows.html";

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(["python-per-user", "Python lies in a user's profile",
        "Instances run as the IIS app pool's identity, which may not enter C:\\Users\\NAME: access denied, or a virtual environment whose base Python cannot be read.",
        "Install Python for all users, and make the virtual environment anew with it.", PAGE], per_user),
    error(["python-from-store", "Python is that of the Microsoft Store",
        "What lies in WindowsApps are links for the user who installed it. No other user, and no service, can start them.",
        "Install Python from its own installer, for all users.", PAGE], store),
    warning(["python-32-bit", "Python seems to be 32-bit",
        "A 32-bit Python has 2 GiB of memory at most, and many packages come as 64-bit alone.",
        "Install a 64-bit Python.", PAGE], small),
    error(["python-inside-zip", "The embeddable Python is named",
        "The embeddable package has no site-packages and no venv: what pip installs is not found.",
        "Install Python from its own installer, for all users.", PAGE], embedded),
];

/// Every text that names a Python or its packages, with its place.
fn paths(subject: &Subject<'_>) -> Vec<(String, Place)> {
    let mut found: Vec<(String, Place)> = subject
        .pythons()
        .map(|python| {
            (python.processor.to_string(), python.element.attribute_place("scriptProcessor"))
        })
        .collect();
    if let (Some(python), Some(place)) = (&subject.project.python, subject.key_place("python")) {
        found.push((python.clone(), place));
    }
    for (text, _) in &mut found {
        *text = text.to_lowercase().replace('/', "\\");
    }
    found
}

fn each(subject: &Subject<'_>, is_it: impl Fn(&str) -> bool, message: &str) -> Vec<Hit> {
    let found = paths(subject).into_iter().filter(|(text, _)| is_it(text));
    found.map(|(_, place)| Hit::at(place, message)).collect()
}

fn is_store(text: &str) -> bool {
    text.contains("\\windowsapps\\")
}

fn per_user(subject: &Subject<'_>) -> Vec<Hit> {
    let is_it = |text: &str| {
        let is_profile = text.contains(":\\users\\") && !text.contains(":\\users\\public\\");
        (is_profile || text.contains("%localappdata%") || text.contains("%userprofile%"))
            && !is_store(text)
    };
    each(subject, is_it, "the IIS app pool's identity may not enter a user's profile")
}

fn store(subject: &Subject<'_>) -> Vec<Hit> {
    each(subject, is_store, "only the user who installed it can start it")
}

fn small(subject: &Subject<'_>) -> Vec<Hit> {
    let is_it = |text: &str| {
        let is_named =
            text.split('\\').any(|part| part.starts_with("python") && part.ends_with("-32"));
        is_named || text.contains("\\program files (x86)\\python")
    };
    each(subject, is_it, "this is a folder of a 32-bit Python")
}

fn embedded(subject: &Subject<'_>) -> Vec<Hit> {
    let is_it = |text: &str| text.split('\\').any(|part| part.contains("-embed-"));
    each(subject, is_it, "this is a folder of the embeddable package")
}
