//! Owns the start of a process that outlives who started it: a worker.
//!
//! Does not own what it is told (`handover`).

use super::is;
use std::io;
use std::os::windows::process::CommandExt;
use std::process::{Child, Command};
use windows_sys::Win32::Foundation::ERROR_ACCESS_DENIED;
use windows_sys::Win32::System::Threading::{CREATE_BREAKAWAY_FROM_JOB, CREATE_NO_WINDOW};

/// Starts a program outside our own job, where that lets it go, and without a window. (Where not,
/// it ends with us if whoever made the job says so, and another one is started.)
///
/// # Errors
/// As `CreateProcess`.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    command.creation_flags(CREATE_NO_WINDOW | CREATE_BREAKAWAY_FROM_JOB);
    match command.spawn() {
        Err(error) if is(&error, ERROR_ACCESS_DENIED) => {
            command.creation_flags(CREATE_NO_WINDOW);
            command.spawn()
        }
        other => other,
    }
}
