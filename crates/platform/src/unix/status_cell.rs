//! Owns a word of memory that gate and worker share, so that the gate can tell, when the worker
//! was killed, whether a request was in flight on its pipe and whether it can still be answered.
//!
//! Does not know what the bits mean: see the gate's `control`.
#![expect(unsafe_code, reason = "memory shared between processes is mapped here")]

use rustix::fs::MemfdFlags;
use rustix::mm::{MapFlags, ProtFlags};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

/// Bytes of the mapping: one page, the least there is.
const CELL_BYTES: usize = 4096;

/// Whether a read may be under way while a pipe rests: never so here, where the system tells first.
pub const READS_AHEAD: bool = false;

/// A clock that all processes share, in 16ths of a second.
pub fn tick() -> u16 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    (now.tv_sec * 16 + now.tv_nsec / 62_500_000) as u16
}

/// A shared 32-bit word.
#[derive(Debug)]
pub struct StatusCell {
    fd: OwnedFd,
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
    /// When the system is out of memory or descriptors.
    pub fn new() -> io::Result<Self> {
        let fd = rustix::fs::memfd_create("iisgate-status", MemfdFlags::CLOEXEC)?;
        rustix::fs::ftruncate(&fd, CELL_BYTES as u64)?;
        Self::map(fd)
    }

    /// Maps a cell that another process made.
    ///
    /// # Errors
    /// `InvalidData` when the descriptor is too small to be one; as `mmap(2)` otherwise.
    pub fn map(fd: OwnedFd) -> io::Result<Self> {
        if rustix::fs::fstat(&fd)?.st_size != CELL_BYTES as i64 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a status cell"));
        }
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new shared mapping of one whole page at an address of the kernel's choice
        // aliases nothing; the file is as long as the mapping.
        let page = unsafe {
            rustix::mm::mmap(std::ptr::null_mut(), CELL_BYTES, protection, MapFlags::SHARED, &fd, 0)
        }?;
        let word = NonNull::new(page.cast()).expect("mmap never returns null");
        Ok(Self { fd, word })
    }

    fn word(&self) -> &AtomicU32 {
        // SAFETY: the page is mapped for the life of `self`, is aligned, and holds any u32.
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

impl AsFd for StatusCell {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Drop for StatusCell {
    fn drop(&mut self) {
        // SAFETY: the mapping was made in `map`, is unmapped once, and no reference outlives `self`.
        let unmapped = unsafe { rustix::mm::munmap(self.word.as_ptr().cast(), CELL_BYTES) };
        debug_assert!(unmapped.is_ok(), "the mapping was ours");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_mappings_see_one_word() {
        let gate = StatusCell::new().expect("a cell");
        let worker =
            StatusCell::map(gate.as_fd().try_clone_to_owned().expect("a clone")).expect("mapped");
        worker.set(7);
        assert_eq!(gate.get(), 7);
        let small = rustix::fs::memfd_create("small", MemfdFlags::CLOEXEC).expect("a file");
        assert!(StatusCell::map(small).is_err());
    }
}
