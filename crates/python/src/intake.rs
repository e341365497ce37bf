//! Owns what the two ends of an ASGI request's service see of its connection: the body in pieces, for
//! the event loop, which never waits; and waiting for what comes, for the request's own thread.
//!
//! Does not own the answer (`response`), nor what ASGI makes of all that (`iisgate.asgi_request`).

use crate::connection::{Connection, protocol};
use crate::exchange::{Broken, Exchange, Fill, absorb};
use crate::journal::RequestNumber;
use fastcgi::Event;
use gate::control::status;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pyo3::create_exception!(
    iisgate,
    Disconnected,
    PyOSError,
    "The web server has gone or gave the request up: nobody waits for the answer."
);

/// Bytes of a body that one message brings at most: a record's worth. Uvicorn's and Hypercorn's
/// messages hold as much.
const PIECE_BYTES_MAX: usize = 64 * 1024;

/// How often a thread looks by itself, should nobody be left to tell it of what comes: when as many
/// requests are served as may be.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Why waiting has ended, as Python code knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    /// The thread was called.
    Call = 0,
    /// Some of the body that is wanted is there, or its end.
    Body = 1,
    /// The web server has gone or gave the request up.
    Gone = 2,
    /// The request was answered to its end.
    Over = 3,
}

/// A request's connection, as far as an ASGI app is concerned.
#[pyclass(frozen, module = "iisgate")]
pub(crate) struct Intake {
    connection: Arc<Connection>,
    number: RequestNumber,
    wants_body: AtomicBool,
}

impl Intake {
    pub(crate) const fn new(connection: Arc<Connection>, number: RequestNumber) -> Self {
        Self { connection, number, wants_body: AtomicBool::new(false) }
    }

    /// Looks at what is there, without waiting.
    fn look(&self) -> io::Result<Option<Seen>> {
        let stream = &self.connection.stream;
        let mut guard = self.connection.exchange_detached();
        let exchange = &mut *guard;
        loop {
            let wants_body = self.wants_body.load(Ordering::Acquire);
            let (has_gone, number) = (exchange.ended, self.number);
            let Some(open) = exchange.body(number).filter(|open| !open.is_answered) else {
                return Ok(Some(Seen::Over));
            };
            if wants_body && (open.body.ended || !open.body.is_empty()) {
                self.wants_body.store(false, Ordering::Release);
                return Ok(Some(Seen::Body));
            }
            if open.body.aborted || has_gone {
                return Ok(Some(Seen::Gone));
            }
            // What nobody has asked for stays with the web server.
            if !wants_body && !open.body.ended {
                return Ok(None);
            }
            if !step(exchange, stream)? {
                return Ok(None);
            }
        }
    }

    /// Whether something can be read that somebody waits for.
    fn may_read(&self) -> bool {
        let wants_body = self.wants_body.load(Ordering::Acquire);
        let is_whole = || {
            let mut exchange = self.connection.exchange_detached();
            exchange.body(self.number).is_some_and(|open| open.body.ended)
        };
        // Such a pipe would have to end the read before it can send the answer.
        wants_body || (!self.connection.stream.takes_turns() && is_whole())
    }

    fn wait_detached(&self) -> io::Result<Seen> {
        let connection = &self.connection;
        loop {
            if connection.notice.take_call() {
                return Ok(Seen::Call);
            }
            if let Some(seen) = self.look()? {
                return Ok(seen);
            }
            if platform::STAYS && self.may_read() {
                connection.stream.stay()?;
            } else {
                // Edges wake another thread, which tells this one.
                connection.notice.wait(LOOK_EVERY);
            }
        }
    }

    /// Gathers what is there of the body, up to a piece; whether that was all of it.
    fn gather(&self, exchange: &mut Exchange, piece: &mut Vec<u8>) -> Result<bool, Broken> {
        loop {
            let has_gone = exchange.ended;
            let Some(open) = exchange.body(self.number).filter(|open| !open.is_answered) else {
                return Err(Broken::Gone);
            };
            let begun = piece.len();
            if !open.body.is_empty() {
                piece.resize(PIECE_BYTES_MAX, 0);
                let taken = open.body.take(&mut piece[begun..]);
                piece.truncate(begun + *taken.as_ref().unwrap_or(&0));
                taken?;
            }
            if open.body.ended && open.body.is_empty() {
                return Ok(true);
            }
            if piece.len() >= PIECE_BYTES_MAX {
                return Ok(false);
            }
            if open.body.aborted || has_gone {
                return if piece.is_empty() { Err(Broken::Gone) } else { Ok(false) };
            }
            // A further read brings little beside what is there.
            let has_events = event(exchange)?;
            if !has_events
                && (!piece.is_empty() || exchange.fill(&self.connection.stream)? == Fill::Nothing)
            {
                return Ok(false);
            }
        }
    }
}

/// Takes one event up, or reads; whether there was anything.
fn step(exchange: &mut Exchange, stream: &platform::Stream) -> io::Result<bool> {
    if event(exchange)? {
        return Ok(true);
    }
    Ok(exchange.fill(stream)? != Fill::Nothing)
}

/// Takes one event up; whether there was one.
fn event(exchange: &mut Exchange) -> io::Result<bool> {
    let Exchange { core, open, waiting, .. } = exchange;
    let found: Option<Event<'_>> = core.poll_event_at_most(PIECE_BYTES_MAX).map_err(protocol)?;
    found.map_or(Ok(false), |event| absorb(open, waiting, event).map(|()| true))
}

fn failed(broken: Broken) -> PyErr {
    match broken {
        Broken::Protocol(error) => Disconnected::new_err(error.to_string()),
        Broken::Io(error) => Disconnected::new_err(error.to_string()),
        Broken::Gone => Disconnected::new_err("the web server has gone or gave the request up"),
    }
}

#[pymethods]
impl Intake {
    /// The request's number, as the log's functions take it.
    #[getter]
    fn number(&self) -> u64 {
        self.number.get()
    }

    /// Waits until the thread is called (0), what is wanted of the body is there (1), the web server
    /// has gone (2) or the answer is complete (3). For the request's own thread.
    fn wait(&self, py: Python<'_>) -> PyResult<u8> {
        py.detach(|| self.wait_detached())
            .map(|seen| seen as u8)
            .map_err(|error| failed(Broken::Io(error)))
    }

    /// Calls the thread that waits.
    fn call(&self) {
        self.connection.notice.call();
        self.connection.stream.nudge();
    }

    /// Some of the body is wanted: the thread that waits tells when there is.
    fn want_body(&self) {
        self.wants_body.store(true, Ordering::Release);
        self.call();
    }

    /// What is there of the body, up to a piece, and whether there is more to come; `None` when
    /// nothing is there yet. Never waits.
    fn take<'py>(&self, py: Python<'py>) -> PyResult<Option<(Bound<'py, PyBytes>, bool)>> {
        let mut piece = Vec::new();
        let is_whole =
            self.gather(&mut self.connection.exchange(py), &mut piece).map_err(failed)?;
        if let (true, Some(cell)) = (is_whole, &self.connection.cell) {
            cell.set(cell.get() & !status::INPUT_OPEN);
        }
        if piece.is_empty() && !is_whole {
            return Ok(None);
        }
        Ok(Some((PyBytes::new(py, &piece), !is_whole)))
    }
}
