//! Owns the Windows half of the crate: named pipes and sockets with overlapped I/O, handles that
//! travel between processes, jobs, the shutdown event.
//!
//! Uses documented calls of the Win32 API alone.
#![expect(unsafe_code, reason = "the Win32 API is called here")]

mod event;

mod lane;

mod blocking;

mod security;

mod pipe;

pub(crate) mod waiting;

pub(crate) mod stream;

pub(crate) mod listener;

pub mod inherited;

pub mod handover;

pub mod rendezvous;

pub mod offer;

pub mod status_cell;

mod source;

mod apart;

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

mod tether;

pub mod termination;

pub mod memory;

pub(crate) mod machine;

mod machine_access;

pub mod file_identity;

pub mod ansi;

pub mod standard_error;

pub(crate) mod service;

mod service_process;

use std::ffi::OsStr;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::time::Duration;
use windows_sys::Win32::System::Threading::INFINITE;

/// The error of the call that failed last.
fn last_error() -> io::Error {
    io::Error::last_os_error()
}

/// The result of a call that returns 0 when it fails.
fn check(done: i32) -> io::Result<()> {
    if done == 0 { Err(last_error()) } else { Ok(()) }
}

/// Whether an error is the system's of that number.
fn is(error: &io::Error, code: u32) -> bool {
    error.raw_os_error() == Some(code as i32)
}

/// Text as the wide calls want it, with its final 0.
fn wide(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain([0]).collect()
}

/// A time as the waiting calls want it; a fraction of a millisecond counts as one, so that no
/// caller spins.
fn milliseconds(timeout: Option<Duration>) -> u32 {
    let Some(timeout) = timeout else { return INFINITE };
    let whole = timeout.as_nanos().div_ceil(1_000_000);
    u32::try_from(whole).unwrap_or(INFINITE).min(INFINITE - 1)
}
