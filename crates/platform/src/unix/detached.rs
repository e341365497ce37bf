//! Owns the start of a process that outlives who started it: a worker.
//!
//! Does not own what it is told (`handover`).

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

/// Starts a program in a process group of its own, so that what a terminal or a web server sends to
/// ours does not end it.
///
/// # Errors
/// As `fork(2)` and `execve(2)`.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    command.process_group(0).spawn()
}
