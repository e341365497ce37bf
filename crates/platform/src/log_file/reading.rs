//! Owns reading a log that others write: what was written, and what comes, also when the log is
//! full and its name leads to a new file.
//!
//! Does not own what its lines mean.

use crate::file_identity::FileIdentity;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A log that is read as it grows.
#[derive(Debug)]
pub struct LogReader {
    path: PathBuf,
    open: Option<(File, FileIdentity)>,
}

impl LogReader {
    /// Begins at the beginning of the log. It need not be there yet.
    pub fn new(path: &Path) -> Self {
        let mut reader = Self { path: path.to_owned(), open: None };
        // Looked for again with each read.
        let _ = reader.open_next();
        reader
    }

    /// What has come since the last time.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn read(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        loop {
            // First who it is, then what it holds: what comes after the look is read the next time.
            let now = FileIdentity::at(&self.path).ok();
            if let Some((file, _)) = &mut self.open {
                file.read_to_end(&mut bytes)?;
            }
            let is_same = self.open.as_ref().map(|(_, identity)| *identity) == now;
            if is_same || now.is_none() || !self.open_next()? {
                return Ok(bytes);
            }
        }
    }

    /// Opens the file that the name leads to now; `false` when there is none.
    fn open_next(&mut self) -> io::Result<bool> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let identity = FileIdentity::of(&file)?;
        self.open = Some((file, identity));
        Ok(true)
    }
}
