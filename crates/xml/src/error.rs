//! Owns what can go wrong, with the place where it did.
//!
//! Does not own the file's name: whoever read the bytes knows it.

use alloc::string::String;

/// A place in a document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The byte of the decoded text, from 0.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Position {
    pub(crate) fn of(text: &str, offset: usize) -> Self {
        let offset = (0..=offset.min(text.len()))
            .rev()
            .find(|&at| text.is_char_boundary(at))
            .unwrap_or_default();
        let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        Position {
            offset,
            line: text[..start].matches('\n').count() + 1,
            column: text[start..offset].chars().count() + 1,
        }
    }
}

/// Why something cannot be read, or an edit cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes are no text in an encoding that we know, or too many.
    #[error("{0}")]
    Bytes(String),
    /// The text is no well-formed XML, or goes beyond a bound.
    #[error("{}:{}: {message}", position.line, position.column)]
    Syntax {
        /// Where.
        position: Position,
        /// The whole line, to be shown with a caret below the column.
        line: String,
        /// What is wrong there.
        message: String,
    },
    /// What was asked for cannot be written; the document is as it was before.
    #[error("cannot be written: {0}")]
    UsageEdit(String),
}

impl Error {
    pub(crate) fn syntax(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let position = Position::of(text, offset);
        let start = text[..position.offset].rfind('\n').map_or(0, |at| at + 1);
        let rest = &text[start..];
        let line = rest.split('\n').next().unwrap_or(rest).trim_end_matches('\r');
        Error::Syntax { position, line: line.into(), message: message.into() }
    }
}
