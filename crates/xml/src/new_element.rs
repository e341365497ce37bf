//! Owns elements that are not written yet.
//!
//! Does not own where they come to stand (`edit`) and how far they are indented there (`layout`).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::encoding::Encoding;
use crate::error::Error;
use crate::references;

/// An element to be put into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewElement {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<NewElement>,
}

impl NewElement {
    /// An element without anything.
    pub fn new(name: &str) -> Self {
        NewElement { name: name.to_owned(), attributes: Vec::new(), children: Vec::new() }
    }

    /// The same with one attribute more; the value as it is meant, not as it is written.
    #[must_use]
    pub fn attribute(mut self, name: &str, value: &str) -> Self {
        self.attributes.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with one child more.
    #[must_use]
    pub fn child(mut self, child: NewElement) -> Self {
        self.children.push(child);
        self
    }

    /// Writes it as IIS does: `<name attribute="value" />`, children on lines of their own.
    pub(crate) fn write(
        &self,
        encoding: Encoding,
        separator: &str,
        unit: &str,
        out: &mut String,
    ) -> Result<(), Error> {
        let name = references::name(&self.name, encoding)?;
        out.push('<');
        out.push_str(name);
        for (name, value) in &self.attributes {
            out.push(' ');
            out.push_str(references::name(name, encoding)?);
            out.push_str("=\"");
            out.push_str(&references::write_attribute(value, '"', encoding)?);
            out.push('"');
        }
        if self.children.is_empty() {
            out.push_str(" />");
            return Ok(());
        }
        out.push('>');
        // Without a separator all stands on one line.
        let unit = if separator.is_empty() { "" } else { unit };
        let inner = [separator, unit].concat();
        for child in &self.children {
            out.push_str(&inner);
            child.write(encoding, &inner, unit, out)?;
        }
        out.push_str(separator);
        out.push_str("</");
        out.push_str(name);
        out.push('>');
        Ok(())
    }
}
