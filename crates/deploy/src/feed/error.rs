//! Owns what can go wrong with a feed: always with what it is about.
//!
//! Does not own findings about a feed that reads well (`verify`).

use std::io;
use std::path::{Path, PathBuf};

/// Why a feed could not be read, made or installed from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is no well-formed XML.
    #[error("{name}: not well-formed XML: {error}")]
    Syntax {
        /// The feed.
        name: String,
        /// What and where.
        error: xml::Error,
    },
    /// It is XML, but no feed.
    #[error("{name}: not a feed: its outermost element is <{root}>, that of a feed <feed>")]
    NoFeed {
        /// The file.
        name: String,
        /// What it is.
        root: String,
    },
    /// A text has a character that no XML file can hold.
    #[error("no XML file can hold this text: U+{character:04X} in {text:?}")]
    Character {
        /// The character's number.
        character: u32,
        /// The text.
        text: String,
    },
    /// The description of a feed cannot be understood.
    #[error("{name}: {message}")]
    Recipe {
        /// The file.
        name: String,
        /// What is wrong.
        message: String,
    },
    /// A product cannot be put into a feed.
    #[error("{product}: {message}")]
    Product {
        /// The product's id.
        product: String,
        /// What is wrong, and what mends it.
        message: String,
    },
    /// A place could not be read from.
    #[error("{place}: {message}")]
    Place {
        /// The address or path.
        place: String,
        /// What went wrong.
        message: String,
    },
    /// A product cannot be installed from this feed.
    #[error("{0}")]
    Unresolved(String),
    /// What was downloaded is not what the feed tells of.
    #[error("{product}: {place} is not the file that the feed tells of: {message}")]
    Mismatch {
        /// The product's id.
        product: String,
        /// Where it was downloaded from.
        place: String,
        /// Which digest, what it should be and what it is.
        message: String,
    },
    /// An installer did not do its work.
    #[error("{product}: {message}")]
    Failed {
        /// The product's id.
        product: String,
        /// What it said.
        message: String,
    },
}

impl Error {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Error {
        let path = path.to_owned();
        move |source| Error::Io { path, source }
    }

    pub(super) fn product(product: &str, message: impl Into<String>) -> Error {
        Error::Product { product: product.to_owned(), message: message.into() }
    }
}
