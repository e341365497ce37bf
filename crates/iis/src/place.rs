//! Owns where something stands in a file: path, line, column, and the line itself for showing.
//!
//! Does not own what is wrong there.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The widest line shown whole; of longer ones a window around the column is shown. Real
/// `applicationHost.config` lines reach 650 columns, and a terminal wraps a caret away from its line.
const SHOWN_COLUMNS_MAX: usize = 100;

/// A file's path and decoded text, shared by everything that was read from it.
#[derive(PartialEq, Eq)]
pub struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// Wraps a text together with the path it came from.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Source { path: path.into(), text: text.into() })
    }

    /// The file's path, as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The decoded text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Makes a place of a byte offset into the text.
    pub fn place(&self, offset: usize) -> Place {
        let offset = floor(&self.text, offset);
        let start = self.text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[offset..].find('\n').map_or(self.text.len(), |at| offset + at);
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place {
            path: self.path.clone(),
            line: number(self.text[..start].matches('\n').count() + 1),
            column: number(self.text[start..offset].chars().count() + 1),
            shown: self.text[start..end].trim_end_matches('\r').to_owned(),
        }
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The nearest character boundary at or before `offset`.
fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The line's text.
    pub shown: String,
}

impl Place {
    /// Renders the line with a caret under the column, in the manner of compilers.
    pub fn excerpt(&self) -> String {
        let column = self.column as usize - 1;
        let characters: Vec<char> =
            self.shown.chars().map(|c| if c == '\t' { ' ' } else { c }).collect();
        let first = if characters.len() <= SHOWN_COLUMNS_MAX {
            // Indentation says nothing here.
            characters.iter().take_while(|c| **c == ' ').count().min(column)
        } else {
            column.saturating_sub(SHOWN_COLUMNS_MAX / 4)
        };
        let window: String = characters.iter().skip(first).take(SHOWN_COLUMNS_MAX).collect();
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let caret = " ".repeat(column - first);
        format!(" {number} | {}\n {gutter} | {caret}^", window.trim_end())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path.display(), self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn places() {
        let source = Source::new("web.config", "<a>\r\n\t<é x='1'/>\r\n</a>");
        for (offset, line, column) in
            [(0, 1, 1), (4, 1, 5), (5, 2, 1), (6, 2, 2), (8, 2, 3), (9, 2, 4), (999, 3, 5)]
        {
            let place = source.place(offset);
            assert_eq!((place.line, place.column), (line, column), "{offset}");
        }
    }

    #[test]
    fn the_caret_stands_under_the_column() {
        let source = Source::new("web.config", "<a>\n\t\t<b x='1'/>\n</a>");
        assert_eq!(source.place(9).excerpt(), " 2 | <b x='1'/>\n   |    ^");
        let long = Source::new("web.config", format!("{}!{}", "a".repeat(300), "b".repeat(300)));
        let excerpt = long.place(300).excerpt();
        let (line, caret) = excerpt.split_once('\n').unwrap();
        assert_eq!(line.find('!'), caret.find('^'));
        assert!(line.len() < 110);
    }
}
