//! Owns changing `<appSettings>` of a `web.config`: one setting comes or goes.
//!
//! Does not own what the settings mean. (They are .NET's, so the table of IIS's collections has none.)

use xml::{ElementId, NewElement, Place};

use crate::editor::Editor;
use crate::error::Error;

const SECTION: &str = "appSettings";

/// The value of a setting, whatever the case of its name.
pub(super) fn get(editor: &mut Editor, name: &str) -> Option<String> {
    find(editor, name).map(|(_, value)| value)
}

/// Adds a setting if it is not there; tells whether it did.
pub(super) fn add(editor: &mut Editor, name: &str, value: &str) -> Result<bool, Error> {
    if find(editor, name).is_some() {
        return Ok(false);
    }
    let section = editor.section(SECTION, None)?;
    let new = NewElement::new("add").attribute("key", name).attribute("value", value);
    let path = editor.path().to_owned();
    editor.document().insert(section, Place::End, &new).map_err(Error::xml(&path))?;
    Ok(true)
}

/// Takes a setting out, and the section with the last one; returns its value.
pub(super) fn take(editor: &mut Editor, name: &str) -> Result<Option<String>, Error> {
    let Some((item, value)) = find(editor, name) else { return Ok(None) };
    let path = editor.path().to_owned();
    editor.document().remove(item).map_err(Error::xml(&path))?;
    if let Some(section) = editor.find(SECTION, None) {
        editor.remove_empty(section)?;
    }
    Ok(Some(value))
}

fn find(editor: &mut Editor, name: &str) -> Option<(ElementId, String)> {
    let section = editor.find(SECTION, None)?;
    let section = editor.document().element(section)?;
    section.children().find_map(|item| {
        let is_meant = item.name() == "add"
            && item.attribute("key").is_some_and(|key| key.value().eq_ignore_ascii_case(name));
        let value = || item.attribute("value").map(|it| it.value()).unwrap_or_default();
        is_meant.then(|| (item.id(), value()))
    })
}
