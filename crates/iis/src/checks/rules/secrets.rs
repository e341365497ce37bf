//! Owns rules about secrets in files that many may read, and the names and values they are looked for in.
//!
//! Does not own variables that do harm by their meaning (`variables`).

use super::super::finding::Hit;
use super::super::rule::{Rule, warning};
use super::super::subject::Subject;
use crate::Place;

const PAGE: &str =
    "https://learn.microsoft.com/iis/manage/configuring-security/application-pool-identities";

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(["secret-in-web-config", "A secret stands in web.config",
        "web.config lies in the web root, in backups and mostly in version control, and <appSettings> are handed to the app's environment.",
        "Put it into a file outside the site that the IIS app pool's identity alone may read, or into the system's secret store.", PAGE], settings),
    warning(["secret-in-environment", "A secret stands in the server's configuration",
        "environmentVariables in applicationHost.config stand there in clear text, and in each of the ten copies of its history.",
        "Put it into a file that the IIS app pool's identity alone may read.", PAGE], environment),
    warning(["secret-in-pyproject", "A secret stands in pyproject.toml",
        "pyproject.toml is part of the source and of each copy of it.",
        "Put it into a file outside the site, or a variable of the IIS app pool.", PAGE], project),
    warning(["secret-in-arguments", "A secret stands in the arguments",
        "A command line is seen by everybody who may list processes, and stands in two configuration files.",
        "Put it into a file that the IIS app pool's identity alone may read.", PAGE], arguments),
    warning(["secret-in-connection-string", "A connection string holds a password",
        "connectionStrings stand in clear text in web.config.",
        "Sign on by the IIS app pool's identity (Trusted_Connection=yes), or keep the string in a file outside the site.", PAGE], connection),
];

/// Every variable of the site, with where it stands.
pub(super) fn variables(subject: &Subject<'_>) -> Vec<(String, String, Place)> {
    let mut found = Vec::new();
    for section in subject.sections("appSettings") {
        for item in section.children().filter(|item| item.name() == "add") {
            let of = |name: &str| item.attribute(name).unwrap_or_default().to_owned();
            found.push((of("key"), of("value"), item.attribute_place("value")));
        }
    }
    found
}

/// Those of `<fastCgi>` and `<httpPlatform>`.
pub(super) fn process_variables(subject: &Subject<'_>) -> Vec<(String, String, Place)> {
    let platforms = subject.sections("system.webServer/httpPlatform");
    let owners = subject.pool_elements().into_iter().chain(platforms);
    let lists = owners.filter_map(|owner| owner.child("environmentVariables"));
    let items = lists.flat_map(|list| list.children());
    items
        .map(|item| {
            let of = |name: &str| item.attribute(name).unwrap_or_default().to_owned();
            (of("name"), of("value"), item.attribute_place("value"))
        })
        .collect()
}

/// Those of `[tool.iisgate.env]`.
pub(super) fn project_variables(subject: &Subject<'_>) -> Vec<(String, String, Place)> {
    let all = subject.project.env.iter();
    all.filter_map(|(name, value)| Some((name.clone(), value.clone(), subject.key_place(name)?)))
        .collect()
}

fn is_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let words =
        ["SECRET", "PASSWORD", "PASSWD", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY"];
    let is_elsewhere = ["_FILE", "_PATH", "_URL", "_NAME", "_HEADER", "_AGE", "_TTL"]
        .iter()
        .any(|end| name.ends_with(end));
    // What is expanded, encrypted or empty tells nothing.
    let tells = !value.is_empty() && !value.starts_with('%') && !value.starts_with("[enc:");
    let is_debugger = name == "WSGI_PTVSD_SECRET";
    tells && !is_elsewhere && !is_debugger && words.iter().any(|word| name.contains(word))
}

fn hits(all: Vec<(String, String, Place)>) -> Vec<Hit> {
    let found = all.into_iter().filter(|(name, value, _)| is_secret(name, value));
    found
        .map(|(name, _, place)| {
            // The line is not shown: it holds the secret.
            Hit::at(Place { shown: String::new(), ..place }, format!("{name} looks like a secret"))
        })
        .collect()
}

fn settings(subject: &Subject<'_>) -> Vec<Hit> {
    hits(variables(subject))
}

fn environment(subject: &Subject<'_>) -> Vec<Hit> {
    hits(process_variables(subject))
}

fn project(subject: &Subject<'_>) -> Vec<Hit> {
    hits(project_variables(subject))
}

fn arguments(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject.pythons().filter(|python| {
        python.processor.arguments.split(' ').any(|word| {
            word.split_once('=')
                .is_some_and(|(name, value)| is_secret(&name.replace('-', "_"), value))
        })
    });
    found
        .map(|python| {
            let place = python.element.attribute_place("scriptProcessor");
            Hit::at(Place { shown: String::new(), ..place }, "an argument looks like a secret")
        })
        .collect()
}

fn connection(subject: &Subject<'_>) -> Vec<Hit> {
    let items = subject.sections("connectionStrings").flat_map(|section| section.children());
    let found = items.filter(|item| {
        let text = item.attribute("connectionString").unwrap_or_default().to_lowercase();
        text.contains("password=") || text.contains("pwd=")
    });
    found
        .map(|item| {
            let name = item.attribute("name").unwrap_or_default();
            let place = item.attribute_place("connectionString");
            Hit::at(Place { shown: String::new(), ..place }, format!("{name} holds a password"))
        })
        .collect()
}
