//! Owns reading what products need and how they are found.
//!
//! Does not own how deep it may go: the XML reader has a bound.

use xml::Element;

use super::parts::{Seen, attribute, value};
use crate::feed::model::{Hint, Named, Need};

/// `dependencies`.
pub(super) fn needs(list: Element<'_>, seen: &mut Seen) -> Vec<Named<Need>> {
    seen.each(list, "dependency", |element, seen| Named {
        id: attribute(element, "id").unwrap_or_default(),
        value: need(element, seen),
    })
}

/// `discoveryHints`.
pub(super) fn hints(list: Element<'_>, seen: &mut Seen) -> Vec<Named<Hint>> {
    seen.each(list, "discoveryHint", |element, seen| Named {
        id: attribute(element, "id").unwrap_or_default(),
        value: hint(element, seen),
    })
}

/// A `dependency` element; `None` when nothing stands in it.
pub(super) fn need(element: Element<'_>, seen: &mut Seen) -> Option<Need> {
    if let Some(name) = attribute(element, "idref") {
        return Some(Need::Named(name));
    }
    let mut found = Vec::new();
    for child in element.children() {
        match child.local_name() {
            "productId" => found.push(Need::Product(value(child))),
            // The longer names stand in feeds of the first years.
            "and" | "logicalAnd" => found.push(Need::All(operands(child, seen))),
            "or" | "logicalOr" => found.push(Need::Any(operands(child, seen))),
            "dependency" => found.extend(need(child, seen)),
            _ => seen.nobody_knows(child),
        }
    }
    one(found, Need::All)
}

fn operands(operator: Element<'_>, seen: &mut Seen) -> Vec<Need> {
    let mut operands = Vec::new();
    for child in operator.children() {
        match child.local_name() {
            "dependency" => operands.extend(need(child, seen)),
            "productId" => operands.push(Need::Product(value(child))),
            _ => seen.nobody_knows(child),
        }
    }
    operands
}

/// A `discoveryHint` element; `None` when nothing stands in it.
pub(super) fn hint(element: Element<'_>, seen: &mut Seen) -> Option<Hint> {
    if let Some(name) = attribute(element, "idref") {
        return Some(Hint::Named(name));
    }
    let mut found = Vec::new();
    for child in element.children() {
        match child.local_name() {
            "registry" => found.push(registry(child, seen)),
            "file" => {
                let paths = seen.values(child, "filePath");
                found.extend(paths.into_iter().map(Hint::File));
            }
            "msiProductCode" => found.push(Hint::MsiProduct(value(child))),
            "and" | "logicalAnd" => found.push(Hint::All(hint_operands(child, seen))),
            "or" | "logicalOr" => found.push(Hint::Any(hint_operands(child, seen))),
            "discoveryHint" => found.extend(hint(child, seen)),
            _ => seen.nobody_knows(child),
        }
    }
    one(found, Hint::All)
}

fn hint_operands(operator: Element<'_>, seen: &mut Seen) -> Vec<Hint> {
    let operands = seen.each(operator, "discoveryHint", hint);
    operands.into_iter().flatten().collect()
}

fn registry(element: Element<'_>, seen: &mut Seen) -> Hint {
    let (mut key, mut name, mut data) = (String::new(), None, None);
    for child in element.children() {
        match child.local_name() {
            "keyPath" => key = value(child),
            "valueName" => name = Some(value(child)),
            "valueValue" => data = Some(value(child)),
            _ => seen.nobody_knows(child),
        }
    }
    Hint::Registry { key, name, data }
}

/// One of several, or all of them.
fn one<T>(mut found: Vec<T>, all: fn(Vec<T>) -> T) -> Option<T> {
    match found.len() {
        0 | 1 => found.pop(),
        _ => Some(all(found)),
    }
}
