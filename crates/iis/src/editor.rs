//! Owns changing a configuration file by what IIS calls things: sections, items of collections and
//! their keys. All other bytes stay as they are (`xml`).
//!
//! Does not save (`saving`) and decides nothing: whoever calls knows what should stand there.

use std::path::{Path, PathBuf};

use xml::{Document, ElementId, NewElement, Place};

use crate::collection::Shape;
use crate::collections;
use crate::document::Element;
use crate::error::Error;
use crate::site::WEB_CONFIG;

/// What a `web.config` is that does not exist yet: written as IIS does.
const EMPTY: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<configuration>\r\n</configuration>\r\n";

/// A configuration file that is being changed.
#[derive(Debug, Clone)]
pub struct Editor {
    path: PathBuf,
    /// What was read; `None` for a file that is to be made.
    original: Option<Vec<u8>>,
    document: Document,
}

/// What came of adding an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    Inserted,
    /// An item of that key was there and has other attributes now.
    Changed,
    /// It was there already, just so.
    Unchanged,
}

impl Editor {
    /// Reads a file that exists.
    ///
    /// # Errors
    /// When it cannot be read, or its root is not `<configuration>`.
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::parse(path, std::fs::read(path).map_err(Error::io(path))?)
    }

    /// Reads the `web.config` of a folder, or begins one.
    ///
    /// # Errors
    /// When it cannot be read, or its root is not `<configuration>`.
    pub fn web_config(folder: &Path) -> Result<Self, Error> {
        if let Some(found) = crate::site::find_web_config(folder)? {
            return Self::load(&found);
        }
        let path = folder.join(WEB_CONFIG);
        let editor = Self::parse(&path, EMPTY.as_bytes().to_vec())?;
        Ok(Editor { original: None, ..editor })
    }

    /// Takes bytes that were read from a file.
    ///
    /// # Errors
    /// When they are no XML, or the root is not `<configuration>`.
    pub fn parse(path: &Path, bytes: Vec<u8>) -> Result<Self, Error> {
        let document = Document::parse(&bytes).map_err(Error::xml(path))?;
        let root = Element::of(path, &document);
        if root.name() != "configuration" {
            let message = format!("the root element must be <configuration>: <{}>", root.name());
            return Err(root.error(message));
        }
        Ok(Editor { path: path.to_owned(), original: Some(bytes), document })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes that were read; `None` for a file that is to be made.
    pub fn original(&self) -> Option<&[u8]> {
        self.original.as_deref()
    }

    /// The bytes as they are to be.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.document.to_bytes()
    }

    /// Whether there is anything to save.
    pub fn is_changed(&self) -> bool {
        self.original.as_ref().is_none_or(|original| *original != self.to_bytes())
    }

    /// What the file says now, for reading.
    pub fn root(&self) -> Element {
        Element::of(&self.path, &self.document)
    }

    /// The document, for what has no name here.
    pub fn document(&mut self) -> &mut Document {
        &mut self.document
    }

    /// Finds a section, such as `system.webServer/handlers`: that of a `<location path>`, or the file's
    /// own, which may also stand in a `<location path="">`, never in both (IIS refuses that).
    pub fn find(&self, section: &str, location: Option<&str>) -> Option<ElementId> {
        let root = self.document.root();
        let own = root.descendant(section).filter(|_| location.is_none());
        let wanted = normal(location.unwrap_or_default());
        let mut locations = root.children().filter(|child| {
            let path = child.attribute("path").map(|path| path.value()).unwrap_or_default();
            child.name() == "location" && normal(&path) == wanted
        });
        own.or_else(|| locations.find_map(|found| found.descendant(section))).map(|it| it.id())
    }

    /// Finds a section or makes it, with the groups around it. `<location>`s stand last in a file.
    ///
    /// # Errors
    /// When the name is none.
    pub fn section(&mut self, section: &str, location: Option<&str>) -> Result<ElementId, Error> {
        if let Some(found) = self.find(section, location) {
            return Ok(found);
        }
        let root = self.document.root();
        let is_location = |element: &xml::Element<'_>| element.name() == "location";
        let first = root.children().find(is_location).map(|found| found.id());
        let root = root.id();
        let parent = match location {
            None => root,
            Some(path) => match self.location(path) {
                Some(found) => found,
                None => {
                    let new = NewElement::new("location").attribute("path", path);
                    self.insert(root, Place::End, &new)?
                }
            },
        };
        let place = match first {
            Some(first) if location.is_none() => Place::Before(first),
            _ => Place::End,
        };
        self.descend(parent, section, place)
    }

    /// Finds an element below another or makes it, with those on the way.
    ///
    /// # Errors
    /// When a name is none.
    pub fn child(&mut self, element: ElementId, path: &str) -> Result<ElementId, Error> {
        self.descend(element, path, Place::End)
    }

    fn descend(&mut self, from: ElementId, path: &str, first: Place) -> Result<ElementId, Error> {
        let (mut at, mut place) = (from, first);
        for name in path.split('/') {
            let found = self.document.element(at).and_then(|element| element.child(name));
            at = match found.map(|found| found.id()) {
                Some(found) => found,
                None => self.insert(at, place, &NewElement::new(name))?,
            };
            place = Place::End;
        }
        Ok(at)
    }

    /// Adds an item to a collection, or gives the one that has its key the same attributes; others
    /// that this one has stay. `collection` is where the schema knows it, such as
    /// `system.webServer/handlers`; `element` is where it stands here.
    ///
    /// # Errors
    /// When XML has no such name or value.
    pub fn add(
        &mut self,
        collection: &str,
        element: ElementId,
        item: &[(&str, &str)],
        place: Place,
    ) -> Result<Added, Error> {
        let Some(shape) = collections::of(collection).next().map(|found| found.shape) else {
            return Err(Error::absent(&self.path, format!("<{collection}> is no collection")));
        };
        if let Some(found) = self.item(element, shape, item) {
            let before = self.document.text().len();
            let old = self.document.text().to_owned();
            for (name, value) in item {
                self.document.set_attribute(found, name, value).map_err(Error::xml(&self.path))?;
            }
            let is_same = before == self.document.text().len() && old == self.document.text();
            return Ok(if is_same { Added::Unchanged } else { Added::Changed });
        }
        let new = NewElement::new(shape.add);
        let new = item.iter().fold(new, |new, (name, value)| new.attribute(name, value));
        self.insert(element, place, &new)?;
        Ok(Added::Inserted)
    }

    /// Takes the item of a key out of a collection; what is empty then is one tag. Tells whether it was
    /// there.
    ///
    /// # Errors
    /// When the element is gone.
    pub fn remove(
        &mut self,
        collection: &str,
        element: ElementId,
        key: &[(&str, &str)],
    ) -> Result<bool, Error> {
        let shape = collections::of(collection).next().map(|found| found.shape);
        let Some(found) = shape.and_then(|shape| self.item(element, shape, key)) else {
            return Ok(false);
        };
        let document = &mut self.document;
        let done = document.remove(found).and_then(|()| document.collapse(element));
        done.map(|_| true).map_err(Error::xml(&self.path))
    }

    /// Takes an element out if it holds nothing, not even an attribute, and then those around it. What
    /// was made for an item goes with it so; whether it was made for it only the caller can know.
    ///
    /// # Errors
    /// When the element is gone.
    pub fn remove_empty(&mut self, element: ElementId) -> Result<(), Error> {
        let mut at = Some(element);
        while let Some(found) = at.and_then(|id| self.document.element(id)) {
            let parent = found.parent().map(|parent| parent.id());
            let is_bare = found.is_empty() && found.attributes().next().is_none();
            if !is_bare || parent.is_none() {
                break;
            }
            let id = found.id();
            self.document.remove(id).map_err(Error::xml(&self.path))?;
            at = parent;
        }
        Ok(())
    }

    /// The item of a collection that has the same key.
    pub fn item_of(
        &self,
        collection: &str,
        element: ElementId,
        key: &[(&str, &str)],
    ) -> Option<ElementId> {
        let shape = collections::of(collection).next()?.shape;
        self.item(element, shape, key)
    }

    fn item(&self, element: ElementId, shape: Shape, key: &[(&str, &str)]) -> Option<ElementId> {
        let parts = || shape.key.split(',').map(|part| part.split_once('=').unwrap_or((part, "")));
        let alike = |a: &str, b: &str| {
            if shape.case_sensitive { a == b } else { crate::letter_case::alike(a, b) }
        };
        let told = |name: &str, default: &str| {
            let found = key.iter().find(|(other, _)| *other == name);
            found.map_or(default, |(_, value)| *value).to_owned()
        };
        let element = self.document.element(element)?;
        let mut items = element.children().filter(|child| child.name() == shape.add);
        let found = items.find(|item| {
            parts().all(|(name, default)| {
                let has = item.attribute(name).map(|attribute| attribute.value());
                alike(has.as_deref().unwrap_or(default), &told(name, default))
            })
        });
        found.map(|item| item.id())
    }

    /// A `<location>` of a path that holds nothing and says nothing else.
    pub fn empty_location(&self, path: &str) -> Option<ElementId> {
        let found = self.document.root().children().find(|child| {
            let told = child.attribute("path").map(|path| path.value()).unwrap_or_default();
            let is_bare = child.is_empty() && child.attributes().count() == 1;
            child.name() == "location" && is_bare && normal(&told) == normal(path)
        });
        found.map(|location| location.id())
    }

    fn location(&self, path: &str) -> Option<ElementId> {
        let found = self.document.root().children().find(|child| {
            let told = child.attribute("path").map(|path| path.value()).unwrap_or_default();
            child.name() == "location" && normal(&told) == normal(path)
        });
        found.map(|location| location.id())
    }

    fn insert(
        &mut self,
        parent: ElementId,
        place: Place,
        new: &NewElement,
    ) -> Result<ElementId, Error> {
        self.document.insert(parent, place, new).map_err(Error::xml(&self.path))
    }
}

/// `.` and nothing are the same, and case says nothing.
fn normal(path: &str) -> String {
    let path = path.trim_matches('/');
    if path == "." { String::new() } else { path.to_lowercase() }
}

#[cfg(test)]
#[path = "editor_tests.rs"]
mod tests;
