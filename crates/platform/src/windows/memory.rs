//! Owns telling how much memory this process holds.
//!
//! Does not own what is too much.

use super::check;
use std::io;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Threading::GetCurrentProcess;
use windows_sys::core::BOOL;

/// `PROCESS_MEMORY_COUNTERS`.
#[repr(C)]
#[derive(Default)]
struct Counters {
    size: u32,
    page_faults: u32,
    peak_working_set: usize,
    working_set: usize,
    /// Quotas and page files.
    others: [usize; 6],
}

#[link(name = "kernel32")]
unsafe extern "system" {
    /// The name under which `kernel32.dll` has it since Windows 7.
    fn K32GetProcessMemoryInfo(process: HANDLE, counters: *mut Counters, size: u32) -> BOOL;
}

/// Bytes of memory that are in use by this process and in the machine, not swapped out.
///
/// # Errors
/// When the system does not tell.
pub fn resident_bytes() -> io::Result<u64> {
    let size = size_of::<Counters>() as u32;
    let mut counters = Counters { size, ..Counters::default() };
    // SAFETY: the counters are as large as said and outlive the call; the pseudo handle needs no
    // closing.
    check(unsafe { K32GetProcessMemoryInfo(GetCurrentProcess(), &mut counters, size) })?;
    Ok(counters.working_set as u64)
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
