//! Owns what waiting for one stream tells.
//!
//! Does not wait (`stream`).

/// Whether [`Stream::stay`] is of use here.
pub const STAYS: bool = false;

/// What a stream was found ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Bytes, or the end, can be read.
    pub readable: bool,
    /// Bytes can be written, or the attempt will tell the error.
    pub writable: bool,
}
