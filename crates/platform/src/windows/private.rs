//! Owns the user's private folder for the names of meeting places and for locks.
//!
//! Does not own what is kept there.

use super::security::{self, Descriptor};
use super::{check, is, wide};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsHandle;
use std::path::{Path, PathBuf};
use windows_sys::Win32::Foundation::ERROR_ALREADY_EXISTS;
use windows_sys::Win32::Storage::FileSystem::{
    CreateDirectoryW, FILE_FLAG_BACKUP_SEMANTICS, FILE_READ_ATTRIBUTES, READ_CONTROL,
};

/// The folder, made if need be: `iisgate-SID` in the folder for temporary files. It belongs to the
/// user and nobody else may enter it. (Not below the profile: IIS loads none for many identities.)
///
/// # Errors
/// `PermissionDenied` when someone else holds the name; as `CreateDirectory` otherwise.
pub fn folder() -> io::Result<PathBuf> {
    let path = std::env::temp_dir().join(format!("iisgate-{}", security::user()?));
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let descriptor = Descriptor::own_folder()?;
    let attributes = descriptor.attributes();
    let name = wide(&path);
    // SAFETY: name and descriptor outlive the call.
    match check(unsafe { CreateDirectoryW(name.as_ptr(), &attributes) }) {
        Err(error) if !is(&error, ERROR_ALREADY_EXISTS) => return Err(named(error)),
        _ => {}
    }
    let opened = std::fs::OpenOptions::new()
        .access_mode(READ_CONTROL | FILE_READ_ATTRIBUTES)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
        .open(&path)
        .map_err(named)?;
    if !opened.metadata()?.is_dir() {
        return Err(named(io::ErrorKind::NotADirectory.into()));
    }
    security::require_own_file(opened.as_handle(), &path.display().to_string())?;
    Ok(path)
}

/// Sets who may use a file or socket.
///
/// # Errors
/// `Unsupported`: Windows has access lists instead of modes.
pub fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "Windows has no file modes"))
}
