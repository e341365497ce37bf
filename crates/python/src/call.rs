//! Owns one call of the app: environ and input in, the answer out, `close()` always, errors told.
//!
//! Does not own reading the request (`connection`, `environ`) nor threads (`serve`).

use crate::arrival::{self, Arrival};
use crate::calls::{Call, Place};
use crate::connection::{Connection, Origin};
use crate::environ::{Facts, Refusal};
use crate::exchange::{Broken, Ticket};
use crate::failure::{self, Answer};
use crate::input::Input;
use crate::intake::{Disconnected, Intake};
use crate::journal;
use crate::response::{self, Response, StartResponse, chunk, lock};
use crate::shared::Shared;
use log::Level;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyTuple};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Drop for Caller {
    fn drop(&mut self) {
        self.shared.calls.leave(&self.place);
    }
}

/// Why the answer is not what the app meant.
enum Failure {
    /// The app raised, or broke a rule of WSGI.
    App(PyErr),
    /// The connection cannot go on.
    Broken(Broken),
}

impl From<PyErr> for Failure {
    fn from(error: PyErr) -> Self {
        Self::App(error)
    }
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

fn rule(text: impl Into<String>) -> Failure {
    Failure::App(pyo3::exceptions::PyAssertionError::new_err(text.into()))
}

/// What a thread keeps from call to call.
pub(crate) struct Caller {
    app: Py<PyAny>,
    shared: Arc<Shared>,
    place: Arc<Place>,
    is_asgi: bool,
    empty_input: Py<Input>,
    start_response: Option<Py<StartResponse>>,
}

/// Whether the connection can serve another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Keep,
    Close,
    /// It was taken away meanwhile.
    NotOurs,
}

impl Caller {
    /// For this thread.
    pub(crate) fn new(py: Python<'_>, shared: &Arc<Shared>) -> PyResult<Self> {
        let empty_input = Py::new(py, Input::empty())?;
        let app = shared.app.get().expect("threads start after the app is loaded").clone_ref(py);
        let thread = py.import("threading")?.call_method0("get_ident")?.extract()?;
        let place = shared.calls.enter(thread);
        let (is_asgi, shared) = (shared.is_asgi(), Arc::clone(shared));
        Ok(Self { app, shared, place, is_asgi, empty_input, start_response: None })
    }

    /// Answers one request by calling the app.
    pub(crate) fn call(
        &mut self,
        py: Python<'_>,
        connection: &Arc<Connection>,
        ticket: Ticket,
        environ: Bound<'_, PyDict>,
        facts: &Facts,
        arrival: Option<Arrival>,
    ) -> PyResult<After> {
        journal::set_current(Some(ticket.number));
        let start = self.start_response(py)?;
        lock(py, &start.get().response).begin(Arc::clone(connection), ticket, facts.method);
        self.place.begin(ticket.number, connection, &start.get().response, &environ);
        let token = connection.token.load(Ordering::Acquire);
        let poller = &self.shared.poller;
        let mut is_paused = false;
        let prepared = self.prepare(py, connection, ticket, &environ, facts).map(|has_input| {
            // Each piece of a large body would wake a thread that has nothing to do with it.
            is_paused = has_input
                && connection.awaits_body(py, facts.content_length)
                && poller.pause(&connection.stream, token).unwrap_or(false);
        });
        let result = prepared.and_then(|()| {
            let iterable = self.app.bind(py).call1((&environ, &start))?;
            let sent = send_all(py, &iterable, &start.get().response);
            close(py, &iterable)?;
            sent
        });
        if let Some(call) = self.place.end()
            && (call.is_stuck || call.is_given_up)
        {
            self.has_ended_at_last(&call);
            return Ok(After::NotOurs);
        }
        if let Some(arrival) = arrival {
            arrival.tell(&environ, lock(py, &start.get().response).status());
        }
        let after = match result {
            Ok(()) => After::Keep,
            Err(failure) => {
                let response = &start.get().response;
                self.fail(py, connection, ticket, response, failure, &environ)
            }
        };
        lock(py, &start.get().response).end();
        let after = conclude(py, connection, ticket, after);
        if is_paused && after == After::Keep {
            poller.resume(&connection.stream, token)?;
        }
        if StartResponse::is_unshared(&start) {
            self.start_response = Some(start.unbind());
        }
        Ok(after)
    }

    /// The app has come back from a request that was given up: its connection is another's by now.
    fn has_ended_at_last(&self, call: &Call) {
        if call.is_stuck {
            self.shared.stuck_ends();
        }
        let seconds = call.since.elapsed().as_secs_f64();
        let text = format!("the app has ended the request that was given up, after {seconds:.1} s");
        journal::write(Level::Warn, &text);
        journal::set_current(None);
    }

    /// Answers a request that cannot be given to the app.
    pub(crate) fn refuse(
        &self,
        py: Python<'_>,
        connection: &Arc<Connection>,
        ticket: Ticket,
        refusal: &Refusal,
    ) -> After {
        journal::set_current(Some(ticket.number));
        let (status, lead) = match refusal {
            Refusal::Params(fastcgi::Error::PeerLimit { .. }) => {
                ("431 Request Header Fields Too Large", "The request's headers are too large.")
            }
            Refusal::Params(_) => ("400 Bad Request", "The request could not be understood."),
            Refusal::OtherSite { .. } => (
                "500 Internal Server Error",
                "The web server sent this request to another site's process. The log tells how to mend it.",
            ),
        };
        journal::write(Level::Error, &format!("answered {status}: {refusal}"));
        let answer = failure::plain(status, lead, ticket.number, Some("text/html"));
        let mut response = Response::new();
        response.begin(Arc::clone(connection), ticket, crate::environ::MethodKind::Other);
        let sent = send_answer(py, &mut response, &answer);
        let after = if sent.is_err() { After::Close } else { After::Keep };
        conclude(py, connection, ticket, after)
    }

    fn start_response<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, StartResponse>> {
        match self.start_response.take() {
            Some(start) => Ok(start.into_bound(py)),
            None => Ok(StartResponse::new(py)?.into_bound(py)),
        }
    }

    /// Puts `wsgi.input`, or what ASGI has instead, into the environ; tells whether this thread alone
    /// reads what comes.
    fn prepare(
        &self,
        py: Python<'_>,
        connection: &Arc<Connection>,
        ticket: Ticket,
        environ: &Bound<'_, PyDict>,
        facts: &Facts,
    ) -> Result<bool, Failure> {
        if self.is_asgi {
            connection.is_bodiless(py, ticket)?;
            let intake = Intake::new(Arc::clone(connection), ticket.number);
            environ.set_item(intern!(py, "iisgate.intake"), Py::new(py, intake)?)?;
            // Where threads are told of edges, this one wants to be told by another.
            return Ok(platform::STAYS);
        }
        let key = intern!(py, "wsgi.input");
        if facts.content_length.unwrap_or(0) == 0 && connection.is_bodiless(py, ticket)? {
            environ.set_item(key, &self.empty_input)?;
            return Ok(false);
        }
        let input = Input::new(Arc::clone(connection), ticket.number);
        environ.set_item(key, Py::new(py, input)?)?;
        Ok(true)
    }

    /// Tells a failure to the log and, if nothing was sent yet, to the client.
    fn fail(
        &self,
        py: Python<'_>,
        connection: &Arc<Connection>,
        ticket: Ticket,
        response: &response::Shared,
        failure: Failure,
        environ: &Bound<'_, PyDict>,
    ) -> After {
        let error = match failure {
            Failure::Broken(Broken::Gone) => {
                journal::write(Level::Debug, "the web server has gone or gave the request up");
                return After::Keep;
            }
            Failure::Broken(Broken::Protocol(error)) => {
                journal::write(Level::Warn, &format!("the web server broke the protocol: {error}"));
                return After::Close;
            }
            Failure::Broken(Broken::Io(error)) => {
                journal::write(Level::Error, &format!("connection: {error}"));
                return After::Close;
            }
            Failure::App(error) if error.is_instance_of::<Disconnected>(py) => {
                journal::write(Level::Debug, &error.value(py).to_string());
                return After::Keep;
            }
            Failure::App(error) => error,
        };
        let place = arrival::place(environ);
        journal::write(
            Level::Error,
            &format!("{place}: the app failed\n{}", failure::traceback(py, &error)),
        );
        // No lock is held here: the app's objects are asked about themselves, and others of them end.
        let answer = self.failure_page(py, ticket, &error, environ);
        // Before anybody hears of it, and asks for more.
        failure::give_memory_back(py, error);
        let response = &mut lock(py, response);
        if response.is_ended() {
            return After::Keep;
        }
        if response.is_head_sent() {
            journal::write(Level::Error, "the answer had begun: it is cut off");
            return match connection.origin {
                // `Connection::finish` ends it with appStatus 1 and keeps the instance alive.
                Origin::Instance(_) => After::Keep,
                Origin::Accepted(_) => After::Close,
            };
        }
        match send_answer(py, response, &answer) {
            Ok(()) | Err(Broken::Gone) => After::Keep,
            Err(_) => After::Close,
        }
    }

    /// What is answered when the app has failed.
    fn failure_page(
        &self,
        py: Python<'_>,
        ticket: Ticket,
        error: &PyErr,
        environ: &Bound<'_, PyDict>,
    ) -> Answer {
        let status = "500 Internal Server Error";
        let accept = failure::accept(environ);
        if self.shared.settings.pages.are_for(environ) {
            let number = ticket.number;
            return failure::developers(py, status, error, environ, number, accept.as_deref());
        }
        let lead = "The app could not answer this request. Its log has the reason under the number \
                    below.";
        failure::plain(status, lead, ticket.number, accept.as_deref())
    }
}

/// Forgets a request that was answered; tells whether its connection can go on.
fn conclude(py: Python<'_>, connection: &Connection, ticket: Ticket, after: After) -> After {
    let (is_input_open, finished) = connection.finish(py, ticket, after == After::Close);
    journal::set_current(None);
    if after == After::Keep && finished.is_ok() && ticket.keep_connection {
        return After::Keep;
    }
    if is_input_open {
        connection.linger(py);
    }
    After::Close
}

pub(crate) fn send_answer(
    py: Python<'_>,
    response: &mut Response,
    answer: &Answer,
) -> Result<(), Broken> {
    response.restart(
        answer.status,
        &[("Content-Type", answer.content_type), ("Cache-Control", "no-store")],
    );
    response.set_length(answer.body.len());
    response.send(py, answer.body.as_bytes(), true)
}

/// Sends everything the app's iterable gives.
fn send_all(
    py: Python<'_>,
    iterable: &Bound<'_, PyAny>,
    shared: &response::Shared,
) -> Result<(), Failure> {
    // A list or tuple of one is what most frameworks' small answers are: the length is known.
    let single = match iterable.cast_exact::<PyList>() {
        Ok(list) if list.len() == 1 => Some(list.get_item(0)?),
        Ok(_) => None,
        Err(_) => match iterable.cast_exact::<PyTuple>() {
            Ok(tuple) if tuple.len() == 1 => Some(tuple.get_item(0)?),
            _ => None,
        },
    };
    if let Some(item) = single {
        let bytes = chunk(&item)?;
        let mut response = lock(py, shared);
        started(&response)?;
        if !response.is_head_sent() {
            response.set_length(bytes.len());
        }
        response.send(py, bytes, true)?;
        return complete(&response);
    }
    for item in iterable.try_iter()? {
        let item = item?;
        let bytes = chunk(&item)?;
        if bytes.is_empty() {
            continue;
        }
        let mut response = lock(py, shared);
        started(&response)?;
        let was_ended = response.is_ended();
        response.send(py, bytes, false)?;
        if was_ended {
            // Everything promised is sent; an app that goes on for ever must not hold the thread.
            break;
        }
    }
    let mut response = lock(py, shared);
    started(&response)?;
    if !response.is_ended() {
        response.send(py, b"", true)?;
    }
    complete(&response)
}

fn started(response: &Response) -> Result<(), Failure> {
    if response.has_started() {
        return Ok(());
    }
    Err(rule("the app gave its body before it called start_response(), or never called it"))
}

/// Checks that the body was as long as the app said.
fn complete(response: &Response) -> Result<(), Failure> {
    if response.excess() > 0 {
        let excess = response.excess();
        journal::write(
            Level::Warn,
            &format!("{excess} bytes beyond the app's Content-Length were not sent"),
        );
    }
    match response.missing() {
        0 => Ok(()),
        missing => {
            Err(rule(format!("the body is {missing} bytes shorter than the app's Content-Length")))
        }
    }
}

/// Calls the iterable's `close()`, if it has one.
fn close(py: Python<'_>, iterable: &Bound<'_, PyAny>) -> PyResult<()> {
    if iterable.is_exact_instance_of::<PyList>() || iterable.is_exact_instance_of::<PyBytes>() {
        return Ok(());
    }
    match iterable.getattr_opt(intern!(py, "close"))? {
        Some(close) => close.call0().map(drop),
        None => Ok(()),
    }
}
