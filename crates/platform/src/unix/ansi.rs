//! Owns text in the system's ANSI code page: there is none here.
//!
//! Does not know where it is met.

/// Reads bytes in the ANSI code page of this system; `None` when they are none.
pub fn decode(_bytes: &[u8]) -> Option<String> {
    None
}
