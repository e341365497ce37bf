//! Owns `wsgi.input`: the request's body as a file-like object, streamed as the app reads.
//!
//! Does not own receiving (`connection`).

use crate::connection::Connection;
use crate::journal::RequestNumber;
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use pyo3::types::{PyBytes, PyList};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes received ahead when lines are read.
const LINE_BLOCK_BYTES: usize = 16 * 1024;

/// Bytes made room for at once when the app asks for more than it may get: `read(10**9)` of a
/// short body must not take a gigabyte.
const READ_STEP_BYTES: usize = 1024 * 1024;

/// Where the bytes come from.
struct Source {
    connection: Arc<Connection>,
    number: RequestNumber,
}

struct Inner {
    source: Option<Source>,
    /// Received while looking for a line's end.
    ahead: Vec<u8>,
    taken: usize,
    ended: bool,
}

/// The body of one request, read once from front to end. `read`, `readline`, `readlines` and
/// iteration as PEP 3333 wants them; they end at the body's end, whatever `Content-Length` says.
#[pyclass(frozen, module = "iisgate")]
pub(crate) struct Input {
    inner: Mutex<Inner>,
}

impl Input {
    /// The body of a request without one; shared, for it never changes.
    pub(crate) const fn empty() -> Self {
        let inner = Inner { source: None, ahead: Vec::new(), taken: 0, ended: true };
        Self { inner: Mutex::new(inner) }
    }

    /// The body of a request that is being received.
    pub(crate) const fn new(connection: Arc<Connection>, number: RequestNumber) -> Self {
        let source = Some(Source { connection, number });
        let inner = Inner { source, ahead: Vec::new(), taken: 0, ended: false };
        Self { inner: Mutex::new(inner) }
    }

    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, Inner> {
        self.inner.lock_py_attached(py).unwrap_or_else(PoisonError::into_inner)
    }
}

fn failed(error: &io::Error) -> PyErr {
    if error.kind() == io::ErrorKind::Other {
        return PyValueError::new_err(format!("wsgi.input: {error}"));
    }
    PyOSError::new_err(format!("wsgi.input: {error}"))
}

impl Inner {
    fn ahead(&self) -> &[u8] {
        &self.ahead[self.taken..]
    }

    /// Fills `target` as far as the body goes and says how far.
    fn read_into(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let mut done = self.ahead().len().min(target.len());
        target[..done].copy_from_slice(&self.ahead()[..done]);
        self.taken += done;
        while done < target.len() && !self.ended {
            let Some(source) = &self.source else { break };
            match source.connection.read_body(source.number, &mut target[done..])? {
                0 => self.ended = true,
                count => done += count,
            }
        }
        Ok(done)
    }

    /// Reads to the end, or `limit` bytes, growing as bytes come.
    fn read_grown(&mut self, limit: usize) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        while all.len() < limit {
            let at = all.len();
            all.resize(at + READ_STEP_BYTES.min(limit - at), 0);
            let count = self.read_into(&mut all[at..])?;
            all.truncate(at + count);
            if count == 0 || self.ended && self.ahead().is_empty() {
                break;
            }
        }
        Ok(all)
    }

    /// A line with its end, cut at `limit` bytes; empty at the end of the body.
    fn read_line(&mut self, limit: usize) -> io::Result<Vec<u8>> {
        let mut searched = 0;
        loop {
            let here = self.ahead();
            let within = here.len().min(limit);
            if let Some(at) = here[searched..within].iter().position(|byte| *byte == b'\n') {
                return Ok(self.take_ahead(searched + at + 1));
            }
            if within == limit || self.ended {
                return Ok(self.take_ahead(within));
            }
            searched = within;
            let Some(source) = &self.source else { return Ok(Vec::new()) };
            self.ahead.drain(..self.taken);
            self.taken = 0;
            let at = self.ahead.len();
            self.ahead.resize(at + LINE_BLOCK_BYTES, 0);
            let read = source.connection.read_body(source.number, &mut self.ahead[at..]);
            self.ahead.truncate(at + *read.as_ref().unwrap_or(&0));
            self.ended = read? == 0;
        }
    }

    fn take_ahead(&mut self, count: usize) -> Vec<u8> {
        let line = self.ahead()[..count].to_vec();
        self.taken += count;
        line
    }
}

/// A size as Python's files take it: negative or `None` is "all".
fn limit(size: Option<isize>) -> Option<usize> {
    size.and_then(|size| usize::try_from(size).ok())
}

#[pymethods]
impl Input {
    /// Up to `size` bytes; fewer only at the end of the body.
    #[pyo3(signature = (size=None, /))]
    fn read<'py>(&self, py: Python<'py>, size: Option<isize>) -> PyResult<Bound<'py, PyBytes>> {
        let mut inner = self.lock(py);
        let inner = &mut *inner;
        match limit(size) {
            Some(0) => Ok(PyBytes::new(py, b"")),
            Some(size) if size <= READ_STEP_BYTES => {
                // Read straight into the bytes object; it is cut only when the body ends in it.
                let mut count = 0;
                let bytes = PyBytes::new_with(py, size, |target| {
                    count =
                        py.detach(|| inner.read_into(target)).map_err(|error| failed(&error))?;
                    Ok(())
                })?;
                if count == size {
                    Ok(bytes)
                } else {
                    Ok(PyBytes::new(py, &bytes.as_bytes()[..count]))
                }
            }
            size => {
                let all = py.detach(|| inner.read_grown(size.unwrap_or(usize::MAX)));
                Ok(PyBytes::new(py, &all.map_err(|error| failed(&error))?))
            }
        }
    }

    /// The next line with its end, or `size` bytes of it.
    #[pyo3(signature = (size=None, /))]
    fn readline<'py>(&self, py: Python<'py>, size: Option<isize>) -> PyResult<Bound<'py, PyBytes>> {
        let mut inner = self.lock(py);
        let inner = &mut *inner;
        let line = py.detach(|| inner.read_line(limit(size).unwrap_or(usize::MAX)));
        Ok(PyBytes::new(py, &line.map_err(|error| failed(&error))?))
    }

    /// All lines, or lines of about `hint` bytes together.
    #[pyo3(signature = (hint=None, /))]
    fn readlines<'py>(&self, py: Python<'py>, hint: Option<isize>) -> PyResult<Bound<'py, PyList>> {
        let lines = PyList::empty(py);
        let enough = limit(hint).filter(|hint| *hint > 0).unwrap_or(usize::MAX);
        let mut total = 0;
        while total < enough {
            let line = self.readline(py, None)?;
            if line.as_bytes().is_empty() {
                break;
            }
            total += line.as_bytes().len();
            lines.append(line)?;
        }
        Ok(lines)
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let line = self.readline(py, None)?;
        Ok((!line.as_bytes().is_empty()).then_some(line))
    }
}
