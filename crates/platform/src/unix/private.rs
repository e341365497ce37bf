//! Owns the user's private folder for rendezvous sockets and locks.
//!
//! Does not own what is kept there.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
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

/// Sets who may use a file or socket, as `chmod(1)` has it.
///
/// # Errors
/// As `chmod(2)`.
pub fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}
