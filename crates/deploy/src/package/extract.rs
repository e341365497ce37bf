//! Owns unpacking: into one folder, and nothing outside of it.
//!
//! Does not own which names are harmless: a package with others is not opened (`names`).

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use super::contents::Entry;
use super::error::PackageError;
use super::{Package, below};

/// What was unpacked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extracted {
    /// How many files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

impl Package {
    /// Unpacks everything into a folder, which is made if it is not there.
    ///
    /// # Errors
    /// When something cannot be read or written, or a file is there already: nothing is overwritten, and
    /// no link is followed that is there in the place of a folder.
    pub fn extract_to(&self, folder: &Path) -> Result<Extracted, PackageError> {
        self.extract(folder, self.entries().iter().map(|entry| (entry, &*entry.name)))
    }

    /// Unpacks the application alone: what lies in its folder comes to lie in this one.
    ///
    /// # Errors
    /// As [`Package::extract_to`].
    pub fn extract_app_to(&self, folder: &Path) -> Result<Extracted, PackageError> {
        self.extract(folder, self.app_files().into_iter())
    }

    fn extract<'a>(
        &self,
        folder: &Path,
        items: impl Iterator<Item = (&'a Entry, &'a str)>,
    ) -> Result<Extracted, PackageError> {
        let mut extracted = Extracted::default();
        fs::create_dir_all(folder).map_err(PackageError::io("make", folder))?;
        for (entry, name) in items {
            let path = below(folder, name);
            let parent = if entry.is_folder { Some(&*path) } else { path.parent() };
            if let Some(parent) = parent {
                make(folder, parent)?;
            }
            if !entry.is_folder {
                extracted.bytes += self.write(entry, &path)?;
                extracted.files += 1;
            }
        }
        Ok(extracted)
    }

    fn write(&self, entry: &Entry, path: &Path) -> Result<u64, PackageError> {
        let file = OpenOptions::new().write(true).create_new(true).open(path);
        let file = file.map_err(PackageError::io("write", path))?;
        let mut out = std::io::BufWriter::new(file);
        let bytes = self.copy(entry, &mut out)?;
        out.flush().map_err(PackageError::io("write", path))?;
        Ok(bytes)
    }
}

/// Makes the folders between two, which must not be links: they would lead elsewhere.
fn make(root: &Path, folder: &Path) -> Result<(), PackageError> {
    let Ok(rest) = folder.strip_prefix(root) else { return Ok(()) };
    let mut path = root.to_owned();
    for part in rest {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Ok(data) if data.is_dir() => {}
            Ok(_) => {
                let error = std::io::Error::other("there is something that is no folder");
                return Err(PackageError::io("unpack into", &path)(error));
            }
            Err(_) => fs::create_dir(&path).map_err(PackageError::io("make", &path))?,
        }
    }
    Ok(())
}
