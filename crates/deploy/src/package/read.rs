//! Owns reading a package's XML into elements that know their place, within the bound.
//!
//! Does not own what any element means.

use std::path::Path;
use std::sync::Arc;

use iis::{Place, Source};

use super::error::PackageError;
use super::limits::XML_BYTES_MAX;

/// A parsed file.
pub(super) struct Reading {
    pub(super) document: xml::Document,
    source: Arc<Source>,
}

impl Reading {
    /// Reads a file's bytes; `path` is told with what is wrong.
    pub(super) fn new(path: &Path, bytes: &[u8]) -> Result<Self, PackageError> {
        if bytes.len() as u64 > XML_BYTES_MAX {
            let message = format!("larger than {XML_BYTES_MAX} bytes");
            return Err(PackageError::refused(path, "package-too-large", message));
        }
        let document = xml::Document::parse(bytes).map_err(|error| syntax(path, error))?;
        let source = Source::new(path, document.text());
        Ok(Self { document, source })
    }

    pub(super) fn place(&self, element: xml::Element<'_>) -> Place {
        self.source.place(element.span().start)
    }

    pub(super) fn error(
        &self,
        element: xml::Element<'_>,
        message: impl Into<String>,
    ) -> PackageError {
        PackageError::content(iis::Error::content(self.place(element), message))
    }
}

fn syntax(path: &Path, error: xml::Error) -> PackageError {
    PackageError::content(match error {
        xml::Error::Syntax { position, line: shown, message } => {
            let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let (line, column) = (number(position.line), number(position.column));
            let place = Place { path: path.to_owned(), line, column, shown };
            iis::Error::content(place, format!("not well-formed XML: {message}"))
        }
        other => iis::Error::Encoding { path: path.to_owned(), message: other.to_string() },
    })
}

/// Whether an element has this name; case does not count, as nobody writes it the same.
pub(super) fn is(element: xml::Element<'_>, name: &str) -> bool {
    element.local_name().eq_ignore_ascii_case(name)
}

/// An attribute's value. The first of the names that is there counts.
pub(super) fn value(element: xml::Element<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| {
        let mut attributes = element.attributes();
        attributes.find(|a| a.name().eq_ignore_ascii_case(name)).map(|a| a.value())
    })
}

/// The parts of a comma list, without blanks around them and without empty ones.
pub(super) fn comma_list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}
