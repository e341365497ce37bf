//! Owns the bounds of messages between gate and worker.
//!
//! Does not send any: see `handover`.

/// Most bytes of one message: params that the gate had to read before it knew the site (64 KiB,
/// one read) and a few more. Linux lets a message be as large as the send buffer, 208 KiB.
pub const MESSAGE_BYTES_MAX: usize = 96 * 1024;

/// Most handles in one message: a stream and its status cell.
pub const HANDLES_MAX: usize = 2;
