//! Owns what can go wrong while configuration is read: always with the file, mostly with the place.
//!
//! Does not own judgement about configuration that reads well but works badly: those are findings.

use std::io;
use std::path::{Path, PathBuf};

use crate::place::Place;

/// Why a configuration file could not be understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file's bytes are not text in an encoding we know.
    #[error("{}: {message}", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// What is wrong with its bytes.
        message: String,
    },
    /// The file says something that cannot be.
    #[error("{place}: {message}\n{}", place.excerpt())]
    Content {
        /// Where.
        place: Box<Place>,
        /// What is wrong there.
        message: String,
    },
    /// Something needed is not there at all, so there is no line to show.
    #[error("{}: {message}", path.display())]
    Absent {
        /// The file or folder where it should be.
        path: PathBuf,
        /// What is missing.
        message: String,
    },
}

impl Error {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    }

    /// Makes an error of what is wrong with a file's XML.
    pub(crate) fn xml(path: &Path) -> impl FnOnce(xml::Error) -> Error {
        let path = path.to_owned();
        move |error| match error {
            xml::Error::Syntax { position, line: shown, message } => {
                let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
                let (line, column) = (number(position.line), number(position.column));
                let message = format!("not well-formed XML: {message}");
                Error::content(Place { path, line, column, shown }, message)
            }
            other => Error::Encoding { path, message: other.to_string() },
        }
    }

    /// Makes an error about a place.
    pub fn content(place: Place, message: impl Into<String>) -> Error {
        Error::Content { place: Box::new(place), message: message.into() }
    }

    /// Makes an error about something that a file or folder lacks.
    pub fn absent(path: impl Into<PathBuf>, message: impl Into<String>) -> Error {
        Error::Absent { path: path.into(), message: message.into() }
    }

    /// The place in the file, when there is one.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Error::Content { place, .. } => Some(place),
            _ => None,
        }
    }
}
