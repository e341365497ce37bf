//! Owns the worker's log as its own code and the app's `print` reach it: the request's id in every
//! line, the last lines kept for the developer's page.
//!
//! Does not own the file (`platform::log_file`).
#![allow(
    clippy::missing_const_for_thread_local,
    reason = "all are made so; linted for Windows, it is not seen"
)]

use platform::file_identity::FileIdentity;
use platform::log_file::{self, LogFile, LogForm};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::SystemTime;

/// The id of a request within its worker, told in log lines and error pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestNumber(u64);

static NEXT: AtomicU64 = AtomicU64::new(1);

impl RequestNumber {
    /// The number that Python code knows it by.
    pub(crate) const fn get(self) -> u64 {
        self.0
    }

    /// Whether Python code means this one.
    pub(crate) const fn is(self, number: u64) -> bool {
        self.0 == number
    }

    /// The next one.
    pub(crate) fn next() -> Self {
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Display for RequestNumber {
    /// The process and the start of the process make it unique in a log that outlives both.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        static START: OnceLock<u32> = OnceLock::new();
        let start = START.get_or_init(|| {
            let since =
                SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            (since.as_secs() as u32).rotate_left(16) ^ std::process::id()
        });
        write!(f, "{start:08x}-{}", self.0)
    }
}

thread_local! {
    static CURRENT: Cell<Option<RequestNumber>> = const { Cell::new(None) };
    /// Lines that were begun, by level: `print` writes their ends separately.
    static PARTS: RefCell<Vec<(::log::Level, String)>> = const { RefCell::new(Vec::new()) };
}

/// Says which request this thread works on. What was printed of a line is told with the request
/// that printed it.
pub(crate) fn set_current(request: Option<RequestNumber>) {
    if PARTS.with_borrow(|parts| !parts.is_empty()) {
        flush_parts();
    }
    CURRENT.set(request);
}

/// Python's variable that holds the number of a request which no thread has to itself.
static FOLLOWED: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// Follows a `contextvars.ContextVar`: what is logged where it has a number is that request's.
#[pyfunction]
pub(crate) fn follow(py: Python<'_>, variable: Py<PyAny>) {
    // It is one and the same whenever it is told.
    let _ = FOLLOWED.set(py, variable);
}

/// The request that this thread, or the task that runs in it, works on.
fn current(py: Python<'_>) -> Option<RequestNumber> {
    CURRENT.get().or_else(|| {
        let number = FOLLOWED.get(py)?.call_method0(py, "get").ok()?;
        number.extract::<Option<u64>>(py).ok()?.map(RequestNumber)
    })
}

/// Log lines kept for the developer's page.
const RECENT_LINES: usize = 50;

static RECENT: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());
static LOG: OnceLock<&'static LogFile> = OnceLock::new();

/// The last lines logged, oldest first.
pub(crate) fn recent_lines() -> Vec<String> {
    RECENT.lock().map(|lines| lines.iter().cloned().collect()).unwrap_or_default()
}

/// Writes an event under the current request's id.
pub(crate) fn write(level: ::log::Level, text: &str) {
    write_about(CURRENT.get(), level, text);
}

fn write_about(request: Option<RequestNumber>, level: ::log::Level, text: &str) {
    let who = request.map_or_else(|| "-".to_owned(), |request| request.to_string());
    if let Some(log) = LOG.get() {
        log.line(level, &who, text);
    }
    if let Ok(mut recent) = RECENT.lock() {
        for line in text.trim_end().lines() {
            if recent.len() == RECENT_LINES {
                recent.pop_front();
            }
            recent.push_back(format!("{level:<5} {who} {line}"));
        }
    }
}

/// Opens the log: a path, or `-` for standard error. (What is printed to descriptors 1 and 2 is led
/// there by `iisgate.streams`: on Windows they are Python's own.)
#[pyfunction]
#[pyo3(signature = (path, *, verbose=false, format="text", site=None))]
pub(crate) fn open_log(
    path: PathBuf,
    verbose: bool,
    format: &str,
    site: Option<PathBuf>,
) -> PyResult<()> {
    let form = format.parse::<LogForm>().map_err(PyValueError::new_err)?;
    let file = if path.as_os_str() == "-" { LogFile::stderr() } else { LogFile::open(&path) };
    let file = file.map_err(|error| {
        std::io::Error::new(error.kind(), format!("the log {}: {error}", path.display()))
    })?;
    let file = file.in_form(form);
    if let Some(site) = site {
        file.set_site(&site);
    }
    log_file::tell_who(|| CURRENT.get().map(|request| request.to_string()));
    let level = if verbose { ::log::LevelFilter::Debug } else { ::log::LevelFilter::Info };
    LOG.get_or_init(|| log_file::install(file, level));
    Ok(())
}

/// The log's file; `None` for standard error.
pub(crate) fn path() -> Option<PathBuf> {
    LOG.get()?.path()
}

/// The log's file, when it is another one than at the last call: the old one was full, or was moved
/// away. The first call tells of none.
#[pyfunction]
pub(crate) fn new_log(py: Python<'_>) -> Option<PathBuf> {
    static LAST: Mutex<Option<FileIdentity>> = Mutex::new(None);
    py.detach(|| {
        let log = LOG.get()?;
        let now = Some(log.identity()?);
        let mut last = LAST.lock().ok()?;
        let before = std::mem::replace(&mut *last, now);
        if before.is_some() && before != now { log.path() } else { None }
    })
}

/// Bytes of a line that is never ended that are kept before it is told.
const PART_BYTES_MAX: usize = 64 * 1024;

fn flush_parts() {
    for (level, part) in PARTS.take() {
        write(level, &part);
    }
}

/// Writes what the app prints: each line is told once it is whole.
#[pyfunction]
pub(crate) fn write_text(py: Python<'_>, level: &str, text: &str) -> PyResult<()> {
    let level = parse_level(level)?;
    let request = current(py);
    py.detach(|| {
        let (mut whole, rest) =
            text.rsplit_once('\n').map_or((None, text), |(w, r)| (Some(w.to_owned()), r));
        PARTS.with_borrow_mut(|parts| {
            let at = parts.iter().position(|(of, _)| *of == level);
            let begun = at.map(|at| parts.swap_remove(at).1).unwrap_or_default();
            let part = match &mut whole {
                Some(whole) => {
                    whole.insert_str(0, &begun);
                    rest.to_owned()
                }
                None => begun + rest,
            };
            if part.len() > PART_BYTES_MAX {
                whole.get_or_insert_default().push_str(&part);
            } else if !part.is_empty() {
                parts.push((level, part));
            }
        });
        if let Some(whole) = whole {
            write_about(request, level, &whole);
        }
    });
    Ok(())
}

/// Tells lines that this thread has begun and not ended.
#[pyfunction]
pub(crate) fn flush_text(py: Python<'_>) {
    py.detach(flush_parts);
}

fn parse_level(level: &str) -> PyResult<::log::Level> {
    Ok(match level {
        "error" => ::log::Level::Error,
        "warning" => ::log::Level::Warn,
        "info" => ::log::Level::Info,
        "debug" => ::log::Level::Debug,
        other => return Err(PyValueError::new_err(format!("no such level: {other}"))),
    })
}

/// Writes `text` to the log with the id of the thread's request, or of the one that is named. Levels:
/// error, warning, info, debug.
#[pyfunction]
#[pyo3(signature = (level, text, request=None))]
pub(crate) fn log(py: Python<'_>, level: &str, text: &str, request: Option<u64>) -> PyResult<()> {
    let level = parse_level(level)?;
    if level <= ::log::max_level() {
        let request = request.map(RequestNumber).or_else(|| current(py));
        py.detach(|| write_about(request, level, text));
    }
    Ok(())
}
