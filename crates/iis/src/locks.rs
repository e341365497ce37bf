//! Owns who may say what: sections that `applicationHost.config`, or a folder above, keeps to itself.
//!
//! Does not own locks of single elements and attributes (`element_locks` does). Without
//! `<configSections>` nothing is locked: only files written by hand for a test site lack them.
//!
//! A lock holds for the files below the one that sets it, not for other paths in the same file: the
//! server's own `<location path="Site">` may always set what no `web.config` may.

use crate::document::Element;
use crate::error::Error;
use crate::place::Place;

/// A level as locks look at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level<'a> {
    /// The number of its document, the server's being 0.
    pub(crate) document: usize,
    /// Whether it is a `<location>`.
    pub(crate) is_location: bool,
    /// Whether its document is that of a folder in a site application, not of the application.
    pub(crate) is_below_application: bool,
    pub(crate) element: &'a Element,
}

/// Refuses a section that stands where it may not, as IIS does (500.19, 0x80070021). Levels come
/// outermost first.
///
/// # Errors
/// At the first section that may not stand where it does.
pub(crate) fn check(section: &str, levels: &[Level<'_>]) -> Result<(), Error> {
    let server = levels.first().filter(|level| level.document == 0);
    let declaration = server.and_then(|level| declaration(section, level.element));
    let is_denied = declaration.filter(|at| told(at, "overrideModeDefault", "Deny"));
    let mut lock = is_denied.map(|at| (0, at.place()));
    for level in levels {
        let Some(found) = level.element.descendant(section) else { continue };
        if let Some(declaration) = declaration {
            check_definition(section, found, level, declaration)?;
        }
        if let Some((_, at)) = lock.as_ref().filter(|(owner, _)| *owner != level.document) {
            return Err(locked(section, found, at));
        }
        if told(found, "lockItem", "true") {
            lock = Some((level.document, found.place()));
            continue;
        }
        match override_mode(level.element) {
            Some(true) => lock = None,
            Some(false) => lock = Some((level.document, level.element.place())),
            None => {}
        }
    }
    Ok(())
}

/// Whether the declaration lets a section stand in such a file at all. No `<location>` can change it.
fn check_definition(
    section: &str,
    found: &Element,
    level: &Level<'_>,
    declaration: &Element,
) -> Result<(), Error> {
    let name = found.name();
    let at = short(&declaration.place());
    if level.is_location && told(declaration, "allowLocation", "false") {
        let message = format!("<{name}> may not stand in a <location> (allowLocation at {at})");
        return Err(found.error(message));
    }
    let definition = declaration.attribute("allowDefinition").unwrap_or("Everywhere");
    let belongs = match definition.to_ascii_lowercase().as_str() {
        "apphostonly" | "machineonly" | "machinetorootweb" if level.document > 0 => {
            "in applicationHost.config alone"
        }
        "machinetoapplication" if level.is_below_application => {
            "in applicationHost.config or the web.config of a site application's own folder"
        }
        _ => return Ok(()),
    };
    let key = section.rsplit('/').next().unwrap_or(section);
    Err(found.error(format!(
        "<{key}> counts {belongs} (allowDefinition=\"{definition}\" at {at}), so IIS refuses it here"
    )))
}

fn locked(section: &str, found: &Element, at: &Place) -> Error {
    let name = found.name();
    found.error(format!(
        "<{name}> is locked by {}, so IIS refuses it here (0x80070021); an administrator \
         unlocks it with: appcmd unlock config -section:{section}",
        short(at)
    ))
}

/// A place in few words.
pub(crate) fn short(place: &Place) -> String {
    let file = place.path.file_name().unwrap_or_default().to_string_lossy();
    format!("{file}:{}", place.line)
}

/// Where `<configSections>` declares a section.
fn declaration<'a>(section: &str, root: &'a Element) -> Option<&'a Element> {
    let mut at = root.child("configSections")?;
    let (groups, name) = section.rsplit_once('/').unwrap_or(("", section));
    let named = |element: &Element, kind: &str, name: &str| {
        element.name() == kind && element.attribute("name") == Some(name)
    };
    for group in groups.split('/').filter(|group| !group.is_empty()) {
        at = at.children().find(|child| named(child, "sectionGroup", group))?;
    }
    at.children().find(|child| named(child, "section", name))
}

fn told(element: &Element, attribute: &str, value: &str) -> bool {
    element.attribute(attribute).is_some_and(|told| told.eq_ignore_ascii_case(value))
}

/// What a `<location>` says about those below it; `None` when it says nothing.
fn override_mode(level: &Element) -> Option<bool> {
    match level.attribute("overrideMode").map(str::to_ascii_lowercase).as_deref() {
        Some("allow") => Some(true),
        Some("deny") => Some(false),
        // As it was called before IIS 7.
        _ => level.attribute("allowOverride").map(|told| told.eq_ignore_ascii_case("true")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Level, check};
    use crate::document::{self, Element};
    use crate::place::Source;

    const HANDLERS: &str = "<system.webServer><handlers/></system.webServer>";

    fn element(name: &str, xml: &str) -> Element {
        document::parse(Source::new(name, xml)).unwrap()
    }

    fn levels<'a>(told: &[(usize, &'a Element)]) -> Vec<Level<'a>> {
        let level = |&(document, element): &(usize, &'a Element)| Level {
            document,
            is_location: element.name() == "location",
            is_below_application: document > 1,
            element,
        };
        told.iter().map(level).collect()
    }

    fn server(mode: &str) -> Element {
        let xml = format!(
            "<configuration>\n<configSections><sectionGroup name='system.webServer'>\
             <section name='handlers' {mode}/></sectionGroup></configSections>{HANDLERS}</configuration>"
        );
        element("applicationHost.config", &xml)
    }

    #[test]
    fn who_may_say_it() {
        let location = |attribute: &str| {
            element("any", &format!("<location {attribute}>{HANDLERS}</location>"))
        };
        let web = element("web.config", &format!("<configuration>{HANDLERS}</configuration>"));
        let deny = server("overrideModeDefault='Deny'");
        let allow = server("");
        let bare = element("applicationHost.config", "<configuration/>");
        let (unlock, lock) = (location("overrideMode='Allow'"), location("overrideMode='Deny'"));
        let old = location("allowOverride='false'");
        let app_only = server("allowDefinition='AppHostOnly'");
        let in_apps = server("allowDefinition='MachineToApplication'");
        let nowhere = server("allowLocation='false'");
        let item = element(
            "applicationHost.config",
            "<configuration><system.webServer><handlers lockItem='true'/></system.webServer>\
             </configuration>",
        );
        for (told, is_allowed) in [
            (&[(0, &deny), (1, &web)][..], false),
            (&[(0, &deny), (0, &lock)], true),
            (&[(0, &deny), (0, &unlock), (1, &web)], true),
            (&[(0, &deny), (0, &unlock), (0, &lock), (1, &web)], false),
            (&[(0, &allow), (1, &web)], true),
            (&[(0, &allow), (0, &old), (1, &web)], false),
            (&[(0, &bare), (1, &web)], true),
            (&[(1, &web), (1, &lock), (1, &web)], true),
            (&[(1, &web), (1, &lock), (2, &web)], false),
            (&[(0, &app_only), (0, &unlock)], true),
            (&[(0, &app_only), (0, &unlock), (1, &web)], false),
            (&[(0, &in_apps), (1, &web)], true),
            (&[(0, &in_apps), (1, &web), (2, &web)], false),
            (&[(0, &nowhere), (1, &web)], true),
            (&[(0, &nowhere), (0, &unlock)], false),
            (&[(0, &item), (1, &web)], false),
            (&[], true),
        ] {
            let found = check("system.webServer/handlers", &levels(told));
            assert_eq!(found.is_ok(), is_allowed, "{told:?}");
        }
        let refused = check("system.webServer/handlers", &levels(&[(0, &deny), (1, &web)]));
        let message = refused.unwrap_err().to_string();
        assert!(message.contains("<handlers> is locked by applicationHost.config:2"), "{message}");
    }
}
