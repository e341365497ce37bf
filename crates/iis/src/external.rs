//! Owns `configSource`: a section that stands in a file of its own.
//!
//! Does not own `<appSettings>`, whose `file` and `configSource` `app_settings` reads, nor sections of
//! .NET, which IIS does not look at.

use std::path::Path;

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
