//! Owns the absence of Windows services: here another program keeps services (systemd), and all that
//! would make or ask one is refused.
//!
//! Does not own what is said to do instead.

use crate::service::{Definition, Report, Reporter};
use std::io;
use std::sync::mpsc::Receiver;

/// Who keeps services that we can make: nobody.
pub const MANAGER: Option<&str> = None;

fn unsupported() -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, "there are no Windows services on this system")
}

/// Finds out whether services may be made.
///
/// # Errors
/// `Unsupported`.
pub fn require_manager() -> io::Result<()> {
    Err(unsupported())
}

/// Makes a service.
///
/// # Errors
/// `Unsupported`.
pub fn create(_definition: &Definition) -> io::Result<()> {
    Err(unsupported())
}

/// Removes a service.
///
/// # Errors
/// `Unsupported`.
pub fn remove(_name: &str) -> io::Result<()> {
    Err(unsupported())
}

/// Tells a service to start.
///
/// # Errors
/// `Unsupported`.
pub fn start(_name: &str) -> io::Result<()> {
    Err(unsupported())
}

/// Tells a service to stop.
///
/// # Errors
/// `Unsupported`.
pub fn stop(_name: &str) -> io::Result<()> {
    Err(unsupported())
}

/// Asks how a service stands: there is none.
///
/// # Errors
/// None here.
pub fn query(_name: &str) -> io::Result<Option<Report>> {
    Ok(None)
}

/// Runs as a service, if the system started this process as one: it never does. Gives `false`.
///
/// # Errors
/// None here.
pub fn dispatch(
    _name: &str,
    _serve: impl FnOnce(&dyn Reporter, Receiver<()>) -> u32 + Send + 'static,
) -> io::Result<bool> {
    Ok(false)
}
