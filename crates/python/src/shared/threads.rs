//! Owns the count of the worker's threads: how many serve, how many are in the app, how many of those
//! nobody waits for any more, and when one more is needed.
//!
//! Does not own what a thread does (`serve`).

use super::Shared;
use pyo3::prelude::*;
use std::sync::atomic::Ordering;

/// Requests that an ASGI app is given at once at the least: its event loop has them, and the thread of
/// each sleeps. Uvicorn sets no bound; IIS's own is 1000 requests in an application pool's queue.
const ASGI_REQUESTS: usize = 1000;

impl Shared {
    /// Threads that may be, which is as many as requests may be in the app.
    pub(crate) fn threads_max(&self) -> usize {
        let most = self.settings.threads_max;
        if self.is_asgi() { most.max(ASGI_REQUESTS) } else { most }
    }

    pub(crate) fn thread_begins(&self) {
        self.threads.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn thread_ends(&self) {
        if self.threads.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.main.wake();
        }
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads.load(Ordering::Acquire)
    }

    /// Before a call of the app.
    pub(crate) fn call_begins(&self) {
        self.calling.fetch_add(1, Ordering::AcqRel);
        self.relieve();
    }

    /// If no thread is left to wait while more requests could come, starts one more. So an idle
    /// connection needs no thread, and a slow request delays none.
    pub(crate) fn relieve(&self) {
        let stuck = self.stuck();
        let threads = self.threads().saturating_sub(stuck);
        let calling = self.calling.load(Ordering::Acquire).saturating_sub(stuck);
        let is_needed = self.threads() > 0
            && !self.is_stopping()
            && calling >= threads
            && threads < self.threads_max()
            && self.sources.load(Ordering::Relaxed) > calling;
        if !is_needed {
            return;
        }
        self.thread_begins();
        // `None`: the interpreter is ending, and with it the need.
        let spawned = Python::try_attach(|py| self.spawn.call0(py));
        if !matches!(spawned, Some(Ok(_))) {
            self.thread_ends();
        }
        if let Some(Err(error)) = spawned {
            log::error!("no further thread could be started: {error}");
        }
    }

    /// Whether each connection may have a thread of its own, and one is left for the others.
    pub(crate) fn has_a_thread_for_each(&self) -> bool {
        self.sources.load(Ordering::Relaxed) < self.settings.threads_max
    }

    pub(crate) fn call_ends(&self) {
        self.calling.fetch_sub(1, Ordering::AcqRel);
    }

    /// A call of the app has been answered.
    pub(crate) fn request_ends(&self) {
        let count = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if Some(count) == self.settings.max_requests {
            self.news.tell();
        }
    }

    /// Requests that the app has answered.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Threads that are in a call of the app.
    pub(crate) fn calling(&self) -> usize {
        self.calling.load(Ordering::Relaxed)
    }

    /// Whether all other threads that may be are in the app.
    pub(crate) fn is_last_thread(&self) -> bool {
        let calling = self.calling.load(Ordering::Relaxed).saturating_sub(self.stuck());
        calling + 1 >= self.threads_max()
    }

    pub(crate) fn stuck_begins(&self) {
        self.stuck.fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn stuck_ends(&self) {
        self.stuck.fetch_sub(1, Ordering::AcqRel);
    }

    /// Threads in calls that nobody waits for any more.
    pub(crate) fn stuck(&self) -> usize {
        self.stuck.load(Ordering::Acquire)
    }
}
