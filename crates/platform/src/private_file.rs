//! Owns making a file that no one but its user may read.
//!
//! Does not own what is written there, nor folders (`private`).

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a new file for writing. On Windows its folder's permissions hold for it.
///
/// # Errors
/// `AlreadyExists` when there is something of that name, also a link; as `open(2)` otherwise.
pub fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
