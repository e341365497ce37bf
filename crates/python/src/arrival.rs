//! Owns telling, for the log at debug level, how long a request waited in the worker and how long the
//! app had it.
//!
//! Knows nothing of the time before the worker could see the request.

use crate::journal;
use log::Level;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::time::Instant;

/// When a request was seen, and when its call began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    seen: Instant,
    called: Instant,
    /// It came while all threads were in the app: it waited for one of them, nobody knows how long.
    has_queued: bool,
}

/// Whether anybody wants to know.
pub(crate) fn is_told() -> bool {
    log::max_level() >= Level::Debug
}

impl Arrival {
    /// The call begins now.
    pub(crate) fn called(seen: Instant, has_queued: bool) -> Self {
        Self { seen, called: Instant::now(), has_queued }
    }

    /// The app is through with it.
    pub(crate) fn tell(&self, environ: &Bound<'_, PyDict>, status: u16) {
        let handled = self.called.elapsed().as_secs_f64() * 1e3;
        let waited = self.called.duration_since(self.seen).as_secs_f64() * 1e3;
        let queued = if self.has_queued { ", after all threads were busy" } else { "" };
        let place = place(environ);
        journal::write(
            Level::Debug,
            &format!(
                "{place}: {status}; waited {waited:.1} ms{queued}; handled in {handled:.1} ms"
            ),
        );
    }
}

/// Method and path of a request.
pub(crate) fn place(environ: &Bound<'_, PyDict>) -> String {
    let what = |key: &str| -> String {
        environ.get_item(key).ok().flatten().map(|value| value.to_string()).unwrap_or_default()
    };
    format!("{} {}{}", what("REQUEST_METHOD"), what("SCRIPT_NAME"), what("PATH_INFO"))
}
