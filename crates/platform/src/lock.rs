//! Owns locks that one process of a user at a time may hold.
//!
//! Does not own where their files lie (`private`).

use std::fs::File;
use std::io;
use std::path::Path;

/// A lock that ends with this value or with the process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Waits for the lock of that file.
///
/// # Errors
/// As opening and locking a file.
pub fn lock(path: &Path) -> io::Result<Lock> {
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    file.lock()?;
    Ok(Lock { _file: file })
}
