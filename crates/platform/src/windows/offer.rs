//! Owns a stream that another process of this user opens by name: for a worker that may not fetch
//! handles out of the gate.
//!
//! Does not pass bytes on: the gate's `relay` does.

use super::handover::private_name;
use super::pipe::{self, Kind, Making};
use super::security;
use super::stream::Stream;
use std::io;
use std::os::windows::io::AsHandle;
use std::time::{Duration, Instant};

/// Bytes that the pipe holds in each direction.
const PIPE_BYTES: u32 = 64 * 1024;

/// A pipe that waits to be opened.
#[derive(Debug)]
pub struct Offer {
    name: String,
    stream: Stream,
}

impl Offer {
    /// Makes a pipe of a name that nobody can guess.
    ///
    /// # Errors
    /// As `CreateNamedPipe`.
    pub fn new() -> io::Result<Self> {
        let name = private_name()?;
        let making = Making {
            kind: Kind::Bytes,
            is_first: true,
            is_overlapped: true,
            buffer_bytes: PIPE_BYTES,
        };
        Ok(Self { stream: Stream::new(pipe::make(&name, making)?)?, name })
    }

    /// What the other process opens.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits until it has.
    ///
    /// # Errors
    /// `TimedOut` when it does not.
    pub fn accept(self, timeout: Duration) -> io::Result<Stream> {
        let end = Instant::now() + timeout;
        self.stream.connect(|| Instant::now() > end)?;
        Ok(self.stream)
    }
}

/// Opens what another process offers.
///
/// # Errors
/// `NotFound` when the offer has been withdrawn; `PermissionDenied` when it is somebody else's.
pub fn take(name: &str) -> io::Result<Stream> {
    let handle = pipe::open(name, Kind::Bytes)?;
    security::require_own(handle.as_handle(), name)?;
    Stream::new(handle)
}
