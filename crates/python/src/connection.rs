//! Owns one connection of the worker: reading into the protocol core, the bodies of its requests,
//! sending, and who serves it at the moment.
//!
//! Does not own calling the app (`call`) nor waiting for many connections (`shared`).

use crate::body::Body;
use crate::gates::Gate;
use crate::journal::RequestNumber;
use fastcgi::{EndRequest, Event, Frames, Padding, Params, RequestId, Side};
use gate::control::status;
use platform::Stream;
use platform::status_cell::StatusCell;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// While a response streams, the input is looked at this often for an abort: soon enough to spare
/// work nobody wants, rarely enough not to cost a call per chunk.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Slices per vectored write: Linux allows 1024 (IOV_MAX).
const SLICES_MAX: usize = 1024;

/// After an early answer the web server may still be sending a body nobody reads. Closing at once
/// would reset the connection and lose the answer: so the rest is read and thrown away, for at most
/// so long.
const LINGER: Duration = Duration::from_secs(5);

/// Who a connection belongs to; decides what a broken response looks like.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// Handed over by a gate, or inherited: the web server would count a closed pipe as a crash of
    /// the instance, so a broken response ends with appStatus 1.
    Instance(Option<Arc<Gate>>),
    /// Accepted: a broken response closes the connection, which tells nginx and Apache.
    Accepted(Option<Arc<Gate>>),
}

/// Why a connection cannot go on.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The web server closed it or does not want the answer any more: nobody's fault.
    Gone,
    /// The web server broke the protocol.
    Protocol(fastcgi::Error),
    /// The system refused.
    Io(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted => Self::Gone,
            _ => Self::Io(error),
        }
    }
}

impl From<fastcgi::Error> for Broken {
    fn from(error: fastcgi::Error) -> Self {
        Self::Protocol(error)
    }
}

/// A request that came while another one was running on the same connection.
struct Waiting {
    id: RequestId,
    keep: bool,
    params: Result<Vec<u8>, fastcgi::Error>,
}

/// A request's place in the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    pub(crate) id: RequestId,
    pub(crate) number: RequestNumber,
    pub(crate) keep_connection: bool,
}

/// A request and what was made of its params, or why they are refused.
pub(crate) type Offered<T> = (Ticket, Result<T, fastcgi::Error>);

struct Open {
    id: RequestId,
    number: RequestNumber,
    body: Body,
}

/// The reading half: protocol state and bodies.
struct Exchange {
    core: fastcgi::Connection,
    open: SmallVec<[Open; 1]>,
    waiting: VecDeque<Waiting>,
    ended: bool,
}

/// The writing half.
struct Output {
    frames: Frames,
    looked: Instant,
}

/// One connection.
pub(crate) struct Connection {
    pub(crate) stream: Stream,
    pub(crate) origin: Origin,
    pub(crate) token: AtomicU64,
    /// Bytes were read before it came: it was reported once for that.
    pub(crate) is_told: AtomicBool,
    /// Set to close after the request in flight.
    pub(crate) closing: AtomicBool,
    cell: Option<StatusCell>,
    owner: AtomicU8,
    exchange: Mutex<Exchange>,
    output: Mutex<Output>,
}

/// What reading found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Bytes came and nothing more is there.
    All,
    /// Bytes came and the buffer is full: more may be there.
    Some,
    /// Nothing is there.
    Nothing,
    /// The web server will send no more.
    End,
}

const IDLE: u8 = 0;
const BUSY: u8 = 1;
const WOKEN: u8 = 2;
const HUNG_UP: u8 = 3;

/// Stores one event away.
fn absorb(
    open: &mut SmallVec<[Open; 1]>,
    waiting: &mut VecDeque<Waiting>,
    event: Event<'_>,
) -> io::Result<()> {
    let mut begin = |id, keep, params| {
        waiting.push_back(Waiting { id, keep, params });
        open.push(Open { id, number: RequestNumber::next(), body: Body::default() });
    };
    match event {
        Event::Request { id, keep_connection, params } => {
            begin(id, keep_connection, Ok(params.bytes().to_vec()));
        }
        Event::Refused { id, keep_connection, error } => begin(id, keep_connection, Err(error)),
        Event::Stdin { id, data } => {
            if let Some(open) = Exchange::of_id(open, id) {
                open.body.push(data)?;
            }
        }
        Event::EndOfStdin { id } => {
            if let Some(open) = Exchange::of_id(open, id) {
                open.body.ended = true;
            }
        }
        Event::Abort { id } => {
            if let Some(open) = Exchange::of_id(open, id) {
                open.body.aborted = true;
            }
        }
        _ => {}
    }
    Ok(())
}

fn unpoisoned<T>(result: Result<T, PoisonError<T>>) -> T {
    result.unwrap_or_else(PoisonError::into_inner)
}

impl Exchange {
    fn fill(&mut self, stream: &Stream) -> io::Result<Fill> {
        let space = self.core.space();
        let size = space.len();
        if size == 0 {
            return Ok(Fill::Some);
        }
        Ok(match stream.try_read(space)? {
            None => Fill::Nothing,
            Some(0) => {
                self.ended = true;
                Fill::End
            }
            Some(count) => {
                self.core.filled(count);
                if count < size { Fill::All } else { Fill::Some }
            }
        })
    }

    fn of_id(open: &mut SmallVec<[Open; 1]>, id: RequestId) -> Option<&mut Open> {
        open.iter_mut().find(|open| open.id == id)
    }

    /// Stores away what was received while a request runs: bodies, aborts, further requests.
    fn settle(&mut self) -> Result<(), Broken> {
        while let Some(event) = self.core.poll_event()? {
            absorb(&mut self.open, &mut self.waiting, event)?;
        }
        Ok(())
    }

    fn body(&mut self, number: RequestNumber) -> Option<&mut Open> {
        self.open.iter_mut().find(|open| open.number == number)
    }
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
            closing: AtomicBool::new(false),
            cell,
            owner: AtomicU8::new(IDLE),
            exchange: Mutex::new(Exchange {
                core,
                open: SmallVec::new(),
                waiting: VecDeque::new(),
                ended: false,
            }),
            output: Mutex::new(Output { frames: Frames::default(), looked: Instant::now() }),
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

    fn exchange(&self, py: Python<'_>) -> MutexGuard<'_, Exchange> {
        unpoisoned(self.exchange.lock_py_attached(py))
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
            cell.set(0);
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
            open.push(Open { id, number, body: Body::default() });
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
            let mut guard = unpoisoned(self.exchange.lock());
            let exchange = &mut *guard;
            let Some(open) = exchange.open.iter_mut().find(|open| open.number == number) else {
                return Err(io::Error::other("the request is over"));
            };
            let count = open.body.take(target)?;
            if count > 0 {
                return Ok(count);
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
        let exchange = unpoisoned(self.exchange.lock());
        let rests = exchange.core.is_between_requests() && !exchange.ended;
        rests.then(|| exchange.core.unread().to_vec())
    }

    // ── sending ──────────────────────────────────────────────────────────────────────────────

    /// Sends STDOUT bytes and, with `end`, the request's end: all in one write if it fits.
    pub(crate) fn send(
        &self,
        py: Python<'_>,
        ticket: Ticket,
        parts: &[&[u8]],
        end: Option<EndRequest>,
    ) -> Result<(), Broken> {
        let mut output = unpoisoned(self.output.lock_py_attached(py));
        let output = &mut *output;
        let total = parts.iter().map(|part| part.len()).sum();
        let ending = {
            let mut exchange = self.exchange(py);
            if end.is_none() && output.looked.elapsed() > LOOK_EVERY {
                while matches!(exchange.fill(&self.stream)?, Fill::All | Fill::Some) {
                    exchange.settle()?;
                }
                output.looked = Instant::now();
            }
            let aborted = exchange.body(ticket.number).is_none_or(|open| open.body.aborted);
            if exchange.ended || (aborted && total > 0) {
                return Err(Broken::Gone);
            }
            exchange.core.plan_stdout(ticket.id, total, end, Padding::None, &mut output.frames)?
        };
        if let Some(cell) = &self.cell {
            cell.set(cell.get() | status::OUTPUT_STARTED);
        }
        let mut slices = SmallVec::<[IoSlice<'_>; 8]>::new();
        output.frames.emit(parts, |piece| slices.push(IoSlice::new(piece)));
        if let Some(ending) = &ending {
            slices.push(IoSlice::new(ending.bytes()));
        }
        let mut rest = &mut slices[..];
        // Tried at once, without leaving Python: a response that fits the socket's buffer is gone.
        if let Some(count) = self.stream.try_write(&rest[..rest.len().min(SLICES_MAX)])? {
            IoSlice::advance_slices(&mut rest, count);
        }
        if rest.is_empty() {
            return Ok(());
        }
        py.detach(|| self.send_rest(rest))
    }

    /// Writes what did not fit, reading meanwhile: the web server may itself be stuck sending us
    /// the body.
    fn send_rest(&self, mut rest: &mut [IoSlice<'_>]) -> Result<(), Broken> {
        let mut input_open = true;
        while !rest.is_empty() {
            let ready = self.stream.wait(input_open, true, None)?;
            if ready.readable {
                let mut exchange = unpoisoned(self.exchange.lock());
                input_open = !matches!(exchange.fill(&self.stream)?, Fill::End);
                exchange.settle()?;
                if exchange.ended {
                    return Err(Broken::Gone);
                }
            }
            if ready.writable {
                let count = self.stream.try_write(&rest[..rest.len().min(SLICES_MAX)])?;
                IoSlice::advance_slices(&mut rest, count.unwrap_or(0));
            }
        }
        Ok(())
    }

    /// Sends answers to management records, if there are any.
    pub(crate) fn send_replies(&self, py: Python<'_>) -> Result<(), Broken> {
        let replies = {
            let mut exchange = self.exchange(py);
            if !exchange.core.has_replies() {
                return Ok(());
            }
            exchange.core.take_replies()
        };
        let _output = unpoisoned(self.output.lock_py_attached(py));
        Ok(py.detach(|| self.stream.write_all(&replies))?)
    }

    /// Forgets a request that is over. If it was not ended on the wire, it is now.
    pub(crate) fn finish(&self, py: Python<'_>, ticket: Ticket) -> Result<(), Broken> {
        let is_open = {
            let mut exchange = self.exchange(py);
            let has = exchange.body(ticket.number).is_some();
            has && exchange.core.open_requests() > 0
                && !exchange.ended
                && exchange.core.is_open(ticket.id)
        };
        let sent = if is_open {
            let end = EndRequest { app_status: 1, ..EndRequest::COMPLETE };
            self.send(py, ticket, &[], Some(end))
        } else {
            Ok(())
        };
        let mut exchange = self.exchange(py);
        exchange.open.retain(|open| open.number != ticket.number);
        if let (Some(cell), true) = (&self.cell, exchange.core.is_idle()) {
            cell.set(0);
        }
        sent
    }

    /// Before closing: reads and throws away what the web server is still sending, so that it gets
    /// to read the answer.
    pub(crate) fn linger(&self, py: Python<'_>) {
        if self.exchange(py).ended {
            return;
        }
        py.detach(|| {
            let end = Instant::now() + LINGER;
            let mut waste = [0; 16 * 1024];
            self.stream.shutdown_write();
            while let Some(left) = end.checked_duration_since(Instant::now()) {
                match self.stream.try_read(&mut waste) {
                    Ok(Some(0)) | Err(_) => return,
                    Ok(Some(_)) => {}
                    Ok(None) => match self.stream.wait(true, false, Some(left)) {
                        Ok(ready) if ready.readable => {}
                        _ => return,
                    },
                }
            }
        });
    }

    /// Whether a request's body is still coming while nobody will read it.
    pub(crate) fn is_input_open(&self, py: Python<'_>, ticket: Ticket) -> bool {
        let mut exchange = self.exchange(py);
        !exchange.ended && exchange.body(ticket.number).is_some_and(|open| !open.body.ended)
    }
}

fn gone() -> io::Error {
    io::Error::new(
        io::ErrorKind::ConnectionAborted,
        "the web server has gone or gave the request up",
    )
}

fn protocol(error: fastcgi::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
