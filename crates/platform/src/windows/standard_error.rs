//! Owns whether there is a standard error, and a handle of our own of it.
//!
//! Does not write to it.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::windows::io::{AsHandle, AsRawHandle};
use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::Storage::FileSystem::{FILE_TYPE_DISK, FILE_TYPE_PIPE, GetFileType};

/// Another handle of what is standard error now.
///
/// # Errors
/// When there is none, as under IIS.
pub fn duplicate() -> io::Result<File> {
    let stderr = io::stderr();
    let raw = stderr.as_raw_handle();
    if raw.is_null() || raw == INVALID_HANDLE_VALUE {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(stderr.as_handle().try_clone_to_owned()?.into())
}

/// Whether what is written to standard error is kept by someone: not under IIS, and not in `NUL`.
pub fn is_kept() -> bool {
    let stderr = io::stderr();
    let raw = stderr.as_raw_handle();
    if raw.is_null() || raw == INVALID_HANDLE_VALUE {
        return false;
    }
    // SAFETY: the handle is open; the call takes nothing else.
    let kind = unsafe { GetFileType(raw) };
    stderr.is_terminal() || kind == FILE_TYPE_DISK || kind == FILE_TYPE_PIPE
}
