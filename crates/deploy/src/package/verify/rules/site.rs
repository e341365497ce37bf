//! Owns the rules about the site in a package: its `web.config`.
//!
//! Does not own what is wrong in that file: `iis::checks` knows.

use iis::checks::{self, Files, RawFile, Severity};

use super::super::rule::{Hit, Rule, error, warning};
use super::super::subject::Subject;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["package-web-config-missing", "There is no web.config in the application",
        "Without one IIS serves the files of the folder as they are, Python's source among them, and no app answers.",
        "`iisgate init` writes one."], missing),
    warning(["package-site-below", "The web.config is in a sub-folder of the application",
        "Web Deploy makes the whole folder the site's, where there is no web.config: IIS would serve what lies around the site. `iisgate package install` and `post-install` make the sub-folder the site's.",
        "Install it with `iisgate package install`, or package the sub-folder alone."], below),
    error(["package-web-config", "The web.config in the package cannot work",
        "What `iisgate check` says of the site holds for the package, too.",
        "Mend it in the project: `iisgate check` shows the line and what mends it."], wrong),
    warning(["package-secret-setting", "A setting in the package looks like a secret",
        "web.config and pyproject.toml are in the package as they are, and whoever has it can read them.",
        "Take it out, and declare a parameter for it: environment = \"NAME\", secret = true."], secrets),
];

/// The `web.config` that is nearest to the application's folder: its path below that.
fn nearest(subject: &Subject<'_>) -> Option<String> {
    let names = subject.app_files().into_iter().map(|(_, name)| name);
    let files = names.filter(|name| {
        name.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case("web.config"))
    });
    files.min_by_key(|name| name.matches('/').count()).map(str::to_owned)
}

fn missing(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(app) = &subject.app else { return Vec::new() };
    let is_missing = nearest(subject).is_none();
    is_missing.then(|| Hit::entry(app, "no web.config is in it")).into_iter().collect()
}

fn below(subject: &Subject<'_>) -> Vec<Hit> {
    let name = nearest(subject).filter(|name| name.contains('/'));
    let is_ours = subject.package.entry(&below_app(subject, iis::site::PYPROJECT)).is_some()
        && subject.providers().any(|p| p.is("runCommand") && p.path.contains("post-install"));
    match name {
        // Our own step at the end sets it right.
        Some(name) if !is_ours => {
            vec![Hit::entry(&below_app(subject, &name), "it is in a sub-folder")]
        }
        _ => Vec::new(),
    }
}

fn below_app(subject: &Subject<'_>, name: &str) -> String {
    format!("{}/{name}", subject.app.as_deref().unwrap_or_default())
}

/// What `iisgate check` calls an error.
fn wrong(subject: &Subject<'_>) -> Vec<Hit> {
    checked(subject, |finding| finding.severity == Severity::Error)
}

/// What it takes for a secret.
fn secrets(subject: &Subject<'_>) -> Vec<Hit> {
    checked(subject, |finding| finding.code.starts_with("secret-"))
}

fn checked(subject: &Subject<'_>, is_wanted: impl Fn(&checks::Finding) -> bool) -> Vec<Hit> {
    let Some(name) = nearest(subject) else { return Vec::new() };
    let folder = name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let raw = |name: String| {
        let name = below_app(subject, &name);
        let bytes = subject.package.read(&name).ok()?;
        Some(RawFile { path: subject.package.path().join(name), bytes })
    };
    let listing =
        subject.app_files().into_iter().filter_map(|(_, name)| name.strip_prefix(&*folder));
    let files = Files {
        folder: subject.package.path().join(below_app(subject, &folder)),
        web_config: raw(name.clone()),
        pyproject: raw(format!("{folder}{}", iis::site::PYPROJECT)),
        listing: listing.map(str::to_owned).collect(),
        ..Files::default()
    };
    let findings = checks::check(&files).into_iter().filter(is_wanted);
    findings
        .map(|finding| {
            let message = format!("{} ({})", finding.message, finding.code);
            let hit = match finding.place {
                Some(place) => Hit::at(place, message),
                None => Hit::entry(&below_app(subject, &name), message),
            };
            hit.hint(finding.hint)
        })
        .collect()
}
