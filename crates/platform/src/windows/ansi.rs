//! Owns text in the system's ANSI code page, as IIS sends server variables.
//!
//! Does not know where it is met.

use windows_sys::Win32::Globalization::{CP_ACP, MB_ERR_INVALID_CHARS, MultiByteToWideChar};

/// Reads bytes in the ANSI code page of this system; `None` when they are none.
pub fn decode(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() {
        return Some(String::new());
    }
    let length = i32::try_from(bytes.len()).ok()?;
    let mut wide = vec![0u16; bytes.len()];
    // SAFETY: both ranges are as long as said; no code page has more units than bytes.
    let count = unsafe {
        let (from, to) = (bytes.as_ptr(), wide.as_mut_ptr());
        MultiByteToWideChar(CP_ACP, MB_ERR_INVALID_CHARS, from, length, to, length)
    };
    wide.truncate(usize::try_from(count).ok().filter(|count| *count > 0)?);
    String::from_utf16(&wide).ok()
}
