//! Owns waiting for one stream, and sharing its event with the poller.
//!
//! Does not read or write (`stream`).

use super::event::{Event, wait_any};
use super::lane::Found;
use super::stream::{Stream, lock};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Whether [`Stream::stay`] is of use here.
pub const STAYS: bool = true;

/// How long a thread stays with a stream from which nothing comes.
const STAY_TIMEOUT: Duration = Duration::from_secs(5);

/// How the poller and a thread that waits for this stream alone share one event.
#[derive(Debug)]
pub(super) struct Waiting {
    /// Set when a read has ended.
    pub(super) read: Arc<Event>,
    /// Set by the poller when it was woken in that thread's place.
    direct: Event,
    waiters: AtomicUsize,
    /// Whoever stays is to look at something else.
    is_nudged: AtomicBool,
}

impl Waiting {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            read: Arc::new(Event::automatic()?),
            direct: Event::automatic()?,
            waiters: AtomicUsize::new(0),
            is_nudged: AtomicBool::new(false),
        })
    }

    /// Passes on what the poller has learnt.
    pub(super) fn pass_on(&self) {
        if self.waiters.load(Ordering::SeqCst) > 0 {
            self.direct.set();
        }
    }
}

/// What a stream was found ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Bytes, or the end, can be read.
    pub readable: bool,
    /// Bytes can be written, or the attempt will tell the error.
    pub writable: bool,
}

impl Stream {
    /// Waits until the stream can be read (`read`) or written (`write`), or for `timeout`.
    ///
    /// # Errors
    /// As `WaitForMultipleObjects`.
    pub fn wait(&self, read: bool, write: bool, timeout: Option<Duration>) -> io::Result<Ready> {
        self.wait_unless(read, write, timeout, || false)
    }

    /// Waits for what comes next where that is cheaper than to let a poller wait: a thread that
    /// reads from a pipe does best to wait itself. `true` when something came, or was said to have
    /// by [`Self::nudge`]; `false` when nothing did for a while.
    ///
    /// # Errors
    /// As [`Self::wait`].
    pub fn stay(&self) -> io::Result<bool> {
        let is_nudged = || self.waiting.is_nudged.swap(false, Ordering::SeqCst);
        let mut was_nudged = false;
        let ready = self.wait_unless(true, false, Some(STAY_TIMEOUT), || {
            was_nudged = is_nudged();
            was_nudged
        })?;
        Ok(ready.readable || was_nudged)
    }

    /// Makes who stays with this stream look up.
    pub fn nudge(&self) {
        self.waiting.is_nudged.store(true, Ordering::SeqCst);
        self.waiting.pass_on();
    }

    fn wait_unless(
        &self,
        read: bool,
        write: bool,
        timeout: Option<Duration>,
        mut is_over: impl FnMut() -> bool,
    ) -> io::Result<Ready> {
        // While an answer waits to leave, no read may be under way on such a pipe.
        let read = read && !(write && self.is_synchronous);
        if self.is_synchronous && timeout == Some(Duration::ZERO) {
            // Only a look: a read would stay under way.
            let is_written = write && lock(&self.writing).poll() != Found::Pending;
            return Ok(Ready { readable: read && self.has_something(), writable: is_written });
        }
        let end = timeout.map(|timeout| Instant::now() + timeout);
        self.waiting.waiters.fetch_add(1, Ordering::SeqCst);
        let ready = loop {
            let ready = Ready {
                readable: read && self.is_readable(),
                writable: write && lock(&self.writing).poll() != Found::Pending,
            };
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            let is_done = ready.readable || ready.writable || left == Some(Duration::ZERO);
            if is_done || is_over() {
                break Ok(ready);
            }
            let events = [self.waiting.read.raw(), self.waiting.direct.raw(), self.written.raw()];
            let events = match (read, write) {
                (true, true) => &events[..],
                (true, false) => &events[..2],
                (false, _) => &events[2..],
            };
            if let Err(error) = wait_any(events, left) {
                break Err(error);
            }
        };
        self.waiting.waiters.fetch_sub(1, Ordering::SeqCst);
        ready
    }
}
