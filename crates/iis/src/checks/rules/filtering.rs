//! Owns rules about request filtering in the app's way.
//!
//! Does not own static files (`statics`).

use super::super::edit::Edit;
use super::super::finding::Hit;
use super::super::rule::{Rule, warning};
use super::super::subject::Subject;
use super::reference;

const FILTERING: &str = "system.webServer/security/requestFiltering";
const PAGE: &str = reference!("system.webserver/security/requestfiltering/");

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    warning(["double-escaping-needed", "Zope's ++ URLs are refused",
        "IIS takes a + in a path for an escaped blank: ++resource++ and ++api++ are double escapes and answer 404.11.",
        "Write <requestFiltering allowDoubleEscaping=\"true\">.", PAGE], double).mended(),
    warning(["hidden-segment-in-url", "Request filtering hides a URL of the app",
        "A hidden segment is 404.8 in every URL, also in those that are no files. Servers with ASP.NET hide bin, App_Data and others.",
        "Write <remove segment=\"…\" /> in <hiddenSegments>.", PAGE], hidden).mended(),
    warning(["upload-limit-low", "IIS refuses uploads that the app allows",
        "maxAllowedContentLength is 30,000,000 bytes unless told otherwise; a longer body is 413.1 (404.13 before IIS 10) before Python is asked.",
        "Write <requestLimits maxAllowedContentLength=\"…\" /> as large as the app's limit.", PAGE], upload).mended(),
    warning(["verb-denied", "Request filtering refuses a verb that apps use",
        "A verb with allowed=\"false\", or one that is not listed where allowUnlisted is false, is 404.6 and never reaches Python.",
        "Allow it; the app answers 405 for what it does not know.", PAGE], verb),
    warning(["high-bit-characters-denied", "URLs with letters beyond ASCII are refused",
        "allowHighBitCharacters=\"false\" answers 404.12 for each such URL.",
        "Delete the attribute.", PAGE], high_bit),
];

fn double(subject: &Subject<'_>) -> Vec<Hit> {
    let is_zope =
        |text: &str| text.to_lowercase().contains("zope") || text.to_lowercase().contains("plone");
    let by_handler = subject.pythons().any(|python| is_zope(&python.processor.arguments));
    let by_target = subject.project.target.as_deref().is_some_and(is_zope);
    let by_file = ["zope.ini", "zope.conf", "etc/zope.conf", "etc/zope.ini"]
        .iter()
        .any(|name| subject.has(name));
    let allows =
        subject.filtering.as_ref().is_none_or(|filtering| filtering.allows_double_escaping);
    if allows || subject.pythons().next().is_none() || !(by_handler || by_target || by_file) {
        return Vec::new();
    }
    let edit = Edit::SetIn {
        section: FILTERING,
        attribute: "allowDoubleEscaping",
        value: "true".to_owned(),
    };
    let message = "this is a Zope site, and allowDoubleEscaping is false";
    let hit = match subject.own(FILTERING) {
        Some(element) => Hit::at(element.place(), message),
        None => Hit::file(subject.web_path(), message),
    };
    vec![hit.edit(edit)]
}

fn hidden(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(filtering) = &subject.filtering else { return Vec::new() };
    let script_name = subject.project.script_name.iter().map(|url| (url, "script-name"));
    let urls = subject.project.warm_up.iter().map(|url| (url, "warm-up")).chain(script_name);
    let mut hits = Vec::new();
    for (url, key) in urls {
        let path = url.split('?').next().unwrap_or_default().to_lowercase();
        let Some(part) = path.split('/').find(|part| filtering.hides(part)) else {
            continue;
        };
        let Some(place) = subject.key_place(key) else { continue };
        let elements = vec![("remove", vec![("segment", part.to_owned())])];
        let section = "system.webServer/security/requestFiltering/hiddenSegments";
        hits.push(
            Hit::at(place, format!("{url} is 404.8: the segment {part} is hidden"))
                .hint(format!(
                    "Write <remove segment=\"{part}\" /> in <hiddenSegments> of web.config."
                ))
                .edit(Edit::Insert { section, elements, is_first: true }),
        );
    }
    hits
}

/// Names under which frameworks know how much may be uploaded.
const UPLOADS: [&str; 5] = [
    "MAX_CONTENT_LENGTH",
    "MAX_UPLOAD_SIZE",
    "UPLOAD_MAX_BYTES",
    "DATA_UPLOAD_MAX_MEMORY_SIZE",
    "MAX_BODY_SIZE",
];

fn upload(subject: &Subject<'_>) -> Vec<Hit> {
    let Some(filtering) = &subject.filtering else { return Vec::new() };
    let mut told: Vec<(&str, &str, crate::Place)> = Vec::new();
    for section in subject.sections("appSettings") {
        for item in section.children() {
            if let (Some(key), Some(value)) = (item.attribute("key"), item.attribute("value")) {
                told.push((key, value, item.attribute_place("value")));
            }
        }
    }
    for (key, value) in &subject.project.env {
        told.extend(subject.key_place(key).map(|place| (key.as_str(), value.as_str(), place)));
    }
    let limit = filtering.content_length_max_bytes;
    let mut hits = Vec::new();
    for (key, value, place) in told {
        let Ok(wanted) = value.trim().parse::<u32>() else { continue };
        let is_limit = UPLOADS.iter().any(|name| key.to_ascii_uppercase().ends_with(name));
        if is_limit && wanted > limit {
            let section = "system.webServer/security/requestFiltering/requestLimits";
            let edit = Edit::SetIn {
                section,
                attribute: "maxAllowedContentLength",
                value: wanted.to_string(),
            };
            let message = format!("the app takes {wanted} bytes, IIS refuses more than {limit}");
            hits.push(Hit::at(place, message).edit(edit));
        }
    }
    hits
}

fn verb(subject: &Subject<'_>) -> Vec<Hit> {
    if subject.pythons().next().is_none() {
        return Vec::new();
    }
    let mut hits = Vec::new();
    for section in subject.sections("system.webServer/security/requestFiltering/verbs") {
        let denies = section
            .attribute("allowUnlisted")
            .is_some_and(|told| told.eq_ignore_ascii_case("false"));
        let item =
            |verb: &str| section.children().find(|item| item.attribute("verb") == Some(verb));
        for verb in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            match item(verb) {
                Some(item)
                    if item
                        .attribute("allowed")
                        .is_some_and(|told| told.eq_ignore_ascii_case("false")) =>
                {
                    hits.push(Hit::at(item.place(), format!("{verb} is 404.6")));
                }
                None if denies => {
                    hits.push(Hit::at(section.place(), format!("{verb} is not listed: 404.6")))
                }
                _ => {}
            }
        }
    }
    hits
}

fn high_bit(subject: &Subject<'_>) -> Vec<Hit> {
    let name = "allowHighBitCharacters";
    let found = subject.sections(FILTERING);
    let found = found
        .filter(|item| item.attribute(name).is_some_and(|told| told.eq_ignore_ascii_case("false")));
    found.map(|item| Hit::at(item.attribute_place(name), "each such URL is 404.12")).collect()
}
