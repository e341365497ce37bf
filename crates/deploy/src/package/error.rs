//! Owns what can be wrong with a package, each with the code of the finding that explains it.
//!
//! Does not own the findings' texts (`verify`), nor what is wrong with values that are given for
//! parameters (`parameters::resolve`).

use std::io;
use std::path::{Path, PathBuf};

/// Why a package is refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// It cannot be read, or something cannot be written.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// Such as `read`, `write`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The package as a whole, or one entry of it, is not what it must be.
    #[error("{}: {message}", path.display())]
    Refused {
        /// The package.
        path: PathBuf,
        /// The finding that explains it.
        code: &'static str,
        /// What is wrong, with the entry's name where it is about one.
        message: String,
    },
    /// A manifest or list of parameters says something that cannot be.
    #[error("{error}")]
    Content {
        /// The finding that explains it.
        code: &'static str,
        /// What is wrong, with its place.
        error: Box<iis::Error>,
    },
}

impl PackageError {
    /// The code of the finding that explains it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "package-unreadable",
            Self::Refused { code, .. } | Self::Content { code, .. } => code,
        }
    }

    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    pub(crate) fn refused(path: &Path, code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { path: path.to_owned(), code, message: message.into() }
    }

    pub(crate) fn content(error: iis::Error) -> Self {
        Self::Content { code: "package-xml", error: Box::new(error) }
    }
}
