//! Owns the reading of an XML configuration file into elements that know their place.
//!
//! Does not own what any element means, does not write, and never loads anything a document
//! refers to: document type declarations are refused, so there are no entities to expand.

use std::path::Path;
use std::sync::Arc;

use crate::encoding;
use crate::error::Error;
use crate::place::{Place, Source};

/// The largest file read. The `applicationHost.config` of a crowded shared host takes a few MB; IIS
/// itself refuses a `web.config` beyond 250 KB (`MaxWebConfigFileSizeInKB`).
pub const DOCUMENT_BYTES_MAX: u64 = 16 * 1024 * 1024;
/// The most elements, attributes and texts in one file: far above what 16 MB of real settings hold.
pub const DOCUMENT_NODES_MAX: u32 = 1_000_000;
/// The deepest nesting. IIS's own schema needs 9.
pub const DOCUMENT_DEPTH_MAX: usize = 64;

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
    let bytes = std::fs::read(path).map_err(Error::io(path))?;
    if bytes.len() as u64 > DOCUMENT_BYTES_MAX {
        let message = format!("larger than {DOCUMENT_BYTES_MAX} bytes: {}", bytes.len());
        return Err(Error::Encoding { path: path.to_owned(), message });
    }
    decode(path, &bytes)
}

/// Decodes a file's bytes and returns its root element.
///
/// # Errors
/// When they are no text or no well-formed XML.
pub fn decode(path: &Path, bytes: &[u8]) -> Result<Element, Error> {
    let text = encoding::decode(bytes)
        .map_err(|message| Error::Encoding { path: path.to_owned(), message })?;
    parse(Source::new(path, text))
}

/// Parses a text and returns its root element.
///
/// # Errors
/// When it is no well-formed XML, or nested too deep.
pub fn parse(source: Arc<Source>) -> Result<Element, Error> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: DOCUMENT_NODES_MAX,
        ..Default::default()
    };
    let tree =
        roxmltree::Document::parse_with_options(source.text(), options).map_err(|error| {
            let place = source.place(offset_of(source.text(), error.pos()));
            Error::content(place, xml_message(&error))
        })?;
    Element::build(&source, tree.root_element(), 0)
}

/// The parser's message in our form: lower case, without the position that we show ourselves.
fn xml_message(error: &roxmltree::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at ").map_or(message.as_str(), |(text, _)| text);
    format!("not well-formed XML: {message}")
}

fn offset_of(text: &str, position: roxmltree::TextPos) -> usize {
    let line = (position.row as usize).saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let column = (position.col as usize).saturating_sub(1);
    text[start..].char_indices().nth(column).map_or(text.len(), |(at, _)| start + at)
}

impl Element {
    fn build(
        source: &Arc<Source>,
        node: roxmltree::Node<'_, '_>,
        depth: usize,
    ) -> Result<Element, Error> {
        if depth > DOCUMENT_DEPTH_MAX {
            let message = format!("nested deeper than {DOCUMENT_DEPTH_MAX} elements");
            return Err(Error::content(source.place(node.range().start), message));
        }
        let attributes = node.attributes().map(|attribute| Attribute {
            name: attribute.name().to_owned(),
            value: attribute.value().to_owned(),
            offset: attribute.range().start,
            value_offset: attribute.range_value().start,
        });
        Ok(Element {
            source: Arc::clone(source),
            offset: node.range().start,
            name: node.tag_name().name().to_owned(),
            attributes: attributes.collect(),
            children: node
                .children()
                .filter(roxmltree::Node::is_element)
                .map(|child| Element::build(source, child, depth + 1))
                .collect::<Result<_, _>>()?,
        })
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
