//! Owns the changes that mend a finding without harm: what they are, and making them in a file's bytes.
//!
//! Does not save, nor decide which are safe (each rule does).

use std::path::Path;

use xml::{ElementId, NewElement, Place as At};

use crate::editor::Editor;
use crate::error::Error;
use crate::place::Place;

/// A change of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Gives an element an attribute.
    Set {
        /// Where the element starts.
        element: Place,
        /// The attribute.
        attribute: String,
        /// Its value.
        value: String,
    },
    /// Writes an attribute's name as IIS does.
    Rename {
        /// Where the element starts.
        element: Place,
        /// The name as it is written.
        from: String,
        /// The name as it should be.
        to: String,
    },
    /// Takes an element out.
    Remove {
        /// Where it starts.
        element: Place,
    },
    /// Puts a `<remove>` before an element.
    RemoveBefore {
        /// Where the element starts.
        element: Place,
        /// The key.
        key: Vec<(String, String)>,
    },
    /// Gives a section of the whole site an attribute.
    SetIn {
        /// The section.
        section: &'static str,
        /// The attribute.
        attribute: &'static str,
        /// Its value.
        value: String,
    },
    /// Puts elements into a section of the whole site: at its start, or its end.
    Insert {
        /// The section, or an element in one.
        section: &'static str,
        /// Each element's name and attributes.
        elements: Vec<(&'static str, Vec<(&'static str, String)>)>,
        /// Whether they come first.
        is_first: bool,
    },
}

/// The bytes of a file with all these changes.
///
/// # Errors
/// When the file is no XML, or an element is not where it was found.
pub fn mended<'a>(
    path: &Path,
    bytes: &[u8],
    edits: impl IntoIterator<Item = &'a Edit>,
) -> Result<Vec<u8>, Error> {
    let mut editor = Editor::parse(path, bytes.to_vec())?;
    // Ids outlive edits, places do not.
    let found: Vec<(&Edit, Option<ElementId>)> = edits
        .into_iter()
        .map(|edit| (edit, edit.place().and_then(|at| element(&editor, at))))
        .collect();
    for (edit, id) in found {
        make(&mut editor, edit, id)?;
    }
    Ok(editor.to_bytes())
}

impl Edit {
    /// Whether it changes this file. What is put into a section is for the site's own.
    pub fn is_in(&self, path: &Path) -> bool {
        self.place().is_none_or(|place| place.path == path)
    }

    fn place(&self) -> Option<&Place> {
        match self {
            Self::Set { element, .. }
            | Self::Rename { element, .. }
            | Self::Remove { element }
            | Self::RemoveBefore { element, .. } => Some(element),
            Self::SetIn { .. } | Self::Insert { .. } => None,
        }
    }
}

/// The element that starts at a place.
fn element(editor: &Editor, at: &Place) -> Option<ElementId> {
    let mut editor = editor.clone();
    let document = editor.document();
    let mut open = vec![document.root()];
    while let Some(next) = open.pop() {
        let position = next.position();
        if (position.line, position.column) == (at.line as usize, at.column as usize) {
            return Some(next.id());
        }
        open.extend(next.children());
    }
    None
}

fn make(editor: &mut Editor, edit: &Edit, id: Option<ElementId>) -> Result<(), Error> {
    let path = editor.path().to_owned();
    let gone = || Error::absent(&path, "an element is not where it was found");
    match edit {
        Edit::Set { attribute, value, .. } => {
            let id = id.ok_or_else(gone)?;
            editor.document().set_attribute(id, attribute, value).map_err(Error::xml(&path))
        }
        Edit::Rename { from, to, .. } => {
            let id = id.ok_or_else(gone)?;
            let document = editor.document();
            let value = document.element(id).and_then(|e| Some(e.attribute(from)?.value()));
            let value = value.ok_or_else(gone)?;
            document.remove_attribute(id, from).map_err(Error::xml(&path))?;
            document.set_attribute(id, to, &value).map_err(Error::xml(&path))
        }
        Edit::Remove { .. } => {
            let id = id.ok_or_else(gone)?;
            editor.document().remove(id).map_err(Error::xml(&path))
        }
        Edit::RemoveBefore { key, .. } => {
            let id = id.ok_or_else(gone)?;
            let document = editor.document();
            let parent = document.element(id).and_then(|e| e.parent()).ok_or_else(gone)?.id();
            let new = key.iter().fold(NewElement::new("remove"), |new, (k, v)| new.attribute(k, v));
            document.insert(parent, At::Before(id), &new).map(|_| ()).map_err(Error::xml(&path))
        }
        Edit::SetIn { section, attribute, value } => {
            let id = editor.section(section, None)?;
            editor.document().set_attribute(id, attribute, value).map_err(Error::xml(&path))
        }
        Edit::Insert { section, elements, is_first } => {
            let id = editor.section(section, None)?;
            for (name, attributes) in elements {
                let new = NewElement::new(name);
                let new = attributes.iter().fold(new, |new, (k, v)| new.attribute(k, v));
                let place = if *is_first { At::Start } else { At::End };
                editor.document().insert(id, place, &new).map_err(Error::xml(&path))?;
            }
            Ok(())
        }
    }
}
