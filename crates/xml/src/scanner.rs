//! Owns the cutting of a text into tags, texts, comments and instructions, each with its span.
//!
//! Does not own nesting (`tree`) and builds no values: an attribute is two spans.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::characters::{begins_name, continues_name, is_allowed, is_space};
use crate::error::Error;
use crate::limits::ATTRIBUTES_MAX;
use crate::references;

/// An attribute's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttributeSpan {
    pub(crate) name: Range<usize>,
    /// Between the quotes.
    pub(crate) value: Range<usize>,
}

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// `<name …>` or `<name …/>`.
    Start { name: Range<usize>, attributes: Vec<AttributeSpan>, is_empty: bool },
    /// `</name>`.
    End { name: Range<usize> },
    /// Characters between tags, references unresolved.
    Text,
    /// `<![CDATA[…]]>`, its content.
    Literal(Range<usize>),
    /// A comment, a processing instruction, or the XML declaration.
    Aside,
}

/// Walks a text.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Scanner { text, at: 0 }
    }

    /// Begins in the middle of a text.
    pub(crate) fn within(text: &'a str, range: Range<usize>) -> Self {
        Scanner { text: &text[..range.end], at: range.start }
    }

    /// The next piece and its span; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(Range<usize>, Piece)>, Error> {
        let start = self.at;
        let Some(first) = self.rest().bytes().next() else { return Ok(None) };
        let piece = match first {
            b'<' => self.markup()?,
            _ => self.characters()?,
        };
        Ok(Some((start..self.at, piece)))
    }

    pub(crate) fn error(&self, offset: usize, message: impl Into<String>) -> Error {
        Error::syntax(self.text, offset, message)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn markup(&mut self) -> Result<Piece, Error> {
        let start = self.at;
        let rest = self.rest();
        if rest.starts_with("</") {
            self.at += 2;
            let name = self.name("a tag's name")?;
            self.spaces();
            self.expect('>', "</tag> goes on with something else than >")?;
            Ok(Piece::End { name })
        } else if rest.starts_with("<!--") {
            let content = self.enclosed("<!--", "-->", "the comment")?;
            if let Some(at) = self.text[content.clone()].find("--") {
                return Err(self.error(content.start + at, "-- stands in a comment"));
            }
            if self.text[content.clone()].ends_with('-') {
                return Err(self.error(content.end - 1, "the comment ends with --->"));
            }
            Ok(Piece::Aside)
        } else if rest.starts_with("<![CDATA[") {
            self.enclosed("<![CDATA[", "]]>", "<![CDATA[").map(Piece::Literal)
        } else if rest.starts_with("<?") {
            let content = self.enclosed("<?", "?>", "the instruction")?;
            let text = &self.text[content];
            let target = text.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or(text);
            if !crate::characters::is_name(target) {
                return Err(self.error(start + 2, "an instruction needs a name"));
            }
            if target.eq_ignore_ascii_case("xml") && start > 0 {
                let message = "<?xml stands at the very beginning or not at all";
                return Err(self.error(start, message));
            }
            Ok(Piece::Aside)
        } else if rest.starts_with("<!DOCTYPE") {
            let message = "document type declarations (<!DOCTYPE) are refused: \
                           configuration needs none, and entities could be bombs";
            Err(self.error(start, message))
        } else {
            self.at += 1;
            self.start_tag(start)
        }
    }

    fn start_tag(&mut self, start: usize) -> Result<Piece, Error> {
        let name = self.name("a tag's name, or &lt; for the character <")?;
        let mut attributes: Vec<AttributeSpan> = Vec::new();
        loop {
            let had_space = self.spaces();
            match self.rest().chars().next() {
                None => {
                    let name = &self.text[name];
                    return Err(self.error(start, format!("<{name} has no end: > is missing")));
                }
                Some('>') => {
                    self.at += 1;
                    return Ok(Piece::Start { name, attributes, is_empty: false });
                }
                Some('/') => {
                    self.at += 1;
                    self.expect('>', "/ in a tag is not followed by >")?;
                    return Ok(Piece::Start { name, attributes, is_empty: true });
                }
                Some(_) if !had_space => {
                    return Err(self.error(self.at, "attributes need a space between them"));
                }
                Some(_) => {
                    let attribute = self.attribute()?;
                    let text = &self.text[attribute.name.clone()];
                    if attributes.iter().any(|other| self.text[other.name.clone()] == *text) {
                        let message = format!("attribute '{text}' stands here twice");
                        return Err(self.error(attribute.name.start, message));
                    }
                    if attributes.len() == ATTRIBUTES_MAX {
                        let message = format!("more than {ATTRIBUTES_MAX} attributes");
                        return Err(self.error(attribute.name.start, message));
                    }
                    attributes.push(attribute);
                }
            }
        }
    }

    fn attribute(&mut self) -> Result<AttributeSpan, Error> {
        let name = self.name("an attribute's name")?;
        self.spaces();
        let written = &self.text[name.clone()];
        self.expect('=', format!("attribute '{written}' has no value: ={{…}} is missing"))?;
        self.spaces();
        let quote = self.rest().chars().next().filter(|c| matches!(c, '"' | '\''));
        let Some(quote) = quote else {
            let message = format!("the value of '{written}' must stand in quotes");
            return Err(self.error(self.at, message));
        };
        self.at += 1;
        let start = self.at;
        let Some(len) = self.rest().find(quote) else {
            let message = format!("the value of '{written}' has no end: {quote} is missing");
            return Err(self.error(start - 1, message));
        };
        let value = start..start + len;
        if let Some(at) = self.text[value.clone()].find('<') {
            let message = format!("< in the value of '{written}': write &lt;");
            return Err(self.error(start + at, message));
        }
        self.check_characters(value.clone())?;
        self.check_references(value.clone())?;
        self.at = value.end + 1;
        Ok(AttributeSpan { name, value })
    }

    fn characters(&mut self) -> Result<Piece, Error> {
        let len = self.rest().find('<').unwrap_or(self.rest().len());
        let span = self.at..self.at + len;
        self.check_characters(span.clone())?;
        self.check_references(span.clone())?;
        if let Some(at) = self.text[span.clone()].find("]]>") {
            return Err(self.error(span.start + at, "]]> in a text: write ]]&gt;"));
        }
        self.at = span.end;
        Ok(Piece::Text)
    }

    /// What stands between two marks.
    fn enclosed(&mut self, open: &str, close: &str, what: &str) -> Result<Range<usize>, Error> {
        let start = self.at + open.len();
        let Some(len) = self.text.get(start..).and_then(|rest| rest.find(close)) else {
            return Err(self.error(self.at, format!("{what} has no end: {close} is missing")));
        };
        let content = start..start + len;
        self.check_characters(content.clone())?;
        self.at = content.end + close.len();
        Ok(content)
    }

    fn name(&mut self, expected: &str) -> Result<Range<usize>, Error> {
        let rest = self.rest();
        if !rest.starts_with(begins_name) {
            return Err(self.error(self.at, format!("here must stand {expected}")));
        }
        let len = rest.find(|c| !continues_name(c)).unwrap_or(rest.len());
        let name = self.at..self.at + len;
        self.at = name.end;
        Ok(name)
    }

    /// Skips white space; tells whether there was any.
    fn spaces(&mut self) -> bool {
        let len = self.rest().bytes().take_while(|&byte| is_space(byte)).count();
        self.at += len;
        len > 0
    }

    fn expect(&mut self, character: char, message: impl Into<String>) -> Result<(), Error> {
        if !self.rest().starts_with(character) {
            return Err(self.error(self.at, message));
        }
        self.at += character.len_utf8();
        Ok(())
    }

    fn check_characters(&self, span: Range<usize>) -> Result<(), Error> {
        match self.text[span.clone()].char_indices().find(|(_, c)| !is_allowed(*c)) {
            None => Ok(()),
            Some((at, character)) => {
                let number = u32::from(character);
                let message = format!("a character that XML does not have: U+{number:04X}");
                Err(self.error(span.start + at, message))
            }
        }
    }

    fn check_references(&self, span: Range<usize>) -> Result<(), Error> {
        let text = &self.text[span.clone()];
        for (at, _) in text.match_indices('&') {
            if references::read(&text[at..]).is_none() {
                let message = "& begins no reference that XML has: write &amp; for the character";
                return Err(self.error(span.start + at, message));
            }
        }
        Ok(())
    }
}
