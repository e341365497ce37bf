//! Owns `configSource`: a section that stands in a file of its own.
//!
//! Does not own `<appSettings>`, whose `file` and `configSource` `app_settings` reads, nor sections of
//! .NET, which IIS does not look at.

use std::path::{Path, PathBuf};

use crate::document::{self, Element};
use crate::error::Error;

/// The groups whose sections IIS reads.
const GROUPS: [&str; 2] = ["system.webServer", "system.applicationHost"];

/// Puts in the sections that a `<configuration>` has in other files, beside its own. Where such a file
/// is not there the section stays as it is: only who reads it is in trouble ([`check`]).
///
/// # Errors
/// When such a file cannot be read, or its root is another section.
pub(crate) fn resolved(root: Element) -> Result<Element, Error> {
    root.map_children(&|child| match child.name() {
        name if GROUPS.contains(&name) => section(child),
        "location" => child.map_children(&|inner| {
            if GROUPS.contains(&inner.name()) { section(inner) } else { Ok(inner) }
        }),
        _ => Ok(child),
    })
}

fn section(element: Element) -> Result<Element, Error> {
    let Some(name) = element.attribute("configSource").filter(|name| !name.is_empty()) else {
        return element.map_children(&section);
    };
    let folder = element.path().parent().unwrap_or(Path::new(""));
    let path = folder.join(name.replace('\\', std::path::MAIN_SEPARATOR_STR));
    if !path.is_file() {
        return Ok(element);
    }
    let root = document::load(&path)?;
    if root.name() == element.name() {
        return Ok(root);
    }
    let (expected, found) = (element.name(), root.name());
    Err(root.error(format!("the root element must be <{expected}>: <{found}>")))
}

/// The same with what `find` has of such files: a section of which it has none stays as it is.
pub(crate) fn resolved_by(root: Element, find: &impl Fn(&Path) -> Option<Element>) -> Element {
    let change = |child: Element| Ok(resolved_child(child, find));
    root.clone().map_children(&change).unwrap_or(root)
}

fn resolved_child(child: Element, find: &impl Fn(&Path) -> Option<Element>) -> Element {
    match source(&child) {
        Some(path) => find(&path).filter(|root| root.name() == child.name()).unwrap_or(child),
        None => resolved_by(child, find),
    }
}

/// The files that sections of a file stand in, beside it, with the sections that name them.
pub(crate) fn sources(root: &Element) -> Vec<(&Element, PathBuf)> {
    let mut found = Vec::new();
    for child in root.children() {
        match source(child) {
            Some(path) if child.name() != "appSettings" => found.push((child, path)),
            Some(_) => {}
            None => found.extend(sources(child)),
        }
    }
    found
}

fn source(element: &Element) -> Option<PathBuf> {
    let name = element.attribute("configSource").filter(|name| !name.is_empty())?;
    let folder = element.path().parent().unwrap_or(Path::new(""));
    Some(folder.join(name.replace('\\', std::path::MAIN_SEPARATOR_STR)))
}

/// Refuses a section whose file was not there.
///
/// # Errors
/// When it still names one.
pub(crate) fn check(section: &Element) -> Result<(), Error> {
    match section.attribute("configSource") {
        Some(name) if !name.is_empty() && section.name() != "appSettings" => {
            let message = format!("configSource names a file that does not exist: {name}");
            Err(section.attribute_error("configSource", message))
        }
        _ => Ok(()),
    }
}
