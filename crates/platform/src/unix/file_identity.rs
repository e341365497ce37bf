//! Owns telling whether two ways lead to the same file, whatever its name is by now.
//!
//! Does not own what is done when they do not.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What no two files have in common at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileIdentity {
    volume: u64,
    number: u64,
}

impl FileIdentity {
    /// Of an open file.
    ///
    /// # Errors
    /// As `fstat(2)`.
    pub fn of(file: &File) -> io::Result<Self> {
        Ok(Self::from(&file.metadata()?))
    }

    /// Of the file that a path leads to.
    ///
    /// # Errors
    /// As `stat(2)`.
    pub fn at(path: &Path) -> io::Result<Self> {
        Ok(Self::from(&std::fs::metadata(path)?))
    }

    fn from(metadata: &std::fs::Metadata) -> Self {
        Self { volume: metadata.dev(), number: metadata.ino() }
    }
}
