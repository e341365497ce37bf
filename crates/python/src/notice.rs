//! Owns waking the thread that waits with an ASGI request: something came on its connection, or the
//! event loop has something for it.
//!
//! Does not say what it is: who waits looks.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a thread was woken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Flags {
    /// Bytes, or the end, as another thread was told.
    has_come: bool,
    /// The event loop, or who gave the request up, wants this thread to look.
    is_called: bool,
}

/// For one thread that waits.
#[derive(Debug, Default)]
pub(crate) struct Notice {
    flags: Mutex<Flags>,
    told: Condvar,
}

impl Notice {
    fn flags(&self) -> MutexGuard<'_, Flags> {
        self.flags.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something came.
    pub(crate) fn come(&self) {
        self.flags().has_come = true;
        self.told.notify_one();
    }

    /// Calls the thread.
    pub(crate) fn call(&self) {
        self.flags().is_called = true;
        self.told.notify_one();
    }

    /// Whether the thread was called since it last asked.
    pub(crate) fn take_call(&self) -> bool {
        std::mem::take(&mut self.flags().is_called)
    }

    /// Waits until something has come, or the thread is called, or for so long.
    pub(crate) fn wait(&self, timeout: Duration) {
        let waited = self
            .told
            .wait_timeout_while(self.flags(), timeout, |flags| !flags.has_come && !flags.is_called);
        waited.unwrap_or_else(PoisonError::into_inner).0.has_come = false;
    }
}
