//! Owns rules about attributes: unknown ones, missing ones, values that cannot be.
//!
//! Does not own which there are (`attributes`).

use super::super::edit::Edit;
use super::super::finding::Hit;
use super::super::rule::{Rule, error};
use super::super::subject::{Subject, scopes};
use super::reference;
use super::structure::every;
use crate::attributes;
use crate::document::Element;
use crate::element_locks::LOCKS;
use crate::read;
use crate::spelling;

#[rustfmt::skip]
pub(in super::super) const RULES: &[Rule] = &[
    error(["attribute-unknown", "No such attribute is known",
        "The schema lists each element's attributes; any other is 500.19 with 0x8007000d (unrecognized attribute).",
        "Delete it, or write it as the schema does.",
        reference!("")], unknown),
    error(["attribute-case", "An attribute's name is written in other letters",
        "Names of attributes are case-sensitive, values mostly are not. A name in other letters is 500.19 with 0x8007000d.",
        "Write it as the schema does.",
        reference!("")], case).mended(),
    error(["attribute-missing", "A needed attribute is missing",
        "The schema calls the attribute required, so IIS refuses the element with 500.19.",
        "Add it.",
        reference!("")], missing),
    error(["value-impossible", "A value is not one that the attribute can have",
        "The schema gives each attribute a type and a range; a value beyond is 500.19 with 0x8007000d.",
        "Write a value of the type and range that is told.",
        reference!("")], impossible),
];

/// Every element of both files whose attributes the table knows, with its path.
fn known<'a>(subject: &'a Subject<'_>) -> Vec<(String, &'a Element)> {
    let roots = subject.web.iter().chain(&subject.server);
    let all = roots.flat_map(|root| scopes(root)).flat_map(|scope| every(scope, ""));
    all.filter(|(path, element)| {
        let is_item = !matches!(element.name(), "remove" | "clear");
        is_item && attributes::rows(path).next().is_some()
    })
    .collect()
}

fn names(element: &Element) -> impl Iterator<Item = &str> {
    let names = element.attributes().iter().map(|attribute| attribute.name.as_str());
    names.filter(|name| {
        !LOCKS.contains(name)
            && !["configSource", "configProtectionProvider", "Locator", "Transform"].contains(name)
    })
}

/// The row's name that differs in case alone.
fn in_other_letters(path: &str, name: &str) -> Option<&'static str> {
    if attributes::row(path, name).is_some() {
        return None;
    }
    attributes::rows(path).map(|row| row.name).find(|known| known.eq_ignore_ascii_case(name))
}

fn unknown(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (path, element) in known(subject) {
        for name in names(element) {
            let is_known = attributes::row(&path, name).is_some();
            if is_known || in_other_letters(&path, name).is_some() {
                continue;
            }
            let place = element.attribute_name_place(name);
            let mut hit = Hit::at(place, format!("<{}> has no attribute {name}", element.name()));
            let rows = attributes::rows(&path).map(|row| row.name);
            if let Some(near) = spelling::nearest(name, rows) {
                hit = hit.hint(format!("Is {near} meant?"));
            }
            hits.push(hit);
        }
    }
    hits
}

fn case(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (path, element) in known(subject) {
        for name in names(element) {
            if let Some(right) = in_other_letters(&path, name) {
                let place = element.attribute_name_place(name);
                let edit = Edit::Rename {
                    element: element.place(),
                    from: name.to_owned(),
                    to: right.to_owned(),
                };
                hits.push(Hit::at(place, format!("{name} is written {right}")).edit(edit));
            }
        }
    }
    hits
}

fn missing(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (path, element) in known(subject) {
        for row in attributes::rows(&path) {
            let has = |name: &str| names(element).any(|other| other.eq_ignore_ascii_case(name));
            if row.default().is_none() && !has(row.name) && !is_elsewhere(&path, element) {
                let message = format!("<{}> needs the attribute {}", element.name(), row.name);
                hits.push(Hit::at(element.place(), message));
            }
        }
    }
    hits
}

/// Attributes that an element needs for one of its kinds alone.
fn is_elsewhere(path: &str, element: &Element) -> bool {
    path.starts_with("system.webServer/rewrite") || element.attribute("configSource").is_some()
}

fn impossible(subject: &Subject<'_>) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (path, element) in known(subject) {
        for attribute in element.attributes() {
            let Some(row) = attributes::row(&path, &attribute.name) else { continue };
            if let Err(expected) = read::check(row.kind, &attribute.value) {
                let place = element.attribute_place(&attribute.name);
                let message = format!("{} must be {expected}: {}", attribute.name, attribute.value);
                hits.push(Hit::at(place, message));
            }
        }
    }
    hits
}
