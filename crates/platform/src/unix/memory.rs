//! Owns telling how much memory this process holds, and the machine has.
//!
//! Does not own what is too much.

use std::io;

/// Bytes of memory that are in use by this process and in the machine, not swapped out.
///
/// # Errors
/// When the system does not tell.
pub fn resident_bytes() -> io::Result<u64> {
    told("/proc/self/status", "VmRSS:")
}

/// Bytes of memory that the machine has.
///
/// # Errors
/// When the system does not tell.
pub fn physical_bytes() -> io::Result<u64> {
    told("/proc/meminfo", "MemTotal:")
}

/// What a file of the kernel's says in kB.
fn told(path: &str, name: &str) -> io::Result<u64> {
    let text = std::fs::read_to_string(path)?;
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = value.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kib.ok_or(io::ErrorKind::InvalidData)? * 1024)
}
