//! Owns what a visitor and a developer see when the app fails: a plain page, or with `--debug` the
//! traceback, the environ with secrets masked, and the last log lines.
//!
//! Does not decide when the app has failed (`call`).

use crate::journal::{self, RequestNumber};
use gate::debug::{Session, Viewers};
use page::Page;
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};
use std::time::Instant;

/// An environ entry whose name holds one of these is shown without its value.
const SECRET_WORDS: [&str; 10] = [
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "TOKEN",
    "KEY",
    "COOKIE",
    "AUTHORIZATION",
    "CREDENTIAL",
    "SESSION",
    "CERT",
];

/// The traceback as Python prints it, from where the app begins.
pub(crate) fn traceback(py: Python<'_>, error: &PyErr) -> String {
    let format = || -> PyResult<String> {
        let arguments = (error.get_type(py), error.value(py), apps_part(py, error)?);
        let lines = py.import("traceback")?.call_method1("format_exception", arguments)?;
        Ok(PyString::new(py, "").call_method1("join", (lines,))?.to_string())
    };
    format().unwrap_or_else(|_| error.to_string())
}

/// The traceback without the frames of ours through which an ASGI app's error came; all of it if there
/// are no others.
fn apps_part<'py>(py: Python<'py>, error: &PyErr) -> PyResult<Option<Bound<'py, PyAny>>> {
    let whole = error.traceback(py).map(Bound::into_any);
    let package: String = py.import("iisgate")?.getattr("__path__")?.get_item(0)?.extract()?;
    let mut part = whole.clone();
    while let Some(entry) = part {
        let code = entry.getattr("tb_frame")?.getattr("f_code")?;
        let file: String = code.getattr("co_filename")?.extract()?;
        if !file.starts_with(&package) {
            return Ok(Some(entry));
        }
        part = Some(entry.getattr("tb_next")?).filter(|next| !next.is_none());
    }
    Ok(whole)
}

/// Lets go what an app held that ran out of memory, cycles included: Python raises an error for want of
/// memory, but what is native may end the process.
pub(crate) fn give_memory_back(py: Python<'_>, error: PyErr) {
    let was_short = error.is_instance_of::<PyMemoryError>(py);
    drop(error);
    if was_short && let Err(error) = py.import("gc").and_then(|gc| gc.call_method0("collect")) {
        log::warn!("memory could not be collected: {error}");
    }
}

/// For whom the developer's page is.
#[derive(Debug)]
pub(crate) struct Pages {
    always: Viewers,
    /// Those of a debug mode, and its end by this machine's monotonic clock.
    session: Option<(Viewers, Instant)>,
}

impl Pages {
    /// By the words of `--debug-for` and of a debug mode.
    pub(crate) fn new(debug_for: Option<&str>, session: Option<&str>) -> Result<Self, String> {
        let always = debug_for.map_or(Ok(Viewers::Nobody), str::parse)?;
        // One that is over, or is not understood, shows nothing.
        let session = session.and_then(Session::parse);
        let session = session.and_then(|s| Some((s.viewers(), Instant::now() + s.left()?)));
        Ok(Self { always, session })
    }

    /// Whether the sender of this request is among them.
    pub(crate) fn are_for(&self, environ: &Bound<'_, PyDict>) -> bool {
        let param = |name: &str| param(environ, name);
        let session = self.session.filter(|(_, end)| Instant::now() < *end);
        self.always.admits(param) || session.is_some_and(|(viewers, _)| viewers.admits(param))
    }
}

/// A param, as the app left it in the environ.
fn param(environ: &Bound<'_, PyDict>, name: &str) -> Option<String> {
    environ.get_item(name).ok().flatten()?.extract().ok()
}

/// What the client said that it takes.
pub(crate) fn accept(environ: &Bound<'_, PyDict>) -> Option<String> {
    param(environ, "HTTP_ACCEPT")
}

/// A page for an answer of our own: content type and text.
pub(crate) struct Answer {
    pub(crate) status: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

/// The visitor's page: an id, nothing else.
pub(crate) fn plain(
    status: &'static str,
    lead: &str,
    number: RequestNumber,
    accept: Option<&str>,
) -> Answer {
    let (code, title) = status.split_once(' ').unwrap_or((status, ""));
    let page = Page::new(code, title).lead(lead).fact("Request", number.to_string());
    answer(status, &page, accept)
}

/// The developer's page.
pub(crate) fn developers(
    py: Python<'_>,
    status: &'static str,
    error: &PyErr,
    environ: &Bound<'_, PyDict>,
    number: RequestNumber,
    accept: Option<&str>,
) -> Answer {
    let kind = error.get_type(py).name().map(|name| name.to_string()).unwrap_or_default();
    let message = error.value(py).to_string();
    let mut entries: Vec<(String, String)> = environ
        .iter()
        .map(|(name, value)| {
            let name = name.to_string();
            let upper = name.to_uppercase();
            let is_secret = SECRET_WORDS.iter().any(|word| upper.contains(word));
            let value = if is_secret {
                "(masked)".to_owned()
            } else {
                value.repr().map(|value| value.to_string()).unwrap_or_default()
            };
            (name, value)
        })
        .collect();
    entries.sort();
    let (code, title) = status.split_once(' ').unwrap_or((status, ""));
    let page = Page::new(code, title)
        .lead(format!("{kind}: {message}"))
        .fact("Request", number.to_string())
        .fact("Process", std::process::id().to_string())
        .block("Traceback", traceback(py, error))
        .table("Environ", entries)
        .block("Last log lines", journal::recent_lines().join("\n"))
        .hint(
            "This page is shown because debug is on: visitors of a production site must not see it.",
        );
    answer(status, &page, accept)
}

fn answer(status: &'static str, page: &Page, accept: Option<&str>) -> Answer {
    let (content_type, body) = page.for_client(accept);
    Answer { status, content_type, body }
}
