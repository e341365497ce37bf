//! Owns telling how much memory this process holds, and the machine has.
//!
//! Does not own what is too much.

use super::check;
use std::io;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::SystemInformation::{GlobalMemoryStatusEx, MEMORYSTATUSEX};
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

/// Bytes of memory that the machine has.
///
/// # Errors
/// When the system does not tell.
pub fn physical_bytes() -> io::Result<u64> {
    let length = size_of::<MEMORYSTATUSEX>() as u32;
    let mut status = MEMORYSTATUSEX { dwLength: length, ..MEMORYSTATUSEX::default() };
    // SAFETY: the status is as large as it says and outlives the call.
    check(unsafe { GlobalMemoryStatusEx(&mut status) })?;
    Ok(status.ullTotalPhys)
}
