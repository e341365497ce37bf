//! Owns the app's answer: `start_response`, `write()`, and what of head and body has been sent.
//!
//! Does not own the rules of heads and bodies (`bridge`) nor the wire (`connection`).

use crate::connection::Connection;
use crate::environ::MethodKind;
use crate::exchange::{Broken, Ticket};
use crate::raw::latin1_bytes;
use bridge::{BodyRule, Budget, Head, HeadError};
use fastcgi::EndRequest;
use pyo3::exceptions::{PyAssertionError, PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyList, PyString, PyTuple};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The answer to one request, and then to the next.
pub(crate) struct Response {
    to: Option<(Arc<Connection>, Ticket)>,
    method: MethodKind,
    head: Head,
    is_head_sent: bool,
    is_ended: bool,
    rule: BodyRule,
    budget: Budget,
    /// Bytes given although the response has no body (HEAD, 204, 304).
    suppressed: u64,
}

/// A response behind its lock; several objects of Python and the worker share it.
pub(crate) type Shared = Arc<Mutex<Response>>;

/// Locks a response without holding up other threads of Python.
pub(crate) fn lock<'a>(py: Python<'_>, shared: &'a Shared) -> MutexGuard<'a, Response> {
    shared.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
}

fn refused(error: &HeadError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

fn text<'a>(object: &'a Bound<'_, PyAny>, what: &str) -> PyResult<&'a Bound<'a, PyString>> {
    object.cast::<PyString>().map_err(|_| {
        let kind = object.get_type().name().map(|name| name.to_string()).unwrap_or_default();
        PyTypeError::new_err(format!("{what} must be str, not {kind}"))
    })
}

fn latin1<'a>(text: &'a Bound<'_, PyString>, what: &str) -> PyResult<&'a [u8]> {
    latin1_bytes(text).ok_or_else(|| {
        PyValueError::new_err(format!("{what} has characters beyond Latin-1: {text}"))
    })
}

impl Response {
    pub(crate) fn new() -> Self {
        Self {
            to: None,
            method: MethodKind::Other,
            head: Head::default(),
            is_head_sent: false,
            is_ended: false,
            rule: BodyRule::Send,
            budget: Budget::new(None),
            suppressed: 0,
        }
    }

    /// Begins to answer a request.
    pub(crate) fn begin(
        &mut self,
        connection: Arc<Connection>,
        ticket: Ticket,
        method: MethodKind,
    ) {
        self.to = Some((connection, ticket));
        self.method = method;
        self.head.clear();
        self.is_head_sent = false;
        self.is_ended = false;
        self.suppressed = 0;
    }

    /// The request, if nothing of an answer has been sent.
    pub(crate) fn untouched(&self) -> Option<Ticket> {
        let (_, ticket) = self.to.as_ref()?;
        (!self.is_head_sent && !self.is_ended).then_some(*ticket)
    }

    /// The status as the head says it; 0 before there is one.
    pub(crate) fn status(&self) -> u16 {
        if self.head.has_begun() { self.head.status() } else { 0 }
    }

    /// Cuts the ties to the request, so that an app that kept `write` can do no harm.
    pub(crate) fn end(&mut self) {
        self.to = None;
    }

    pub(crate) const fn is_head_sent(&self) -> bool {
        self.is_head_sent
    }

    pub(crate) const fn is_ended(&self) -> bool {
        self.is_ended
    }

    pub(crate) const fn has_started(&self) -> bool {
        self.head.has_begun()
    }

    /// Bytes of the promised `Content-Length` that the app did not give.
    pub(crate) fn missing(&self) -> u64 {
        if self.rule == BodyRule::Send { self.budget.missing() } else { 0 }
    }

    /// Bytes beyond the `Content-Length`.
    pub(crate) const fn excess(&self) -> u64 {
        self.budget.excess
    }

    /// Takes a new head, replacing one that was not sent.
    fn start(&mut self, status: &Bound<'_, PyAny>, headers: &Bound<'_, PyAny>) -> PyResult<()> {
        let status = latin1(text(status, "the status")?, "the status")?;
        let headers = headers.cast::<PyList>().map_err(|_| {
            PyTypeError::new_err("the headers must be a list of (name, value) tuples")
        })?;
        self.head.begin(status).map_err(|error| refused(&error))?;
        let result = self.add_headers(headers);
        if result.is_err() {
            self.head.clear();
        }
        result
    }

    fn add_headers(&mut self, headers: &Bound<'_, PyList>) -> PyResult<()> {
        for item in headers.iter() {
            let pair = item.cast::<PyTuple>().ok().filter(|pair| pair.len() == 2);
            let pair = pair.ok_or_else(|| {
                PyTypeError::new_err("a header must be a tuple of name and value")
            })?;
            let (name, value) = (pair.get_item(0)?, pair.get_item(1)?);
            let name = latin1(text(&name, "a header name")?, "a header name")?;
            let value = text(&value, "a header value")?;
            let value = latin1(value, "a header value")?;
            self.head.header(name, value).map_err(|error| refused(&error))?;
        }
        Ok(())
    }

    /// Replaces the head by one of our own: for error pages.
    pub(crate) fn restart(&mut self, status: &str, headers: &[(&str, &str)]) {
        self.head.begin(status.as_bytes()).expect("our own status is valid");
        for (name, value) in headers {
            self.head.header(name.as_bytes(), value.as_bytes()).expect("our own header is valid");
        }
    }

    /// Tells the length of the whole body, if the app did not.
    pub(crate) fn set_length(&mut self, length: usize) {
        // The empty body of an answer without one says nothing about the length.
        if length > 0 || BodyRule::of(self.method.bytes(), self.head.status()) == BodyRule::Send {
            self.head.set_length(length as u64);
        }
    }

    /// Sends a chunk of the body, the head before the first one, and with `last`, or when the
    /// `Content-Length` is reached, the end in the same write.
    pub(crate) fn send(&mut self, py: Python<'_>, chunk: &[u8], last: bool) -> Result<(), Broken> {
        let Some((connection, ticket)) = &self.to else { return Err(Broken::Gone) };
        let first = !self.is_head_sent;
        if first {
            self.rule = BodyRule::of(self.method.bytes(), self.head.status());
            self.budget = Budget::new(self.head.content_length());
        }
        let allowed = match self.rule {
            BodyRule::Send => self.budget.take(chunk.len()),
            BodyRule::Suppress => {
                self.suppressed += chunk.len() as u64;
                0
            }
        };
        if self.is_ended {
            return Ok(());
        }
        let is_complete = last || self.rule == BodyRule::Send && self.budget.is_spent();
        let end = (is_complete && (self.rule == BodyRule::Suppress || self.budget.missing() == 0))
            .then_some(EndRequest::COMPLETE);
        if !first && allowed == 0 && end.is_none() {
            return Ok(());
        }
        self.is_ended = end.is_some();
        self.is_head_sent = true;
        let body = &chunk[..allowed];
        if first {
            connection.send(py, *ticket, &[self.head.finish(), body], end)
        } else {
            connection.send(py, *ticket, &[body], end)
        }
    }

    fn write(&mut self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<()> {
        let bytes = chunk(data)?;
        if !self.has_started() {
            return Err(PyAssertionError::new_err("write() called before start_response()"));
        }
        if self.to.is_none() {
            return Err(PyAssertionError::new_err("write() called after the response ended"));
        }
        if bytes.is_empty() {
            return Ok(());
        }
        self.send(py, bytes, false).map_err(|broken| match broken {
            Broken::Gone => PyOSError::new_err("the web server has gone or gave the request up"),
            Broken::Protocol(error) => PyOSError::new_err(error.to_string()),
            Broken::Io(error) => PyErr::from(error),
        })
    }
}

/// The bytes of a piece of the body.
pub(crate) fn chunk<'a>(data: &'a Bound<'_, PyAny>) -> PyResult<&'a [u8]> {
    match data.cast::<PyBytes>() {
        Ok(bytes) => Ok(bytes.as_bytes()),
        Err(_) => {
            let kind = data.get_type().name().map(|name| name.to_string()).unwrap_or_default();
            Err(PyTypeError::new_err(format!("the app must give bytes, not {kind}")))
        }
    }
}

/// PEP 3333's `start_response(status, headers, exc_info=None)`.
#[pyclass(frozen, module = "iisgate")]
pub(crate) struct StartResponse {
    pub(crate) response: Shared,
    write: Py<Write>,
}

impl StartResponse {
    /// A fresh one with its response.
    pub(crate) fn new(py: Python<'_>) -> PyResult<Py<Self>> {
        let response: Shared = Arc::new(Mutex::new(Response::new()));
        let write = Py::new(py, Write { response: Arc::clone(&response) })?;
        Py::new(py, Self { response, write })
    }

    /// Whether the app kept neither this object nor its `write`: then it serves the next request.
    pub(crate) fn is_unshared(slf: &Bound<'_, Self>) -> bool {
        crate::raw::is_unshared(slf) && crate::raw::is_unshared(slf.get().write.bind(slf.py()))
    }
}

#[pymethods]
impl StartResponse {
    #[pyo3(signature = (status, headers, exc_info=None))]
    fn __call__(
        &self,
        py: Python<'_>,
        status: &Bound<'_, PyAny>,
        headers: &Bound<'_, PyAny>,
        exc_info: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Py<Write>> {
        let mut response = lock(py, &self.response);
        match exc_info {
            Some(exc_info) if response.is_head_sent => {
                let value = exc_info.cast::<PyTuple>()?.get_item(1)?;
                return Err(PyErr::from_value(value));
            }
            None if response.has_started() => {
                return Err(PyAssertionError::new_err(
                    "start_response() called again without exc_info",
                ));
            }
            _ => {}
        }
        if response.to.is_none() {
            return Err(PyAssertionError::new_err(
                "start_response() called after the response ended",
            ));
        }
        response.start(status, headers)?;
        Ok(self.write.clone_ref(py))
    }
}

/// The `write(data)` callable that `start_response` returns.
#[pyclass(frozen, module = "iisgate")]
pub(crate) struct Write {
    response: Shared,
}

#[pymethods]
impl Write {
    #[pyo3(signature = (data, /))]
    fn __call__(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<()> {
        lock(py, &self.response).write(py, data)
    }
}
