//! Owns whether there is a standard error, and a descriptor of our own of it.
//!
//! Does not write to it.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

/// Another descriptor of what is standard error now.
///
/// # Errors
/// When the process is out of descriptors, or has no standard error.
pub fn duplicate() -> io::Result<File> {
    Ok(File::from(rustix::io::fcntl_dupfd_cloexec(io::stderr().as_fd(), 3)?))
}

/// Whether what is written to standard error is kept by someone.
pub fn is_kept() -> bool {
    if io::stderr().is_terminal() {
        return true;
    }
    let null = std::fs::metadata("/dev/null").map(|metadata| metadata.rdev());
    std::fs::metadata("/proc/self/fd/2")
        .is_ok_and(|metadata| null.is_ok_and(|null| metadata.rdev() != null))
}
