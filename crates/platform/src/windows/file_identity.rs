//! Owns telling whether two ways lead to the same file, whatever its name is by now.
//!
//! Does not own what is done when they do not.

use super::check;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::Path;
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_READ_ATTRIBUTES, GetFileInformationByHandle,
};

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
    /// When the system does not tell.
    pub fn of(file: &File) -> io::Result<Self> {
        let mut told = BY_HANDLE_FILE_INFORMATION::default();
        // SAFETY: the handle is open and the result outlives the call.
        check(unsafe { GetFileInformationByHandle(file.as_raw_handle(), &mut told) })?;
        let number = u64::from(told.nFileIndexHigh) << 32 | u64::from(told.nFileIndexLow);
        Ok(Self { volume: told.dwVolumeSerialNumber.into(), number })
    }

    /// Of the file that a path leads to.
    ///
    /// # Errors
    /// As `CreateFile`.
    pub fn at(path: &Path) -> io::Result<Self> {
        // Others may do with it what they like meanwhile: that is what std opens files with.
        Self::of(&OpenOptions::new().access_mode(FILE_READ_ATTRIBUTES).open(path)?)
    }
}
