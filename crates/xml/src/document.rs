//! Owns a document: its text, where its elements stand, and the numbers by which they are known.
//!
//! Does not own edits (`edit`) nor what an element shows (`element`).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::element::Element;
use crate::encoding::{self, Encoding};
use crate::error::{Error, Position};
use crate::limits::DOCUMENT_BYTES_MAX;
use crate::tree::{self, Node};

/// An element's name tag: good for one document, through all its edits, until the element is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ElementId(pub(crate) usize);

/// An XML document that can be edited.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) text: String,
    pub(crate) encoding: Encoding,
    pub(crate) nodes: Vec<Node>,
    /// The id of each node.
    pub(crate) ids: Vec<ElementId>,
    /// The node of each id; `None` once it is removed.
    pub(crate) numbers: Vec<Option<usize>>,
}

impl Document {
    /// Reads a file's bytes.
    ///
    /// # Errors
    /// When they are no text, no well-formed XML, or go beyond one of the [`limits`](crate::limits).
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > DOCUMENT_BYTES_MAX {
            let message = format!("larger than {DOCUMENT_BYTES_MAX} bytes: {}", bytes.len());
            return Err(Error::Bytes(message));
        }
        let (text, encoding) = encoding::decode(bytes)?;
        let nodes = tree::read(&text)?;
        let ids = (0..nodes.len()).map(ElementId).collect();
        let numbers = (0..nodes.len()).map(Some).collect();
        Ok(Document { text, encoding, nodes, ids, numbers })
    }

    /// The file's bytes. As long as nothing was edited, those that were read.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encoding.encode(&self.text)
    }

    /// The decoded text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How it was encoded, and will be.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The outermost element.
    pub fn root(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    /// An element by its id; `None` when it was removed.
    pub fn element(&self, id: ElementId) -> Option<Element<'_>> {
        let number = *self.numbers.get(id.0)?;
        number.map(|number| Element::new(self, number))
    }

    /// Line and column of a byte of the text.
    pub fn position(&self, offset: usize) -> Position {
        Position::of(&self.text, offset)
    }

    /// The line end that the document uses: that of its first line.
    pub fn line_end(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }
}
