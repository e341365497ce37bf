//! Owns telling how much memory this process holds.
//!
//! Does not own what is too much.

use std::io;

/// Bytes of memory that are in use by this process and in the machine, not swapped out.
///
/// # Errors
/// When the system does not tell.
pub fn resident_bytes() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let resident = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = resident.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    Ok(kib.ok_or(io::ErrorKind::InvalidData)? * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_used_is_told() {
        let before = super::resident_bytes().expect("told");
        assert!(before > 100_000, "{before}");
        const MORE: usize = 64 * 1024 * 1024;
        let used = std::hint::black_box(vec![1u8; MORE]);
        let after = super::resident_bytes().expect("told");
        assert!(after > before + MORE as u64 / 2, "{before} {after} {}", used.len());
    }
}
