//! Owns dying at a chosen point, as in a power cut, for tests.
//!
//! Does not own what has to be so afterwards.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The variable, for tests alone: at the so-manieth point of an installation the process dies.
pub const KILL_AT: &str = "IISGATE_TEST_KILL_AT";

static PASSED: AtomicUsize = AtomicUsize::new(0);

/// A point between two changes.
pub(crate) fn checkpoint() {
    let passed = PASSED.fetch_add(1, Ordering::Relaxed) + 1;
    let wanted = std::env::var(KILL_AT).ok().and_then(|text| text.parse::<usize>().ok());
    if wanted == Some(passed) {
        std::process::abort();
    }
}
