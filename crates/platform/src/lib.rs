//! Owns what touches the operating system: pipes and sockets, the inherited handle, handles that
//! travel between processes, waiting, locks, private folders, instances, the log file. The only
//! home of `unsafe` system calls.
//!
//! Knows no FastCGI, no Python and no configuration: it moves bytes and handles. Each system's half
//! offers the same names, so that nobody above asks which system it is.

pub mod bounded;

pub mod endpoint;

pub mod launch;

pub mod left_behind;

pub mod message;

pub mod lock;

pub mod log_file;

pub mod machine;

pub mod private_file;

pub mod service;

#[cfg(unix)]
#[path = "unix/mod.rs"]
mod system;

#[cfg(windows)]
#[path = "windows/mod.rs"]
mod system;

pub use endpoint::Endpoint;
pub use system::inherited::Inherited;
pub use system::listener::Listener;
pub use system::poller::{Poller, Waker};
pub use system::stream::Stream;
pub use system::waiting::{Ready, STAYS};
pub use system::{
    ansi, detached, elevation, file_identity, handover, identity, inherited, instance, kept,
    memory, offer, poller, private, process, rendezvous, standard_error, status_cell,
    successor_file, termination,
};

/// Tests that start processes hold this while they do: between fork and exec a child has copies of
/// all descriptors, and tests that look whether something is closed would find it open.
#[cfg(all(test, unix))]
pub(crate) static FORKING: std::sync::RwLock<()> = std::sync::RwLock::new(());
