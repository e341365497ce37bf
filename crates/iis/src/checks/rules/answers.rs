//! Owns rules about what becomes of an app's answers on the way out.
//!
//! Does not own buffering (`mappings`).

use super::super::edit::Edit;
use super::super::finding::Hit;
use super::super::rule::{Rule, note, warning};
use super::super::subject::Subject;
use super::reference;

const ERRORS: &str = "system.webServer/httpErrors";

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(["error-pages-replaced", "IIS replaces the app's error pages",
        "With existingResponse Auto or Replace IIS puts its own page in place of a 404 or 500 of the app: JSON of an API is lost.",
        "Write <httpErrors existingResponse=\"PassThrough\" />.",
        reference!("system.webserver/httperrors/")], replaced).mended(),
    warning(["error-details-shown", "Visitors see IIS's detailed errors",
        "errorMode=\"Detailed\" tells everybody physical paths, modules and users.",
        "Write errorMode=\"DetailedLocalOnly\".",
        reference!("system.webserver/httperrors/")], detailed).mended(),
    note(["compression-of-streams", "Answers are compressed on the way",
        "Dynamic compression gathers what the app sends piece by piece; event streams stand still unless their type is left out.",
        "Leave text/event-stream out in <dynamicTypes> of applicationHost.config, or write doDynamicCompression=\"false\".",
        reference!("system.webserver/urlcompression")], compression),
    warning(["anonymous-beside-windows", "Anonymous and Windows sign-on are both on",
        "IIS asks nobody who they are as long as anonymous access is allowed: REMOTE_USER stays empty.",
        "Write <anonymousAuthentication enabled=\"false\" />, or leave it to the app to answer 401.",
        reference!("system.webserver/security/authentication/windowsauthentication/")], anonymous),
];

fn replaced(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.pythons().next().is_none() {
        return Vec::new();
    }
    let levels = subject.chain.sections(ERRORS);
    let told = levels.iter().rev().find_map(|level| level.attribute("existingResponse"));
    if told.is_some_and(|told| told.eq_ignore_ascii_case("PassThrough")) {
        return Vec::new();
    }
    let edit = Edit::SetIn {
        section: ERRORS,
        attribute: "existingResponse",
        value: "PassThrough".to_owned(),
    };
    let message = format!("existingResponse is {}", told.unwrap_or("Auto"));
    let hit = match subject.own(ERRORS) {
        Some(element) => Hit::at(element.attribute_place("existingResponse"), message),
        None => Hit::file(subject.web_path(), format!("there is no <httpErrors>, so {message}")),
    };
    vec![hit.edit(edit)]
}

fn detailed(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject.sections(ERRORS);
    let found = found.filter(|item| {
        item.attribute("errorMode").is_some_and(|m| m.eq_ignore_ascii_case("Detailed"))
    });
    found
        .map(|item| {
            let (attribute, value) = ("errorMode".to_owned(), "DetailedLocalOnly".to_owned());
            Hit::at(item.attribute_place("errorMode"), "everybody sees details").edit(Edit::Set {
                element: item.place(),
                attribute,
                value,
            })
        })
        .collect()
}

fn is_true(item: &crate::Element, name: &str) -> bool {
    item.attribute(name).is_some_and(|told| told.eq_ignore_ascii_case("true"))
}

fn compression(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject.sections("system.webServer/urlCompression");
    let found = found.filter(|item| is_true(item, "doDynamicCompression"));
    found
        .map(|item| Hit::at(item.attribute_place("doDynamicCompression"), "streams are gathered"))
        .collect()
}

fn anonymous(subject: &Subject<'_>) -> Vec<Hit> {
    let found = subject.sections("system.webServer/security/authentication");
    let found = found.filter(|item| {
        let on = |name: &str| item.child(name).is_some_and(|child| is_true(child, "enabled"));
        on("windowsAuthentication") && on("anonymousAuthentication")
    });
    found.map(|item| Hit::at(item.place(), "nobody is asked to sign on")).collect()
}
