//! Owns locks that one process of a user at a time may hold.
//!
//! Does not own where their files lie (`private`).

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::Duration;

/// A lock that ends with this value or with the process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// How often a lock that somebody else has is tried again.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits for the lock of that file.
///
/// # Errors
/// As opening and locking a file.
pub fn lock(path: &Path) -> io::Result<Lock> {
    let file = open(path)?;
    file.lock()?;
    Ok(Lock { _file: file })
}

fn open(path: &Path) -> io::Result<File> {
    File::options().create(true).truncate(false).write(true).open(path)
}

/// Waits for the lock of that file, until `is_over` says that nobody wants it any more: `None` then.
///
/// # Errors
/// As opening and locking a file.
pub fn lock_unless(path: &Path, is_over: impl Fn() -> bool) -> io::Result<Option<Lock>> {
    let file = open(path)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(Lock { _file: file })),
            Err(TryLockError::WouldBlock) if is_over() => return Ok(None),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOOK_EVERY),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Whether somebody holds the lock of that file; `false` if there is no such file.
pub fn is_held(path: &Path) -> bool {
    let Ok(file) = File::options().write(true).open(path) else { return false };
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}
