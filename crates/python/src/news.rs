//! Owns waiting for something that the worker's looking after itself may want to know of.
//!
//! Does not say what it is: who waits looks.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Whether there is something, for one who waits.
#[derive(Debug, Default)]
pub(crate) struct News {
    is_there: Mutex<bool>,
    told: Condvar,
}

impl News {
    /// There is something.
    pub(crate) fn tell(&self) {
        *self.is_there.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.told.notify_all();
    }

    /// Waits for something, or for so long.
    pub(crate) fn wait(&self, timeout: Duration) {
        let is_there = self.is_there.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.told.wait_timeout_while(is_there, timeout, |is_there| !*is_there);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}
