//! Owns XML as lines: elements, indentation, escapes, what no XML file can hold.
//!
//! Does not own which elements there are. The `xml` crate edits what people wrote; this writes anew.

use std::fmt::Write as _;

use crate::feed::error::Error;
use crate::feed::model::Text;

/// An XML file on its way.
#[derive(Debug)]
pub(in crate::feed) struct Lines {
    text: String,
    depth: usize,
    /// The first text that cannot be written.
    refused: Option<Error>,
}

impl Default for Lines {
    fn default() -> Self {
        let text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned();
        Lines { text, depth: 0, refused: None }
    }
}

impl Lines {
    /// The file's bytes.
    pub(in crate::feed) fn finish(self) -> Result<Vec<u8>, Error> {
        match self.refused {
            Some(error) => Err(error),
            None => Ok(self.text.into_bytes()),
        }
    }

    /// An element's beginning, on a line of its own.
    pub(in crate::feed) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str(">\n");
        self.depth += 1;
    }

    /// An element's end.
    pub(in crate::feed) fn close(&mut self, name: &str) {
        self.depth -= 1;
        self.indent();
        let _ = writeln!(self.text, "</{name}>");
    }

    /// An element without anything in it.
    pub(in crate::feed) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str(" />\n");
    }

    /// An element with nothing but text in it.
    pub(in crate::feed) fn leaf(&mut self, name: &str, text: &str) {
        self.leaf_with(name, &[], text);
    }

    /// The same, where there is something.
    pub(in crate::feed) fn maybe(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.leaf(name, text);
        }
    }

    /// A text that may be translated.
    pub(in crate::feed) fn text(&mut self, name: &str, text: &Text) {
        let resource = text.resource.as_deref().map(|value| ("resourceName", value));
        self.leaf_with(name, resource.as_slice(), &text.text);
    }

    /// The same, with one attribute more.
    pub(in crate::feed) fn labelled(&mut self, name: &str, first: (&str, &str), text: &Text) {
        let mut attributes = vec![first];
        attributes.extend(text.resource.as_deref().map(|value| ("resourceName", value)));
        self.leaf_with(name, &attributes, &text.text);
    }

    /// A list; nothing when it is empty.
    pub(in crate::feed) fn list<T>(&mut self, name: &str, items: &[T], each: fn(&mut Self, &T)) {
        if items.is_empty() {
            return;
        }
        self.open(name, &[]);
        for item in items {
            each(self, item);
        }
        self.close(name);
    }

    pub(in crate::feed) fn leaf_with(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        text: &str,
    ) {
        if text.is_empty() {
            return self.empty(name, attributes);
        }
        self.tag(name, attributes);
        self.text.push('>');
        self.escape(text, false);
        let _ = writeln!(self.text, "</{name}>");
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.indent();
        let _ = write!(self.text, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.text, " {name}=\"");
            self.escape(value, true);
            self.text.push('"');
        }
    }

    fn indent(&mut self) {
        for _ in 0..self.depth {
            self.text.push_str("  ");
        }
    }

    fn escape(&mut self, text: &str, is_attribute: bool) {
        for c in text.chars() {
            match c {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' if is_attribute => self.text.push_str("&quot;"),
                '\t' | '\n' if !is_attribute => self.text.push(c),
                // A reader makes a space or a line end of them, unless they are written so.
                '\t' | '\n' | '\r' => {
                    let _ = write!(self.text, "&#{};", u32::from(c));
                }
                // XML 1.0, production 2.
                '\0'..' ' | '\u{fffe}' | '\u{ffff}' => {
                    let error = Error::Character { character: u32::from(c), text: text.to_owned() };
                    self.refused.get_or_insert(error);
                }
                c => self.text.push(c),
            }
        }
    }
}
