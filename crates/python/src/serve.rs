//! Owns the loop of a serving thread: wait for a connection, read, call the app, until stopped.
//!
//! Does not own the call itself (`call`).

use crate::arrival::{self, Arrival};
use crate::call::{After, Caller};
use crate::connection::Connection;
use crate::environ::{self, Maker, Refusal};
use crate::exchange::{Broken, Fill};
use crate::shared::{Accepting, Shared, Slot};
use platform::STAYS;
use platform::poller::Woken;
use pyo3::prelude::*;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// Serves until the worker stops. The caller is a thread of Python's making, so that its thread
/// state, `threading.local` and name last as long as it does.
pub(crate) fn run(py: Python<'_>, shared: &Arc<Shared>) -> PyResult<()> {
    let mut thread = Thread::new(py, shared)?;
    while !shared.is_stopping() {
        let is_last = shared.is_last_thread();
        let (woken, waited) = py.detach(|| {
            let begun = arrival::is_told().then(Instant::now);
            (shared.poller.wait(None), begun.map(|begun| (begun.elapsed(), Instant::now())))
        });
        match woken? {
            Woken::Ready { token, hangup } => match shared.slot(token) {
                Some(Slot::Connection(connection)) if connection.acquire(hangup) => {
                    thread.seen = waited.map(|(waited, seen)| {
                        // What is there at once was there before: while no thread could look.
                        (seen, is_last && waited < AT_ONCE)
                    });
                    thread.serve(py, &connection, hangup)?;
                }
                Some(Slot::Listener(accepting)) => thread.accept(py, &accepting),
                _ => {}
            },
            Woken::Waker | Woken::Timeout => {}
        }
    }
    Ok(())
}

/// Time that looking for something takes at most when it is there.
const AT_ONCE: Duration = Duration::from_micros(200);

/// The pause after a connection could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What one thread keeps.
struct Thread {
    shared: Arc<Shared>,
    maker: Maker,
    caller: Caller,
    /// When the connection that is served was found to have something, if anybody wants to know, and
    /// whether that had waited for this thread.
    seen: Option<(Instant, bool)>,
}

impl Thread {
    fn new(py: Python<'_>, shared: &Arc<Shared>) -> PyResult<Self> {
        let settings = &shared.settings;
        let multithread = settings.threads_max > 1;
        let template =
            environ::template(py, shared.errors.bind(py), multithread, settings.multiprocess)?;
        Ok(Self {
            shared: Arc::clone(shared),
            maker: Maker::new(template, settings.rules.clone(), settings.bound_to.clone()),
            caller: Caller::new(py, shared)?,
            seen: None,
        })
    }

    /// Takes all connections that wait.
    fn accept(&self, py: Python<'_>, accepting: &Accepting) {
        if let Err(error) = self.shared.take_waiting(accepting) {
            log::error!("accepting connections: {error}");
            // It would be told again at once.
            py.detach(|| std::thread::sleep(ACCEPT_PAUSE));
        }
    }

    /// Serves a connection until nothing more is there to read. It is ours; at the end it is
    /// nobody's, or closed.
    fn serve(
        &mut self,
        py: Python<'_>,
        connection: &Arc<Connection>,
        mut hangup: bool,
    ) -> PyResult<()> {
        if connection.is_told.swap(false, Ordering::AcqRel) {
            let token = connection.token.load(Ordering::Acquire);
            self.shared.poller.resume(&connection.stream, token)?;
        }
        let mut stays = false;
        loop {
            let after = match self.serve_once(py, connection, hangup) {
                Ok(after) => after?,
                Err(Broken::Gone) => After::Close,
                Err(Broken::Protocol(error)) => {
                    log::warn!("the web server broke the protocol: {error}: connection closed");
                    After::Close
                }
                Err(Broken::Io(error)) => {
                    log::error!("connection: {error}: closed");
                    After::Close
                }
            };
            match after {
                After::Keep => {}
                After::Close => {
                    self.shared.close(connection);
                    return Ok(());
                }
                After::NotOurs => return Ok(()),
            }
            let must_close = connection.closing.load(Ordering::Acquire)
                && connection.has_served.load(Ordering::Acquire)
                && connection.may_be_left();
            if must_close {
                self.shared.let_go(connection);
                return Ok(());
            }
            if self.stay(py, connection, &mut stays)? {
                self.seen = arrival::is_told().then(|| (Instant::now(), false));
                continue;
            }
            // Before it is anybody's: what comes from now on wakes a thread.
            connection.stream.expect_more();
            match connection.release() {
                None => return Ok(()),
                Some(more_hangup) => hangup |= more_hangup,
            }
        }
    }

    /// Waits for the connection's next request in person, where that is cheaper; whether there is
    /// something to look at.
    fn stay(&self, py: Python<'_>, connection: &Connection, stays: &mut bool) -> PyResult<bool> {
        if !STAYS {
            return Ok(false);
        }
        let shared = &self.shared;
        let token = connection.token.load(Ordering::Acquire);
        if shared.has_a_thread_for_each() {
            // The other threads need not be told of what comes on this connection.
            *stays = *stays || shared.poller.pause(&connection.stream, token)?;
            shared.call_begins();
            let came = py.detach(|| connection.stream.stay());
            shared.call_ends();
            if came? {
                return Ok(true);
            }
        }
        if std::mem::take(stays) {
            shared.poller.resume(&connection.stream, token)?;
        }
        Ok(false)
    }

    /// Reads and answers until the socket is empty.
    fn serve_once(
        &mut self,
        py: Python<'_>,
        connection: &Arc<Connection>,
        hangup: bool,
    ) -> Result<PyResult<After>, Broken> {
        let mut is_drained = false;
        loop {
            while let Some((ticket, made)) =
                connection.next_request(py, |params| self.maker.make(py, params))?
            {
                let after = match made {
                    Err(error) => {
                        self.caller.refuse(py, connection, ticket, &Refusal::Params(error))
                    }
                    Ok(Ok(Err(refusal))) => self.caller.refuse(py, connection, ticket, &refusal),
                    Ok(Err(error)) => return Ok(Err(error)),
                    Ok(Ok(Ok((environ, facts)))) => {
                        self.shared.call_begins();
                        let seen = self.seen.take();
                        let arrival = seen.map(|(seen, queued)| Arrival::called(seen, queued));
                        let after =
                            self.caller.call(py, connection, ticket, environ, &facts, arrival);
                        self.shared.call_ends();
                        self.shared.request_ends();
                        match after {
                            Ok(after) => after,
                            Err(error) => return Ok(Err(error)),
                        }
                    }
                };
                if after == After::NotOurs {
                    return Ok(Ok(after));
                }
                connection.has_served.store(true, Ordering::Release);
                let is_leaving =
                    connection.closing.load(Ordering::Acquire) && connection.may_be_left();
                if after == After::Close || is_leaving {
                    return Ok(Ok(after));
                }
            }
            if connection.send_replies(py)? {
                return Ok(Ok(After::Close));
            }
            // A short read emptied the socket, and a new edge will tell of more; but after a
            // hang-up none will, so then the end must be read now.
            if is_drained && !hangup {
                return Ok(Ok(After::Keep));
            }
            match connection.fill(py)? {
                Fill::Some => is_drained = false,
                Fill::All => is_drained = true,
                Fill::Nothing => return Ok(Ok(After::Keep)),
                Fill::End => return Ok(Ok(After::Close)),
            }
        }
    }
}
