//! Owns the user's private folder for rendezvous sockets and locks, and the locks.
//!
//! Does not own what is kept there.

use rustix::fs::FlockOperation;
use std::fs::File;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder, made if need be: `$XDG_RUNTIME_DIR/iisgate`, else `/tmp/iisgate-UID`. It belongs to
/// the user and nobody else may enter it.
///
/// # Errors
/// `PermissionDenied` when someone else holds the name or may write there; as `mkdir(2)` otherwise.
pub fn folder() -> io::Result<PathBuf> {
    let uid = rustix::process::geteuid().as_raw();
    let run = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_dir());
    let path = match run {
        Some(run) => run.join("iisgate"),
        None => std::env::temp_dir().join(format!("iisgate-{uid}")),
    };
    match std::fs::DirBuilder::new().mode(0o700).create(&path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let metadata = std::fs::symlink_metadata(&path)?;
    if !metadata.is_dir() || metadata.uid() != uid || metadata.mode() & 0o077 != 0 {
        let message = format!(
            "{} must be a folder of user {uid} with mode 700; remove it or set XDG_RUNTIME_DIR",
            path.display()
        );
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
    }
    Ok(path)
}

/// A lock that ends with this value or with the process.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Waits for the lock of that file.
///
/// # Errors
/// As `open(2)` and `flock(2)`.
pub fn lock(path: &Path) -> io::Result<Lock> {
    let file = std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)?;
    crate::retry(|| rustix::fs::flock(&file, FlockOperation::LockExclusive))?;
    Ok(Lock { _file: file })
}
