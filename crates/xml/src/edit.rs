//! Owns changing a document: attributes set and removed, elements put in, taken out, and their texts.
//!
//! Does not own how what is new is laid out (`layout`). Each edit replaces a span of the text and
//! reads it all again; if that fails, the document stays as it was.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::characters::{is_blank, trim_end};
use crate::document::{Document, ElementId};
use crate::error::Error;
use crate::limits::DOCUMENT_BYTES_MAX;
use crate::new_element::NewElement;
use crate::references;
use crate::tree::{self, Node};

/// Where a new element comes to stand in its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Behind everything that is there.
    End,
    /// Before everything that is there.
    Start,
    /// Behind one of the children, and behind a comment in its line.
    After(ElementId),
    /// Before one of the children, and before comments in front of it.
    Before(ElementId),
}

impl Document {
    /// Gives an attribute a value: in its place if it is there, else behind the others. Nothing
    /// changes if it has that value.
    ///
    /// # Errors
    /// When the element is gone, or XML has no such name or value.
    pub fn set_attribute(
        &mut self,
        element: ElementId,
        name: &str,
        value: &str,
    ) -> Result<(), Error> {
        let node = self.node(element)?;
        let found = node.attributes.iter().find(|span| self.text[span.name.clone()] == *name);
        if let Some(span) = found {
            let span = span.value.clone();
            if references::attribute_value(&self.text[span.clone()]) == value {
                return Ok(());
            }
            let quote = if self.text[..span.start].ends_with('\'') { '\'' } else { '"' };
            let written = references::write_attribute(value, quote, self.encoding)?;
            return self.replace(span, &written, Numbering::Same);
        }
        let name = references::name(name, self.encoding)?;
        let (at, quote) = match node.attributes.last() {
            Some(last) => {
                let quote = self.text[last.value.end..].chars().next().unwrap_or('"');
                (last.value.end + quote.len_utf8(), quote)
            }
            None => (node.name.end, '"'),
        };
        let value = references::write_attribute(value, quote, self.encoding)?;
        let separator = self.attribute_separator(node);
        let written = format!("{separator}{name}={quote}{value}{quote}");
        self.replace(at..at, &written, Numbering::Same)
    }

    /// Takes an attribute away, with the white space before it; tells whether it was there.
    ///
    /// # Errors
    /// When the element is gone.
    pub fn remove_attribute(&mut self, element: ElementId, name: &str) -> Result<bool, Error> {
        let node = self.node(element)?;
        let found = node.attributes.iter().find(|span| self.text[span.name.clone()] == *name);
        let Some(span) = found else { return Ok(false) };
        let start = trim_end(&self.text[..span.name.start]).len();
        let end = span.value.end + 1;
        self.replace(start..end, "", Numbering::Same).map(|()| true)
    }

    /// Puts an element into another one, on a line of its own if its siblings have theirs, and
    /// returns its id. Nothing else moves.
    ///
    /// # Errors
    /// When the parent or the sibling is gone, they do not belong together, or XML has no such name
    /// or value.
    pub fn insert(
        &mut self,
        parent: ElementId,
        place: Place,
        element: &NewElement,
    ) -> Result<ElementId, Error> {
        let number = self.number(parent)?;
        let node = &self.nodes[number];
        let (at, first) = match place {
            Place::End => (self.content_end(node), node.next),
            Place::Start => (self.line_rest_end(node.content.start, node), number + 1),
            Place::After(sibling) => self.behind(number, sibling)?,
            Place::Before(sibling) => self.before(number, sibling)?,
        };
        let rest = self.text[at..node.content.end].trim_start_matches([' ', '\t']);
        let ends_line = rest.is_empty() || rest.starts_with(['\r', '\n']);
        let separator = if ends_line { self.separator(node) } else { String::new() };
        let mut written = separator.clone();
        element.write(self.encoding, &separator, self.indent_unit(), &mut written)?;
        let numbering = Numbering::Inserted(first);
        if node.is_empty_tag {
            // `<a />` becomes `<a>…</a>`.
            let tag = &self.text[node.span.clone()];
            let start = node.span.start + trim_end(&tag[..tag.len() - 2]).len();
            let name = &self.text[node.name.clone()];
            let end = self.closing_separator(node, &separator);
            written = format!(">{written}{end}</{name}>");
            self.replace(start..node.span.end, &written, numbering)?;
        } else {
            if node.content.is_empty() {
                written.push_str(&self.closing_separator(node, &separator));
            }
            self.replace(at..at, &written, numbering)?;
        }
        Ok(self.ids[first])
    }

    /// Takes an element out; its line goes with it if it stands alone there.
    ///
    /// # Errors
    /// When it is gone already, or is the root.
    pub fn remove(&mut self, element: ElementId) -> Result<(), Error> {
        let number = self.number(element)?;
        let node = &self.nodes[number];
        if node.parent.is_none() {
            return Err(Error::UsageEdit("a document cannot be without its root".to_owned()));
        }
        let mut span = node.span.clone();
        let before = self.text[..span.start].trim_end_matches([' ', '\t']);
        let behind = self.text[span.end..].trim_start_matches([' ', '\t']);
        let ends_line = behind.starts_with(['\r', '\n']) || behind.starts_with("</");
        if before.ends_with('\n') && ends_line {
            let before = &before[..before.len() - 1];
            span.start = before.strip_suffix('\r').unwrap_or(before).len();
        }
        let numbering = Numbering::Removed(number..node.next);
        self.replace(span, "", numbering)
    }

    /// Makes `<a>…</a>` one tag, `<a />`, if nothing but white space is in it; tells whether it did.
    ///
    /// # Errors
    /// When the element is gone.
    pub fn collapse(&mut self, element: ElementId) -> Result<bool, Error> {
        let node = self.node(element)?;
        if node.is_empty_tag || !is_blank(&self.text[node.content.clone()]) {
            return Ok(false);
        }
        let span = node.content.start - 1..node.span.end;
        let is_spaced = self.text[..span.start].ends_with([' ', '\t', '\n']);
        let written = if is_spaced { "/>" } else { " />" };
        self.replace(span, written, Numbering::Same).map(|()| true)
    }

    /// Gives an element a text in place of all that is in it.
    ///
    /// # Errors
    /// When the element is gone, has children, or XML has no such text.
    pub fn set_text(&mut self, element: ElementId, text: &str) -> Result<(), Error> {
        let number = self.number(element)?;
        let node = &self.nodes[number];
        if node.next > number + 1 {
            return Err(Error::UsageEdit("an element with children gets no text".to_owned()));
        }
        let mut written = references::write_text(text, self.encoding)?;
        let mut span = node.content.clone();
        if node.is_empty_tag {
            let tag = &self.text[node.span.clone()];
            span = node.span.start + trim_end(&tag[..tag.len() - 2]).len()..node.span.end;
            written = format!(">{written}</{}>", &self.text[node.name.clone()]);
        }
        self.replace(span, &written, Numbering::Same)
    }

    fn number(&self, element: ElementId) -> Result<usize, Error> {
        let number = self.numbers.get(element.0).copied().flatten();
        number.ok_or_else(|| Error::UsageEdit("the element was removed before".to_owned()))
    }

    fn node(&self, element: ElementId) -> Result<&Node, Error> {
        self.number(element).map(|number| &self.nodes[number])
    }

    /// Behind the last thing in an element that is not white space.
    fn content_end(&self, node: &Node) -> usize {
        node.content.start + trim_end(&self.text[node.content.clone()]).len()
    }

    /// Behind the comments that follow in the same line within a parent.
    fn line_rest_end(&self, at: usize, parent: &Node) -> usize {
        let rest = &self.text[at..parent.content.end];
        let mut end = 0;
        loop {
            let blank = rest[end..].len() - rest[end..].trim_start_matches([' ', '\t']).len();
            let content = rest[end + blank..].strip_prefix("<!--");
            match content.and_then(|content| Some(&content[..content.find("-->")?])) {
                Some(comment) if !comment.contains('\n') => {
                    end += blank + "<!--".len() + comment.len() + "-->".len();
                }
                _ => return at + end,
            }
        }
    }

    /// Where a sibling ends, and the number of the element that comes next.
    fn behind(&self, parent: usize, sibling: ElementId) -> Result<(usize, usize), Error> {
        let sibling = self.child_of(parent, sibling)?;
        let node = &self.nodes[sibling];
        Ok((self.line_rest_end(node.span.end, &self.nodes[parent]), node.next))
    }

    /// Behind what comes before a sibling: another one, or the parent's tag.
    fn before(&self, parent: usize, sibling: ElementId) -> Result<(usize, usize), Error> {
        let sibling = self.child_of(parent, sibling)?;
        let node = &self.nodes[parent];
        let earlier = (parent + 1..sibling).rfind(|&n| self.nodes[n].parent == Some(parent));
        let at = earlier.map_or(node.content.start, |earlier| self.nodes[earlier].span.end);
        Ok((self.line_rest_end(at, node), sibling))
    }

    fn child_of(&self, parent: usize, sibling: ElementId) -> Result<usize, Error> {
        let sibling = self.number(sibling)?;
        if self.nodes[sibling].parent == Some(parent) {
            return Ok(sibling);
        }
        Err(Error::UsageEdit("the sibling stands in another element".to_owned()))
    }

    /// Replaces a span of the text, reads it again, and carries the ids over.
    fn replace(
        &mut self,
        span: Range<usize>,
        with: &str,
        numbering: Numbering,
    ) -> Result<(), Error> {
        let len = self.text.len() - span.len() + with.len();
        if len > DOCUMENT_BYTES_MAX {
            let message = format!("it would be larger than {DOCUMENT_BYTES_MAX} bytes");
            return Err(Error::UsageEdit(message));
        }
        let mut text = String::with_capacity(len);
        text.push_str(&self.text[..span.start]);
        text.push_str(with);
        text.push_str(&self.text[span.end..]);
        let nodes = tree::read(&text)?;
        match numbering {
            Numbering::Same => {}
            Numbering::Inserted(first) => {
                let added = nodes.len() - self.nodes.len();
                let fresh = (self.numbers.len()..self.numbers.len() + added).map(ElementId);
                let fresh: Vec<ElementId> = fresh.collect();
                self.numbers.resize(self.numbers.len() + added, None);
                self.ids.splice(first..first, fresh);
            }
            Numbering::Removed(range) => {
                for id in self.ids.drain(range) {
                    self.numbers[id.0] = None;
                }
            }
        }
        for (number, id) in self.ids.iter().enumerate() {
            self.numbers[id.0] = Some(number);
        }
        (self.text, self.nodes) = (text, nodes);
        Ok(())
    }
}

/// What an edit does to the order of the elements.
#[derive(Debug)]
enum Numbering {
    /// Nothing.
    Same,
    /// New elements come from this number on.
    Inserted(usize),
    /// The elements of these numbers go.
    Removed(Range<usize>),
}
