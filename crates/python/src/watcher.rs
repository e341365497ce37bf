//! Owns telling which files below a folder change.
//!
//! Does not own what is done about it (`iisgate.worker`).

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};

/// Iterates over the paths of files that are written, made, moved or removed below a folder. It
/// waits for the next one and never ends.
#[pyclass(frozen, module = "iisgate")]
pub(crate) struct Watcher {
    // Watches as long as it is alive.
    _watcher: RecommendedWatcher,
    events: Mutex<(Receiver<notify::Result<notify::Event>>, VecDeque<PathBuf>)>,
}

fn failed(error: &notify::Error) -> PyErr {
    PyOSError::new_err(format!("watching files: {error}"))
}

#[pymethods]
impl Watcher {
    #[new]
    fn new(folder: PathBuf) -> PyResult<Self> {
        let (sender, receiver) = channel();
        let mut watcher = notify::recommended_watcher(sender).map_err(|error| failed(&error))?;
        watcher.watch(&folder, RecursiveMode::Recursive).map_err(|error| failed(&error))?;
        Ok(Self { _watcher: watcher, events: Mutex::new((receiver, VecDeque::new())) })
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        py.detach(|| {
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                if let Some(path) = events.1.pop_front() {
                    return Ok(Some(path.to_string_lossy().into_owned()));
                }
                // The sender lives in the watcher, which lives in `self`.
                let Ok(event) = events.0.recv() else { return Ok(None) };
                let event = event.map_err(|error| failed(&error))?;
                // Reading a file is no change; importing reads all of them.
                if !matches!(event.kind, EventKind::Access(_)) {
                    events.1.extend(event.paths);
                }
            }
        })
    }
}
