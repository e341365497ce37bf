//! Owns being told to end or to reload, by signals.
//!
//! Does not own what is done about it.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::io;

/// Variables that speak to the process that the web server started, and not to those it starts.
pub const VARIABLES: [&str; 2] = ["_FCGI_X_PIPE_", "_FCGI_SHUTDOWN_EVENT_"];

/// What a process is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// To end: SIGTERM or SIGINT.
    Terminate,
    /// To reload: SIGHUP.
    HangUp,
}

/// Calls `tell` when this process is told something; from another thread.
///
/// # Errors
/// When the system refuses.
pub fn watch(tell: impl Fn(Told) + Send + Clone + 'static) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let wait = move || {
        for signal in signals.forever() {
            tell(if signal == SIGHUP { Told::HangUp } else { Told::Terminate });
        }
    };
    std::thread::Builder::new().name("signals".into()).spawn(wait)?;
    Ok(())
}

/// Calls `tell` when the web server's shutdown event is set: there is none here, but signals.
///
/// # Errors
/// None here.
pub fn watch_event(_tell: impl Fn(Told) + Send + 'static) -> io::Result<()> {
    Ok(())
}
