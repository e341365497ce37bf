//! Owns a word of memory that gate and worker share, so that the gate can tell, when the worker
//! was killed, whether a request was in flight on its pipe and whether it can still be answered.
//!
//! Does not know what the bits mean: see the gate's `control`.

use super::last_error;
use std::io;
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr::{NonNull, null};
use std::sync::atomic::{AtomicU32, Ordering};
use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP_ALL_ACCESS, MEMORY_MAPPED_VIEW_ADDRESS, MapViewOfFile,
    PAGE_READWRITE, UnmapViewOfFile,
};
use windows_sys::Win32::System::SystemInformation::GetTickCount64;

/// Bytes of the mapping: one page, the least there is.
const CELL_BYTES: usize = 4096;

/// Whether a read may be under way while a pipe rests: nothing else tells what comes.
pub const READS_AHEAD: bool = true;

/// A clock that all processes share, in 16ths of about a second.
pub fn tick() -> u16 {
    // SAFETY: the call takes nothing and cannot fail.
    (unsafe { GetTickCount64() } / 64) as u16
}

/// A shared 32-bit word.
#[derive(Debug)]
pub struct StatusCell {
    handle: OwnedHandle,
    word: NonNull<AtomicU32>,
}

// SAFETY: the mapping belongs to this value alone within the process and is only touched through
// an atomic, so it may move to and be used from any thread.
unsafe impl Send for StatusCell {}
// SAFETY: as above; all access is atomic.
unsafe impl Sync for StatusCell {}

impl StatusCell {
    /// A fresh cell, 0.
    ///
    /// # Errors
    /// When the system is out of memory.
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers but null; without a file the memory is the system's own.
        let handle = unsafe {
            let (file, size) = (INVALID_HANDLE_VALUE, CELL_BYTES as u32);
            CreateFileMappingW(file, null(), PAGE_READWRITE, 0, size, null())
        };
        if handle.is_null() {
            return Err(last_error());
        }
        // SAFETY: a fresh handle that nobody else owns.
        Self::map(unsafe { OwnedHandle::from_raw_handle(handle) })
    }

    /// Maps a cell that another process made.
    ///
    /// # Errors
    /// When the handle is no memory of at least that size.
    pub fn map(handle: OwnedHandle) -> io::Result<Self> {
        // SAFETY: a new view at an address of the system's choice aliases nothing; it fails if the
        // memory is smaller.
        let view =
            unsafe { MapViewOfFile(handle.as_raw_handle(), FILE_MAP_ALL_ACCESS, 0, 0, CELL_BYTES) };
        let word = NonNull::new(view.Value.cast()).ok_or_else(last_error)?;
        Ok(Self { handle, word })
    }

    fn word(&self) -> &AtomicU32 {
        // SAFETY: the view is mapped for the life of `self`, is aligned, and holds any u32.
        unsafe { self.word.as_ref() }
    }

    /// Stores a value.
    pub fn set(&self, value: u32) {
        self.word().store(value, Ordering::Release);
    }

    /// The last value stored by either process.
    pub fn get(&self) -> u32 {
        self.word().load(Ordering::Acquire)
    }
}

impl AsHandle for StatusCell {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}

impl Drop for StatusCell {
    fn drop(&mut self) {
        let view = MEMORY_MAPPED_VIEW_ADDRESS { Value: self.word.as_ptr().cast() };
        // SAFETY: the view was made in `map`, is unmapped once, and no reference outlives `self`.
        let unmapped = unsafe { UnmapViewOfFile(view) };
        debug_assert!(unmapped != 0, "the view was ours");
    }
}
