//! Owns unlocking, for one site alone, the sections that its `web.config` sets; and locking them again.
//!
//! Does not own which sections are locked (`locks`).

use xml::{ElementId, NewElement, Place};

use super::{Spot, Wanted, chain};
use crate::document::Element;
use crate::editor::Editor;
use crate::error::Error;

/// Sections that sites of ours set, and that a server may well leave to them. Where others are locked,
/// somebody meant it.
const SECTIONS: [&str; 4] = [
    "system.webServer/handlers",
    "system.webServer/modules",
    "system.webServer/httpErrors",
    "system.webServer/security/requestFiltering",
];

/// A section that the site may not set, though it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The section.
    pub section: String,
    /// What IIS has against it, and where.
    pub message: String,
}

/// The sections that are locked.
pub(super) fn locks(server: &Element, wanted: &Wanted, spot: &Spot) -> Result<Vec<Lock>, Error> {
    let chain = chain(server, wanted, spot);
    let locked = SECTIONS.iter().filter_map(|section| {
        let message = chain.check_locks(&[section]).err()?.to_string();
        Some(Lock { section: (*section).to_owned(), message })
    });
    Ok(locked.collect())
}

/// Adds a `<location path="Site" overrideMode="Allow">` with the sections, empty.
pub(super) fn unlock(editor: &mut Editor, locks: &[Lock], spot: &Spot) -> Result<(), Error> {
    if locks.is_empty() {
        return Ok(());
    }
    let location = spot.location();
    for lock in locks {
        // The same section twice for one path is an error to IIS.
        if editor.find(&lock.section, Some(&location)).is_some() {
            let message = format!(
                "{}\n<{}> stands in a <location path=\"{location}\"> already; whoever wrote that has \
                 to set overrideMode=\"Allow\" there",
                lock.message, lock.section
            );
            return Err(Error::absent(editor.path(), message));
        }
    }
    let path = editor.path().to_owned();
    let root = editor.document().root().id();
    let new = NewElement::new("location").attribute("path", &location);
    let new = new.attribute("overrideMode", "Allow").child(NewElement::new("system.webServer"));
    let made = editor.document().insert(root, Place::End, &new).map_err(Error::xml(&path))?;
    for lock in locks {
        editor.child(made, &lock.section)?;
    }
    Ok(())
}

/// Takes the sections out of such a `<location>`, and what is empty then around them.
pub(super) fn lock(editor: &mut Editor, sections: &[String], spot: &Spot) -> Result<(), Error> {
    let path = editor.path().to_owned();
    let Some(location) = ours(editor, spot) else { return Ok(()) };
    for section in sections {
        let found = |editor: &mut Editor| {
            let element = editor.document().element(location)?.descendant(section)?;
            let is_bare = element.is_empty() && element.attributes().next().is_none();
            let parent = element.parent().map(|parent| parent.id());
            is_bare.then_some((element.id(), parent))
        };
        let Some((element, parent)) = found(editor) else { continue };
        editor.document().remove(element).map_err(Error::xml(&path))?;
        if let Some(parent) = parent {
            editor.remove_empty(parent)?;
        }
    }
    let is_empty = editor.document().element(location).is_some_and(|it| it.is_empty());
    if is_empty {
        editor.document().remove(location).map_err(Error::xml(&path))?;
    }
    Ok(())
}

fn ours(editor: &mut Editor, spot: &Spot) -> Option<ElementId> {
    let location = spot.location();
    let root = editor.document().root();
    let mut locations = root.children().filter(|child| {
        let told = |name| child.attribute(name).map(|it| it.value()).unwrap_or_default();
        let is_there = told("path").trim_matches('/').eq_ignore_ascii_case(&location);
        child.name() == "location" && is_there && told("overrideMode") == "Allow"
    });
    locations.next().map(|found| found.id())
}
