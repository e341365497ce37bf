//! Owns how elements are nested: where each begins and ends, in the order of the text.
//!
//! Does not own what is cut into pieces (`scanner`) nor what is shown of it (`element`).

use alloc::format;
use alloc::vec::Vec;
use core::ops::Range;

use crate::error::{Error, Position};
use crate::limits::{DEPTH_MAX, ELEMENTS_MAX};
use crate::scanner::{AttributeSpan, Piece, Scanner};

/// An element's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    /// From `<` to behind the last `>`.
    pub(crate) span: Range<usize>,
    pub(crate) name: Range<usize>,
    pub(crate) attributes: Vec<AttributeSpan>,
    /// Between the tags; empty, behind the tag, where one tag is all.
    pub(crate) content: Range<usize>,
    /// Whether it is one tag, `<name />`.
    pub(crate) is_empty_tag: bool,
    pub(crate) parent: Option<usize>,
    /// The number of the first element behind it that is none of its descendants.
    pub(crate) next: usize,
}

/// Reads a text into its elements, the root first, each before its children.
pub(crate) fn read(text: &str) -> Result<Vec<Node>, Error> {
    let mut scanner = Scanner::new(text);
    let mut nodes: Vec<Node> = Vec::new();
    // The numbers of the elements that are open.
    let mut open: Vec<usize> = Vec::new();
    while let Some((span, piece)) = scanner.next()? {
        match piece {
            Piece::Start { name, attributes, is_empty } => {
                if open.is_empty() && !nodes.is_empty() {
                    let message = "a second element behind the root's end: there can be one only";
                    return Err(scanner.error(span.start, message));
                }
                if open.len() == DEPTH_MAX {
                    let message = format!("nested deeper than {DEPTH_MAX} elements");
                    return Err(scanner.error(span.start, message));
                }
                if nodes.len() == ELEMENTS_MAX {
                    let message = format!("more than {ELEMENTS_MAX} elements");
                    return Err(scanner.error(span.start, message));
                }
                let number = nodes.len();
                nodes.push(Node {
                    content: span.end..span.end,
                    span,
                    name,
                    attributes,
                    is_empty_tag: is_empty,
                    parent: open.last().copied(),
                    next: number + 1,
                });
                if !is_empty {
                    open.push(number);
                }
            }
            Piece::End { name } => {
                let Some(number) = open.pop() else {
                    let message = format!("</{}> closes nothing", &text[name]);
                    return Err(scanner.error(span.start, message));
                };
                let next = nodes.len();
                let node = &mut nodes[number];
                if text[node.name.clone()] != text[name.clone()] {
                    let line = Position::of(text, node.span.start).line;
                    let message = format!(
                        "</{}> stands where <{}> of line {line} must be closed",
                        &text[name],
                        &text[node.name.clone()],
                    );
                    return Err(scanner.error(span.start, message));
                }
                node.content.end = span.start;
                node.span.end = span.end;
                node.next = next;
            }
            Piece::Text if open.is_empty() => {
                let is_blank = |c: char| c.is_ascii_whitespace();
                if let Some(at) = text[span.clone()].find(|c| !is_blank(c)) {
                    let message = "text outside of the root element";
                    return Err(scanner.error(span.start + at, message));
                }
            }
            Piece::Literal(_) if open.is_empty() => {
                return Err(scanner.error(span.start, "text outside of the root element"));
            }
            Piece::Text | Piece::Literal(_) | Piece::Aside => {}
        }
    }
    if let Some(&number) = open.last() {
        let node = &nodes[number];
        let message = format!("<{}> is never closed", &text[node.name.clone()]);
        return Err(scanner.error(node.span.start, message));
    }
    if nodes.is_empty() {
        return Err(scanner.error(0, "no element is here"));
    }
    Ok(nodes)
}
