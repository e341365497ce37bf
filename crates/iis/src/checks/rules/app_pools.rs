//! Owns rules about the site's IIS app pool.
//!
//! Does not own FastCGI applications (`pools`).

use super::super::finding::Hit;
use super::super::rule::{Rule, note, warning};
use super::super::subject::Subject;
use super::reference;
use crate::document::Element;

const PAGE: &str = reference!("system.applicationhost/applicationpools/add/");

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(["pool-local-system", "The IIS app pool runs as LocalSystem",
        "LocalSystem may do everything on the machine, and so may whoever finds a hole in the app.",
        "Write identityType=\"ApplicationPoolIdentity\" and give it the rights it needs.", PAGE], system),
    note(["pool-managed-code", "The IIS app pool loads .NET",
        "A managedRuntimeVersion that is not empty loads the .NET runtime into w3wp.exe, which Python has no use for.",
        "Write managedRuntimeVersion=\"\" (no managed code).", PAGE], managed),
    warning(["pool-web-garden", "The IIS app pool has several processes",
        "Each w3wp.exe has a pool of instances of its own: maxInstances counts for each, and so do the app's workers.",
        "Write maxProcesses=\"1\".", PAGE], garden),
    warning(["password-in-server-config", "A password stands in applicationHost.config in clear text",
        "IIS Manager and appcmd encrypt passwords ([enc:…]); one written by hand stands there, and in each copy of the history, for all to read.",
        "Set it by appcmd, or use ApplicationPoolIdentity.", PAGE], password),
];

/// The IIS app pool of the site's root application.
fn pool<'a>(subject: &'a Subject<'_>) -> Option<&'a Element> {
    let site = subject.site.as_ref()?;
    let name = &site.applications.iter().find(|one| one.path == "/")?.application_pool;
    let pools = subject.server.as_ref()?.descendant("system.applicationHost/applicationPools")?;
    pools
        .children()
        .find(|pool| pool.attribute("name").is_some_and(|told| told.eq_ignore_ascii_case(name)))
}

fn system(subject: &Subject<'_>) -> Vec<Hit> {
    let model = pool(subject).and_then(|pool| pool.child("processModel"));
    let found = model.filter(|model| {
        model.attribute("identityType").is_some_and(|t| t.eq_ignore_ascii_case("LocalSystem"))
    });
    found
        .map(|model| {
            Hit::at(model.attribute_place("identityType"), "the app may do everything here")
        })
        .into_iter()
        .collect()
}

fn managed(subject: &Subject<'_>) -> Vec<Hit> {
    let found = pool(subject)
        .filter(|pool| pool.attribute("managedRuntimeVersion").is_some_and(|v| !v.is_empty()));
    found
        .map(|pool| Hit::at(pool.attribute_place("managedRuntimeVersion"), "Python needs no .NET"))
        .into_iter()
        .collect()
}

fn garden(subject: &Subject<'_>) -> Vec<Hit> {
    let model = pool(subject).and_then(|pool| pool.child("processModel"));
    let most =
        |model: &&Element| model.attribute("maxProcesses").and_then(|n| n.parse::<u32>().ok());
    let found = model.filter(|model| most(model).is_some_and(|n| n != 1));
    found
        .map(|model| {
            Hit::at(model.attribute_place("maxProcesses"), "each process has instances of its own")
        })
        .into_iter()
        .collect()
}

fn password(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(server) = &subject.server else { return Vec::new() };
    let elements = super::structure::every(server, "").into_iter().map(|(_, element)| element);
    let found = elements.filter(|element| {
        element
            .attribute("password")
            .is_some_and(|told| !told.is_empty() && !told.starts_with("[enc:"))
    });
    found
        .map(|element| {
            Hit::at(element.attribute_place("password"), "this password is not encrypted")
                .without_line()
        })
        .collect()
}
