//! Owns how a document is laid out: on which lines elements stand and how far they are indented.
//!
//! Does not own edits (`edit`), which ask so that what they add looks like what is there.

use alloc::borrow::ToOwned;
use alloc::string::String;

use crate::characters::{is_blank, trim_end};
use crate::document::Document;
use crate::scanner::{Piece, Scanner};
use crate::tree::Node;

/// How far IIS indents each level in the files that it writes.
const INDENT_DEFAULT: &str = "    ";

impl Document {
    /// The white space between a line's start and an element, if nothing else stands before it.
    fn indent(&self, node: &Node) -> Option<&str> {
        let before = &self.text[..node.span.start];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let indent = &before[start..];
        indent.bytes().all(|byte| matches!(byte, b' ' | b'\t')).then_some(indent)
    }

    /// How far a level is indented more than the one around it, as the first element shows that
    /// stands on a line of its own in another one.
    pub(crate) fn indent_unit(&self) -> &str {
        let units = self.nodes.iter().filter_map(|node| {
            let parent = &self.nodes[node.parent?];
            let (inner, outer) = (self.indent(node)?, self.indent(parent)?);
            let unit = inner.strip_prefix(outer)?;
            (!unit.is_empty() && node.span.start > parent.content.start).then_some(unit)
        });
        units.into_iter().next().unwrap_or(INDENT_DEFAULT)
    }

    /// What comes before a new child of an element: a line end and indentation, or nothing where all
    /// stands on one line.
    pub(crate) fn separator(&self, parent: &Node) -> String {
        let content = &self.text[parent.content.clone()];
        let first = self.nodes.iter().find(|node| node.span.start >= parent.content.start);
        match first.filter(|node| node.span.end <= parent.content.end) {
            Some(child) => match self.indent(child) {
                // Its own line: not that of the parent's tag.
                Some(indent)
                    if self.text[parent.content.start..child.span.start].contains('\n') =>
                {
                    [self.line_end(), indent].concat()
                }
                _ => String::new(),
            },
            None => match self.indent(parent) {
                Some(indent) if is_blank(content) || self.holds_lines(parent) => {
                    [self.line_end(), indent, self.indent_unit()].concat()
                }
                _ => String::new(),
            },
        }
    }

    /// Whether an element without children holds comments on lines of their own, and no text.
    fn holds_lines(&self, node: &Node) -> bool {
        let content = node.content.clone();
        let mut scanner = Scanner::within(&self.text, content.clone());
        while let Ok(Some((span, piece))) = scanner.next() {
            let is_text = matches!(piece, Piece::Literal(_));
            if is_text || piece == Piece::Text && !is_blank(&self.text[span]) {
                return false;
            }
        }
        self.text[content].contains('\n')
    }

    /// What comes before the closing tag of an element whose first child gets this separator.
    pub(crate) fn closing_separator(&self, parent: &Node, separator: &str) -> String {
        match self.indent(parent) {
            Some(indent) if !separator.is_empty() => [self.line_end(), indent].concat(),
            _ => String::new(),
        }
    }

    /// What stands between an element's last two attributes, or its name and its only one: what comes
    /// before the next.
    pub(crate) fn attribute_separator(&self, node: &Node) -> String {
        let Some(last) = node.attributes.last() else { return " ".to_owned() };
        let before = &self.text[node.span.start..last.name.start];
        let blank = &before[trim_end(before).len()..];
        // One attribute on a line of its own does not tell how a second would stand.
        let shows = node.attributes.len() > 1 && !blank.is_empty();
        if shows { blank.to_owned() } else { " ".to_owned() }
    }
}
