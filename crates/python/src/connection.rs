//! Owns one connection of the worker: who serves it at the moment, its requests as they come, and
//! reading their bodies.
//!
//! Does not own what was received (`exchange`), sending (`sending`), calling the app (`call`) nor
//! waiting for many connections (`shared`).

use crate::exchange::{Broken, Exchange, Fill, Offered, Open, Ticket, Waiting, absorb};
use crate::gates::Gate;
use crate::journal::RequestNumber;
use crate::notice::Notice;
use crate::sending::Output;
use fastcgi::{Event, Params, Side};
use gate::control::status;
use platform::Stream;
use platform::status_cell::{READS_AHEAD, StatusCell, tick};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

/// Who a connection belongs to; decides what a broken response looks like.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// Handed over by a gate, or inherited: the web server would count a closed pipe as a crash of
    /// the instance, so a broken response ends with appStatus 1.
    Instance(Option<Arc<Gate>>),
    /// Accepted: a broken response closes the connection, which tells nginx and Apache.
    Accepted(Option<Arc<Gate>>),
}

/// One connection.
pub(crate) struct Connection {
    pub(crate) stream: Stream,
    pub(crate) origin: Origin,
    pub(crate) token: AtomicU64,
    /// Bytes were read before it came: it was reported once for that.
    pub(crate) is_told: AtomicBool,
    /// Whether it has been served once.
    pub(crate) has_served: AtomicBool,
    /// Set to close after the request in flight.
    pub(crate) closing: AtomicBool,
    /// Its gate has gone: nobody waits for the answer.
    pub(crate) is_deserted: AtomicBool,
    pub(crate) cell: Option<StatusCell>,
    /// For a thread that waits with an ASGI request.
    pub(crate) notice: Notice,
    owner: AtomicU8,
    exchange: Mutex<Exchange>,
    pub(crate) output: Mutex<Output>,
}

/// The status of a pipe on which no request is known of.
pub(crate) fn at_rest() -> u32 {
    if READS_AHEAD { status::resting(tick()) } else { 0 }
}

const IDLE: u8 = 0;
const BUSY: u8 = 1;
const WOKEN: u8 = 2;
const HUNG_UP: u8 = 3;

/// A lock's guard, whatever became of its last holder: what is behind our locks is never left half done.
pub(crate) fn unpoisoned<T>(result: Result<T, PoisonError<T>>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

impl Connection {
    /// A connection; `preface` was read from it before it was handed over.
    pub(crate) fn new(
        stream: Stream,
        origin: Origin,
        cell: Option<StatusCell>,
        preface: &[u8],
        capacity: u32,
    ) -> Self {
        let mut core = fastcgi::Connection::new(Side::Application);
        core.set_capacity(capacity);
        // The gate reads no more than a buffer holds before it hands over.
        core.receive(preface);
        stream.enlarge_send_buffer();
        Self {
            stream,
            origin,
            token: AtomicU64::new(0),
            is_told: AtomicBool::new(!preface.is_empty()),
            has_served: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            is_deserted: AtomicBool::new(false),
            cell,
            notice: Notice::default(),
            owner: AtomicU8::new(IDLE),
            exchange: Mutex::new(Exchange {
                core,
                open: SmallVec::new(),
                waiting: VecDeque::new(),
                ended: false,
            }),
            output: Mutex::new(Output::new()),
        }
    }

    // ── whose turn it is ─────────────────────────────────────────────────────────────────────

    /// Tries to become the thread that serves this connection. If another one does, it is told
    /// that there is more, and `false` comes back.
    pub(crate) fn acquire(&self, hangup: bool) -> bool {
        let note = if hangup { HUNG_UP } else { WOKEN };
        loop {
            let current = self.owner.load(Ordering::Acquire);
            let (next, is_ours) =
                if current == IDLE { (BUSY, true) } else { (current.max(note), false) };
            if self
                .owner
                .compare_exchange(current, next, Ordering::AcqRel, Ordering::Acquire)
                .is_ok()
            {
                if !is_ours {
                    self.stream.nudge();
                    self.notice.come();
                }
                return is_ours;
            }
        }
    }

    /// Stops serving. `Some(hangup)`: there is more to read after all, and the connection is still
    /// the caller's.
    pub(crate) fn release(&self) -> Option<bool> {
        match self.owner.compare_exchange(BUSY, IDLE, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => None,
            Err(_) => Some(self.owner.swap(BUSY, Ordering::AcqRel) == HUNG_UP),
        }
    }

    pub(crate) fn exchange(&self, py: Python<'_>) -> MutexGuard<'_, Exchange> {
        unpoisoned(self.exchange.lock_py_attached(py))
    }

    /// The exchange, for a thread that is detached from the interpreter.
    pub(crate) fn exchange_detached(&self) -> MutexGuard<'_, Exchange> {
        unpoisoned(self.exchange.lock())
    }

    /// Looks at the protocol's state, unless someone is working on it. (Never waits: some who ask
    /// hold the interpreter, which the worker on it may want.)
    fn look<T>(&self, see: impl FnOnce(&fastcgi::Connection) -> T) -> Option<T> {
        match self.exchange.try_lock() {
            Ok(exchange) => Some(see(&exchange.core)),
            Err(TryLockError::Poisoned(poisoned)) => Some(see(&poisoned.get_ref().core)),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Whether no request has begun.
    pub(crate) fn rests(&self) -> bool {
        self.look(fastcgi::Connection::is_between_requests).unwrap_or(false)
    }

    /// Whether no request has begun, and none is on its way as far as can be seen. (The web server
    /// may have sent the next one's beginning as soon as it had the last answer.)
    pub(crate) fn may_be_left(&self) -> bool {
        self.rests() && !self.is_awaited()
    }

    /// Whether a request is on its way as far as can be seen: bytes wait to be read, or it was
    /// accepted a moment ago and has never been served.
    pub(crate) fn is_awaited(&self) -> bool {
        let is_fresh =
            matches!(self.origin, Origin::Accepted(_)) && !self.has_served.load(Ordering::Acquire);
        let holds_bytes = !self.look(fastcgi::Connection::is_idle).unwrap_or(false);
        let is_readable = || {
            self.stream.wait(true, false, Some(Duration::ZERO)).is_ok_and(|ready| ready.readable)
        };
        is_fresh || holds_bytes || is_readable()
    }

    // ── reading ──────────────────────────────────────────────────────────────────────────────

    /// Reads once, without waiting.
    pub(crate) fn fill(&self, py: Python<'_>) -> Result<Fill, Broken> {
        if let Some(cell) = &self.cell {
            cell.set(status::IN_FLIGHT);
        }
        let mut exchange = self.exchange(py);
        let found = exchange.fill(&self.stream)?;
        if let (Some(cell), true) = (&self.cell, exchange.core.is_idle()) {
            cell.set(at_rest());
        }
        Ok(found)
    }

    /// The next request that is complete up to its params; `make` sees them where they lie.
    pub(crate) fn next_request<T>(
        &self,
        py: Python<'_>,
        make: impl FnOnce(Params<'_>) -> T,
    ) -> Result<Option<Offered<T>>, Broken> {
        let mut exchange = self.exchange(py);
        let exchange = &mut *exchange;
        if let Some(Waiting { id, keep, params }) = exchange.waiting.pop_front() {
            let number = Exchange::of_id(&mut exchange.open, id).map(|open| open.number);
            let number = number.unwrap_or_else(RequestNumber::next);
            let ticket = Ticket { id, number, keep_connection: keep };
            return Ok(Some((ticket, params.map(|bytes| make(Params::new(&bytes))))));
        }
        let Exchange { core, open, .. } = exchange;
        while let Some(event) = core.poll_event()? {
            let (id, keep_connection, made) = match event {
                Event::Request { id, keep_connection, params } => {
                    (id, keep_connection, Ok(make(params)))
                }
                Event::Refused { id, keep_connection, error } => (id, keep_connection, Err(error)),
                // What is left of requests that were answered early.
                _ => continue,
            };
            let number = RequestNumber::next();
            open.push(Open::new(id, number));
            if let Some(cell) = &self.cell {
                cell.set(status::of_request(id.get(), true));
            }
            return Ok(Some((Ticket { id, number, keep_connection }, made)));
        }
        Ok(None)
    }

    /// Looks at what is in the buffer already and says whether the request's body is complete and
    /// empty: the usual GET.
    pub(crate) fn is_bodiless(&self, py: Python<'_>, ticket: Ticket) -> Result<bool, Broken> {
        let mut exchange = self.exchange(py);
        exchange.settle()?;
        let complete = exchange.core.is_input_complete(ticket.id);
        if let (Some(cell), true) = (&self.cell, complete) {
            cell.set(status::of_request(ticket.id.get(), false));
        }
        Ok(exchange.body(ticket.number).is_none_or(|open| open.body.ended && open.body.is_empty()))
    }

    /// Whether more of the body is to come than was received with its params.
    pub(crate) fn awaits_body(&self, py: Python<'_>, content_length: Option<u64>) -> bool {
        let received = self.exchange(py).core.unread().len() as u64;
        content_length.is_none_or(|length| length > received)
    }

    /// Reads from a request's body, waiting for the first byte; 0 at its end. Call it detached.
    ///
    /// # Errors
    /// `ConnectionAborted` when the web server has gone or gave up.
    pub(crate) fn read_body(&self, number: RequestNumber, target: &mut [u8]) -> io::Result<usize> {
        loop {
            let mut guard = self.exchange_detached();
            let exchange = &mut *guard;
            let Some(open) = exchange.open.iter_mut().find(|open| open.number == number) else {
                return Err(io::Error::other("the request is over"));
            };
            let count = open.body.take(target)?;
            if count > 0 {
                return Ok(count);
            }
            if open.is_answered {
                // What follows on the connection is another request's.
                return Ok(0);
            }
            if open.body.ended {
                if let Some(cell) = &self.cell {
                    cell.set(cell.get() & !status::INPUT_OPEN);
                }
                return Ok(0);
            }
            if open.body.aborted || exchange.ended {
                return Err(gone());
            }
            let id = open.id;
            // The common case goes straight from the read buffer into the app's bytes.
            match exchange.core.poll_event_at_most(target.len()).map_err(protocol)? {
                Some(Event::Stdin { id: of, data }) if of == id => {
                    target[..data.len()].copy_from_slice(data);
                    return Ok(data.len());
                }
                Some(event) => {
                    absorb(&mut exchange.open, &mut exchange.waiting, event)?;
                    continue;
                }
                None => {}
            }
            let found = exchange.fill(&self.stream)?;
            drop(guard);
            if found == Fill::Nothing {
                self.stream.wait(true, false, None)?;
            }
        }
    }

    /// Bytes that were read and not served, if the connection rests between requests and can be
    /// given back.
    pub(crate) fn unserved(&self) -> Option<Vec<u8>> {
        let exchange = self.exchange_detached();
        let rests = exchange.core.is_between_requests() && !exchange.ended;
        let mut unserved = rests.then(|| exchange.core.unread().to_vec())?;
        // What was read ahead goes along.
        unserved.extend(self.stream.settle().ok()?);
        Some(unserved)
    }
}

fn gone() -> io::Error {
    io::Error::new(
        io::ErrorKind::ConnectionAborted,
        "the web server has gone or gave the request up",
    )
}

pub(crate) fn protocol(error: fastcgi::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
