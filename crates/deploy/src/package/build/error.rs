//! Owns why a package is not built, with what mends it.
//!
//! Does not own what is wrong with a package that was built (`verify`).

use std::io;
use std::path::{Path, PathBuf};

/// Why a package is not built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The folder, or what is told about the package, does not do.
    #[error("{message}")]
    Refused {
        /// What is wrong.
        message: String,
        /// What mends it.
        hint: String,
    },
    /// Something cannot be read or written.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// Such as `read`, `write`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A program that was needed failed.
    #[error("{what} failed{}", said(.output))]
    Program {
        /// What was done.
        what: String,
        /// The end of what it said.
        output: String,
        /// What mends it.
        hint: String,
    },
}

fn said(output: &str) -> String {
    if output.is_empty() { String::new() } else { format!(":\n{output}") }
}

impl BuildError {
    pub(super) fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Refused { message: message.into(), hint: hint.into() }
    }

    pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }

    /// What mends it, if that is known.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Refused { hint, .. } | Self::Program { hint, .. } => {
                Some(hint.as_str()).filter(|hint| !hint.is_empty())
            }
            Self::Io { .. } => None,
        }
    }
}
