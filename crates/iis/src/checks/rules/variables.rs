//! Owns rules about variables that change what Python, or a library, does.
//!
//! Does not own secrets (`secrets`).

use super::super::finding::Hit;
use super::super::rule::{Rule, error, warning};
use super::super::subject::Subject;
use super::secrets::{process_variables, project_variables, variables};
use crate::Place;

const PAGE: &str = "https://docs.python.org/3/using/cmdline.html#environment-variables";

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(["http-proxy-variable", "HTTP_PROXY is set for the app",
        "HTTP_PROXY is also what a visitor's header Proxy: is called. Libraries that obey the variable cannot tell both apart; iisgate drops the header.",
        "Set HTTPS_PROXY, or tell the library its proxy.", "https://httpoxy.org"], proxy),
    warning(["debug-variable", "The framework's debug mode is on",
        "FLASK_DEBUG, DJANGO_DEBUG and DEBUG show visitors source and settings; Werkzeug's debugger runs what they type.",
        "Delete the variable on the server.", "https://flask.palletsprojects.com/en/stable/debugging/"], debug),
    error(["debugger-left-on", "A debugger listens for anybody who knows a word",
        "WSGI_PTVSD_SECRET lets wfastcgi open a port for a debugger, which can run any code.",
        "Delete WSGI_PTVSD_SECRET and WSGI_PTVSD_ADDRESS; iisgate debug starts a debugger for once.",
        "https://github.com/microsoft/PTVS"], debugger),
    error(["pythonhome-variable", "PYTHONHOME is set",
        "PYTHONHOME tells Python where its own library lies, also the Python of a virtual environment, which then finds the wrong one or none.",
        "Delete it; [tool.iisgate] python names the virtual environment.", PAGE], home),
    warning(["python-dev-mode", "Python runs in development mode",
        "PYTHONDEVMODE and PYTHONASYNCIODEBUG make each request slower and write warnings to the log.",
        "Delete the variable on the server.", PAGE], dev_mode),
    warning(["pythonpath-of-this-machine", "PYTHONPATH names a folder of a user's profile",
        "The IIS app pool's identity may not enter it, and on another machine it is not there.",
        "Name folders of the site.", PAGE], path),
];

fn hits(subject: &Subject<'_>, is_it: impl Fn(&str, &str) -> bool, message: &str) -> Vec<Hit> {
    let all: Vec<(String, String, Place)> =
        [variables(subject), process_variables(subject), project_variables(subject)].concat();
    let found = all.into_iter().filter(|(name, value, _)| is_it(&name.to_ascii_uppercase(), value));
    found.map(|(name, _, place)| Hit::at(place, format!("{name}: {message}"))).collect()
}

fn is_on(value: &str) -> bool {
    !matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off")
}

fn proxy(subject: &Subject<'_>) -> Vec<Hit> {
    hits(subject, |name, _| name == "HTTP_PROXY", "visitors' headers have this name, too")
}

fn debug(subject: &Subject<'_>) -> Vec<Hit> {
    let names = ["DEBUG", "FLASK_DEBUG", "DJANGO_DEBUG", "WERKZEUG_DEBUG_PIN"];
    let is_it = |name: &str, value: &str| {
        let is_pin = name == "WERKZEUG_DEBUG_PIN";
        names.contains(&name) && (is_on(value) != is_pin)
            || name == "FLASK_ENV" && value == "development"
    };
    hits(subject, is_it, "the framework's debug mode is on")
}

fn debugger(subject: &Subject<'_>) -> Vec<Hit> {
    hits(subject, |name, _| name == "WSGI_PTVSD_SECRET", "a debugger listens")
        .into_iter()
        .map(|hit| hit.without_line())
        .collect()
}

fn home(subject: &Subject<'_>) -> Vec<Hit> {
    hits(subject, |name, _| name == "PYTHONHOME", "Python looks there for its own library")
}

fn dev_mode(subject: &Subject<'_>) -> Vec<Hit> {
    let names = ["PYTHONDEVMODE", "PYTHONASYNCIODEBUG", "PYTHONTRACEMALLOC"];
    hits(subject, |name, value| names.contains(&name) && is_on(value), "Python runs slower")
}

fn path(subject: &Subject<'_>) -> Vec<Hit> {
    let is_it = |name: &str, value: &str| {
        name == "PYTHONPATH" && value.to_lowercase().contains(":\\users\\")
    };
    hits(subject, is_it, "a folder of a user's profile")
}
