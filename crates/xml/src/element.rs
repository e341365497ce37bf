//! Owns what can be seen of an element: name, attributes, children, text, and where all that stands.
//!
//! Does not own changing it (`edit`).

use alloc::string::String;
use core::ops::Range;

use crate::characters::is_blank;
use crate::document::{Document, ElementId};
use crate::error::Position;
use crate::references;
use crate::scanner::{AttributeSpan, Piece, Scanner};
use crate::tree::Node;

/// An element of a [`Document`].
#[derive(Debug, Clone, Copy)]
pub struct Element<'a> {
    document: &'a Document,
    number: usize,
}

/// An attribute of an [`Element`].
#[derive(Debug, Clone, Copy)]
pub struct Attribute<'a> {
    document: &'a Document,
    span: &'a AttributeSpan,
}

impl<'a> Element<'a> {
    pub(crate) fn new(document: &'a Document, number: usize) -> Self {
        Element { document, number }
    }

    pub(crate) fn node(&self) -> &'a Node {
        &self.document.nodes[self.number]
    }

    /// The name by which edits know it.
    pub fn id(&self) -> ElementId {
        self.document.ids[self.number]
    }

    /// The name as written, with its prefix if it has one.
    pub fn name(&self) -> &'a str {
        &self.document.text[self.node().name.clone()]
    }

    /// The name without a prefix.
    pub fn local_name(&self) -> &'a str {
        local(self.name())
    }

    /// Where it stands in the document's text, both tags included.
    pub fn span(&self) -> Range<usize> {
        self.node().span.clone()
    }

    /// Where it begins.
    pub fn position(&self) -> Position {
        self.document.position(self.node().span.start)
    }

    /// All attributes in the order of the text.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let document = self.document;
        self.node().attributes.iter().map(move |span| Attribute { document, span })
    }

    /// The attribute of that name; case counts.
    pub fn attribute(&self, name: &str) -> Option<Attribute<'a>> {
        self.attributes().find(|attribute| attribute.name() == name)
    }

    /// The element around it; `None` for the root.
    pub fn parent(&self) -> Option<Element<'a>> {
        self.node().parent.map(|number| Element::new(self.document, number))
    }

    /// The elements in it, not those in them.
    pub fn children(&self) -> impl Iterator<Item = Element<'a>> + use<'a> {
        let document = self.document;
        let end = self.node().next;
        let first = Some(self.number + 1).filter(|number| *number < end);
        let next =
            move |number: &usize| Some(document.nodes[*number].next).filter(|number| *number < end);
        core::iter::successors(first, next).map(move |number| Element::new(document, number))
    }

    /// The first child of that name; case counts.
    pub fn child(&self, name: &str) -> Option<Element<'a>> {
        self.children().find(|child| child.name() == name)
    }

    /// The element at a path of child names, such as `system.webServer/handlers`.
    pub fn descendant(&self, path: &str) -> Option<Element<'a>> {
        path.split('/').try_fold(*self, |element, name| element.child(name))
    }

    /// Whether nothing is in it but white space: no element, no text, no comment.
    pub fn is_empty(&self) -> bool {
        is_blank(&self.document.text[self.node().content.clone()])
    }

    /// The text in it, not that of its children; references resolved, comments left out.
    pub fn text(&self) -> String {
        let text = &self.document.text;
        let mut value = String::new();
        let mut at = self.node().content.start;
        let ends = self.children().map(|child| (child.span().start, child.span().end));
        let end = self.node().content.end;
        for (until, next) in ends.chain([(end, end)]) {
            let mut scanner = Scanner::within(text, at..until);
            while let Ok(Some((span, piece))) = scanner.next() {
                match piece {
                    Piece::Text => references::text_value(&text[span], &mut value),
                    Piece::Literal(content) => value.push_str(&text[content]),
                    _ => {}
                }
            }
            at = next;
        }
        value
    }
}

impl<'a> Attribute<'a> {
    /// The name as written, with its prefix if it has one.
    pub fn name(&self) -> &'a str {
        &self.document.text[self.span.name.clone()]
    }

    /// The name without a prefix.
    pub fn local_name(&self) -> &'a str {
        local(self.name())
    }

    /// The value, references resolved.
    pub fn value(&self) -> String {
        references::attribute_value(self.written())
    }

    /// The value as it is written between the quotes.
    pub fn written(&self) -> &'a str {
        &self.document.text[self.span.value.clone()]
    }

    /// Where the name stands in the document's text.
    pub fn name_span(&self) -> Range<usize> {
        self.span.name.clone()
    }

    /// Where the value stands, without the quotes.
    pub fn value_span(&self) -> Range<usize> {
        self.span.value.clone()
    }

    /// Where the name begins.
    pub fn position(&self) -> Position {
        self.document.position(self.span.name.start)
    }

    /// Where the value begins, behind the quote.
    pub fn value_position(&self) -> Position {
        self.document.position(self.span.value.start)
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}
