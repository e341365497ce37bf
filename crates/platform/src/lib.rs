//! Owns what touches the operating system: sockets, the inherited handle, descriptors that travel
//! between processes, waiting, locks, private folders, instances, the log file. The only home of
//! `unsafe` system calls.
//!
//! Knows no FastCGI, no Python and no configuration: it moves bytes and descriptors.

#[cfg(not(target_os = "linux"))]
compile_error!(
    "iisgate builds on Linux so far; Windows named pipes are the next step (see README)"
);

pub mod endpoint;

pub mod stream;

pub mod inherited;

pub mod handover;

pub mod status_cell;

pub mod poller;

pub mod private;

pub mod instance;

pub mod log_file;

pub use endpoint::{Endpoint, Listener};
pub use inherited::Inherited;
pub use poller::{Poller, Waker};
pub use stream::{Ready, Stream};

/// Repeats a call that a signal interrupted.
pub(crate) fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            other => return other,
        }
    }
}

/// Tests that start processes hold this while they do: between fork and exec a child has copies of
/// all descriptors, and tests that look whether something is closed would find it open.
#[cfg(test)]
pub(crate) static FORKING: std::sync::RwLock<()> = std::sync::RwLock::new(());
