//! Owns a stream that another process of this user opens by name: for a worker that may not be
//! given descriptors.
//!
//! Does not pass bytes on: the gate's `relay` does.

use super::listener::Listener;
use super::{private, stream::Stream};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

/// A socket that waits to be opened, in the user's private folder.
#[derive(Debug)]
pub struct Offer {
    name: String,
    listener: Listener,
}

impl Offer {
    /// Makes a socket of a new name.
    ///
    /// # Errors
    /// As `bind(2)`.
    pub fn new() -> io::Result<Self> {
        let number = RandomState::new().hash_one(std::process::id());
        let path = private::folder()?.join(format!("{number:016x}.offer"));
        let listener = Listener::at_path(&path)?;
        Ok(Self { name: path.to_string_lossy().into_owned(), listener })
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
        let came = self.listener.wait(timeout)?;
        let stream = if came { self.listener.try_accept()? } else { None };
        stream.ok_or(io::ErrorKind::TimedOut.into())
    }
}

impl Drop for Offer {
    fn drop(&mut self) {
        // Nobody else opens it.
        let _ = std::fs::remove_file(PathBuf::from(&self.name));
    }
}

/// Opens what another process offers.
///
/// # Errors
/// `NotFound` when the offer has been withdrawn.
pub fn take(name: &str) -> io::Result<Stream> {
    Stream::new(UnixStream::connect(name)?.into())
}
