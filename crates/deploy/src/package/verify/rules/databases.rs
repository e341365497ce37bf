//! Owns the rules about packages that run scripts on a database server.
//!
//! Does not own the scripts' contents.

use super::super::rule::{Hit, Rule, error};
use super::super::subject::Subject;

/// The tags that the gallery's rules want, each on a parameter.
const TAGS: &[&str] =
    &["dbServer", "dbName", "dbUsername", "dbUserPassword", "dbAdminUsername", "dbAdminPassword"];

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["package-database-tags", "A parameter for the database is missing",
        "A package with scripts for a database has parameters with the tags dbServer, dbName, dbUsername, dbUserPassword, dbAdminUsername and dbAdminPassword: by them IIS Manager knows what to ask, and creates the database.",
        "Declare a parameter for each tag; databases = [{ provider = \"dbMySql\", script = \"install.sql\" }] in [tool.iisgate.package] does that."], tags),
    error(["package-script-missing", "A database's script is not in the package",
        "Web Deploy stops there, with the files of the site in place and no database.",
        "Put the script at the root of the zip, under the name that the manifest has."], scripts),
];

fn databases<'a>(subject: &Subject<'a>) -> impl Iterator<Item = &'a crate::package::Provider> {
    subject.providers().filter(|p| ["dbFullSql", "dbMySql"].iter().any(|name| p.is(name)))
}

fn tags(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(first) = databases(subject).next().filter(|_| subject.is_gallery()) else {
        return Vec::new();
    };
    let missing = TAGS.iter().filter(|tag| !subject.parameters().any(|p| p.has_tag(tag)));
    let missing: Vec<&str> = missing.copied().collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let message = format!("no parameter has the tag {}", missing.join(", "));
    vec![Hit::near(first.place.as_ref(), message)]
}

fn scripts(subject: &Subject<'_>) -> Vec<Hit> {
    let is_there =
        |path: &str| subject.package.entry(&crate::package::names::normal(path)).is_some();
    let missing = databases(subject).filter(|p| subject.is_gallery() && !is_there(&p.path));
    missing
        .map(|p| Hit::near(p.place.as_ref(), format!("{} is not in the package", p.path)))
        .collect()
}
