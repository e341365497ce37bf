//! Owns who may say what: sections that `applicationHost.config`, or a folder above, keeps to itself.
//!
//! Does not own locks of single elements and attributes (`lockItem`, `lockAttributes`, …), which IIS
//! enforces and we do not. Without `<configSections>` nothing is locked: only files written by hand
//! for a test site lack them.

use crate::document::Element;
use crate::error::Error;
use crate::place::Place;

/// A level as locks look at it: the number of its document, the server's being 0, and its element.
pub(crate) type Level<'a> = (usize, &'a Element);

/// Refuses a section that stands below the level that locks it, as IIS does (500.19, 0x80070021).
/// Levels come outermost first.
///
/// # Errors
/// At the first section that may not stand where it does.
pub(crate) fn check(section: &str, levels: &[Level<'_>]) -> Result<(), Error> {
    let server = levels.first().filter(|(document, _)| *document == 0);
    let mut lock = server.and_then(|(_, root)| declared_lock(section, root)).map(|at| (0, at));
    for (document, level) in levels {
        let Some(found) = level.descendant(section) else { continue };
        if let Some((_, at)) = lock.as_ref().filter(|(owner, _)| owner != document) {
            return Err(refused(section, found, at));
        }
        match override_mode(level) {
            Some(true) => lock = None,
            Some(false) => lock = Some((*document, level.place())),
            None => {}
        }
    }
    Ok(())
}

fn refused(section: &str, found: &Element, at: &Place) -> Error {
    let name = found.name();
    let file = at.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let line = at.line;
    found.error(format!(
        "<{name}> is locked by {file}:{line}, so IIS refuses it here (0x80070021); an administrator \
         unlocks it with: appcmd unlock config -section:{section}"
    ))
}

/// Where `<configSections>` says that a section is not for others.
fn declared_lock(section: &str, root: &Element) -> Option<Place> {
    let mut at = root.child("configSections")?;
    let (groups, name) = section.rsplit_once('/')?;
    let named = |element: &Element, kind: &str, name: &str| {
        element.name() == kind && element.attribute("name") == Some(name)
    };
    for group in groups.split('/') {
        at = at.children().find(|child| named(child, "sectionGroup", group))?;
    }
    let declaration = at.children().find(|child| named(child, "section", name))?;
    let is = |attribute: &str, value: &str| {
        declaration.attribute(attribute).is_some_and(|told| told.eq_ignore_ascii_case(value))
    };
    let is_locked = is("overrideModeDefault", "Deny") || is("allowDefinition", "AppHostOnly");
    is_locked.then(|| declaration.place())
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
    use super::check;
    use crate::document::{self, Element};
    use crate::place::Source;

    const HANDLERS: &str = "<system.webServer><handlers/></system.webServer>";

    fn element(name: &str, xml: &str) -> Element {
        document::parse(Source::new(name, xml)).unwrap()
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
        for (levels, is_allowed) in [
            (&[(0, &deny), (1, &web)][..], false),
            (&[(0, &deny), (0, &lock)], true),
            (&[(0, &deny), (0, &unlock), (1, &web)], true),
            (&[(0, &deny), (0, &unlock), (0, &lock), (1, &web)], false),
            (&[(0, &allow), (1, &web)], true),
            (&[(0, &allow), (0, &old), (1, &web)], false),
            (&[(0, &bare), (1, &web)], true),
            (&[(1, &web), (1, &lock), (1, &web)], true),
            (&[(1, &web), (1, &lock), (2, &web)], false),
            (&[], true),
        ] {
            let found = check("system.webServer/handlers", levels);
            assert_eq!(found.is_ok(), is_allowed, "{levels:?}");
        }
        let message = check("system.webServer/handlers", &[(0, &deny), (1, &web)]).unwrap_err();
        let message = message.to_string();
        assert!(message.contains("<handlers> is locked by applicationHost.config:2"), "{message}");
    }
}
