//! Owns which calls of the app are under way: for which request, since when, in which thread, and
//! whether anybody still waits for them.
//!
//! Does not decide how long one may take (`iisgate.limits`), nor what is done to it (`giving_up`).

use crate::connection::Connection;
use crate::journal::RequestNumber;
use crate::response;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A call of the app.
pub(crate) struct Call {
    pub(crate) number: RequestNumber,
    pub(crate) since: Instant,
    pub(crate) connection: Arc<Connection>,
    pub(crate) response: response::Shared,
    pub(crate) environ: Py<PyDict>,
    /// The client was told that there will be no answer, and the connection is not this call's any
    /// more.
    pub(crate) is_given_up: bool,
    /// It does not count as one of the threads that may be had.
    pub(crate) is_stuck: bool,
}

/// The place of one serving thread. Locked for moments only, and never while Python code runs.
pub(crate) struct Place {
    /// Python's number of the thread.
    pub(crate) thread: u64,
    call: Mutex<Option<Call>>,
}

impl Place {
    pub(crate) fn call(&self) -> MutexGuard<'_, Option<Call>> {
        self.call.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call begins.
    pub(crate) fn begin(
        &self,
        number: RequestNumber,
        connection: &Arc<Connection>,
        response: &response::Shared,
        environ: &Bound<'_, PyDict>,
    ) {
        let call = Call {
            number,
            since: Instant::now(),
            connection: Arc::clone(connection),
            response: Arc::clone(response),
            environ: environ.clone().unbind(),
            is_given_up: false,
            is_stuck: false,
        };
        *self.call() = Some(call);
    }

    /// The call has ended; what was known of it.
    pub(crate) fn end(&self) -> Option<Call> {
        self.call().take()
    }
}

/// All threads' places.
#[derive(Default)]
pub(crate) struct Calls(Mutex<Vec<Arc<Place>>>);

impl Calls {
    fn places(&self) -> MutexGuard<'_, Vec<Arc<Place>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread begins to serve.
    pub(crate) fn enter(&self, thread: u64) -> Arc<Place> {
        let place = Arc::new(Place { thread, call: Mutex::new(None) });
        self.places().push(Arc::clone(&place));
        place
    }

    /// A thread serves no more.
    pub(crate) fn leave(&self, place: &Arc<Place>) {
        self.places().retain(|other| !Arc::ptr_eq(other, place));
    }

    /// The places as they are now.
    pub(crate) fn all(&self) -> Vec<Arc<Place>> {
        self.places().clone()
    }
}
