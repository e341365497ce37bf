//! Owns the reading of an XML configuration file into elements that know their place.
//!
//! Does not own XML (`xml` does), nor what any element means, and does not write (`editor` does).

use std::path::Path;
use std::sync::Arc;

use crate::error::Error;
use crate::place::{Place, Source};

/// An element with its attributes and child elements.
#[derive(Debug, Clone)]
pub struct Element {
    source: Arc<Source>,
    offset: usize,
    name: String,
    attributes: Vec<Attribute>,
    children: Vec<Element>,
}

/// An attribute as written, entities resolved.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// Where the name starts.
    offset: usize,
    /// Where the value starts, after the quote.
    value_offset: usize,
}

/// Reads a file and returns its root element.
///
/// # Errors
/// When the file cannot be read, is no text, or is no well-formed XML.
pub fn load(path: &Path) -> Result<Element, Error> {
    decode(path, &std::fs::read(path).map_err(Error::io(path))?)
}

/// Decodes a file's bytes and returns its root element.
///
/// # Errors
/// When they are no text, no well-formed XML, or go beyond one of XML's limits.
pub fn decode(path: &Path, bytes: &[u8]) -> Result<Element, Error> {
    let document = xml::Document::parse(bytes).map_err(Error::xml(path))?;
    Ok(Element::of(path, &document))
}

/// Parses a text and returns its root element.
///
/// # Errors
/// When it is no well-formed XML, or nested too deep.
pub fn parse(source: Arc<Source>) -> Result<Element, Error> {
    let parsed = xml::Document::parse(source.text().as_bytes());
    let document = parsed.map_err(Error::xml(source.path()))?;
    Ok(Element::build(&source, document.root()))
}

impl Element {
    /// The root element of a document that was read from a file.
    pub(crate) fn of(path: &Path, document: &xml::Document) -> Self {
        Element::build(&Source::new(path, document.text()), document.root())
    }

    fn build(source: &Arc<Source>, element: xml::Element<'_>) -> Self {
        // Namespaces are no settings.
        let is_setting = |name: &str| name != "xmlns" && !name.starts_with("xmlns:");
        let settings = element.attributes().filter(|attribute| is_setting(attribute.name()));
        let attributes = settings.map(|attribute| Attribute {
            name: attribute.local_name().to_owned(),
            value: attribute.value(),
            offset: attribute.name_span().start,
            value_offset: attribute.value_span().start,
        });
        Element {
            source: Arc::clone(source),
            offset: element.span().start,
            name: element.local_name().to_owned(),
            attributes: attributes.collect(),
            children: element.children().map(|child| Element::build(source, child)).collect(),
        }
    }

    /// The same with other children.
    ///
    /// # Errors
    /// Those of `change`.
    pub(crate) fn map_children(
        mut self,
        change: &impl Fn(Element) -> Result<Element, Error>,
    ) -> Result<Element, Error> {
        self.children = self.children.into_iter().map(change).collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// The element's name without a namespace prefix.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file it was read from.
    pub fn path(&self) -> &Path {
        self.source.path()
    }

    /// Where the element starts.
    pub fn place(&self) -> Place {
        self.source.place(self.offset)
    }

    /// The attributes in document order.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// The value of an attribute; names are case-sensitive, as in IIS.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.name == name).map(|a| a.value.as_str())
    }

    /// Where an attribute's value starts; the element's start when it has no such attribute.
    pub fn attribute_place(&self, name: &str) -> Place {
        let attribute = self.attributes.iter().find(|a| a.name == name);
        self.source.place(attribute.map_or(self.offset, |a| a.value_offset))
    }

    /// Where an attribute's name starts; the element's start when it has no such attribute.
    pub fn attribute_name_place(&self, name: &str) -> Place {
        let attribute = self.attributes.iter().find(|a| a.name == name);
        self.source.place(attribute.map_or(self.offset, |a| a.offset))
    }

    /// The child elements in document order.
    pub fn children(&self) -> impl Iterator<Item = &Element> {
        self.children.iter()
    }

    /// The first child of that name.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The element at a path of child names, such as `system.webServer/handlers`.
    pub fn descendant(&self, path: &str) -> Option<&Element> {
        path.split('/').try_fold(self, |element, name| element.child(name))
    }

    /// Makes an error about this element.
    pub fn error(&self, message: impl Into<String>) -> Error {
        Error::content(self.place(), message)
    }

    /// Makes an error about one of its attributes.
    pub fn attribute_error(&self, name: &str, message: impl Into<String>) -> Error {
        Error::content(self.attribute_place(name), message)
    }
}

#[cfg(test)]
#[path = "document_tests.rs"]
mod tests;
