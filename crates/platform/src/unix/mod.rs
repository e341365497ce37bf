//! Owns the Unix half of the crate: sockets, descriptors that travel between processes, epoll,
//! process groups.
//!
//! Builds on Linux so far: edge-triggered waiting (`epoll`) and shared memory without a name
//! (`memfd`) are Linux's own.

#[cfg(not(target_os = "linux"))]
compile_error!("iisgate builds on Linux and Windows so far");

pub(crate) mod waiting;

pub(crate) mod stream;

pub(crate) mod listener;

pub mod inherited;

pub mod handover;

pub mod rendezvous;

pub mod offer;

pub mod status_cell;

pub mod poller;

pub mod identity;

pub mod elevation;

pub mod successor_file;

pub mod private;

pub mod instance;

pub mod detached;

pub mod kept;

pub(crate) mod group;

pub mod process;

pub mod termination;

pub mod memory;

pub(crate) mod machine;

pub mod file_identity;

pub mod ansi;

pub mod standard_error;

pub(crate) mod service;

/// Repeats a call that a signal interrupted.
fn retry<T>(mut call: impl FnMut() -> rustix::io::Result<T>) -> rustix::io::Result<T> {
    loop {
        match call() {
            Err(rustix::io::Errno::INTR) => {}
            other => return other,
        }
    }
}
