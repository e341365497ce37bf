//! Owns telling which files below a folder change.
//!
//! Does not own what is done about it (`iisgate.worker`), nor looking for changes by itself
//! (`polling`).

use crate::polling::Polling;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};

/// By what changes become known.
enum Source {
    /// The system tells them.
    Told {
        events: Receiver<notify::Result<notify::Event>>,
        // Watches as long as it is alive.
        _watcher: RecommendedWatcher,
    },
    /// We look for them.
    Looked(Polling),
}

impl Source {
    fn told(folder: &Path) -> notify::Result<Self> {
        let (sender, events) = channel();
        let mut watcher = notify::recommended_watcher(sender)?;
        watcher.watch(folder, RecursiveMode::Recursive)?;
        Ok(Self::Told { events, _watcher: watcher })
    }

    /// Waits for the next change; `None` when none will come any more.
    fn next(&mut self) -> notify::Result<Option<Vec<PathBuf>>> {
        match self {
            Self::Looked(polling) => Ok(Some(polling.wait())),
            Self::Told { events, .. } => {
                let Ok(event) = events.recv() else { return Ok(None) };
                let event = event?;
                // Reading a file is no change; importing reads all of them.
                let is_change = !matches!(event.kind, EventKind::Access(_));
                Ok(Some(if is_change { event.paths } else { Vec::new() }))
            }
        }
    }
}

/// Iterates over the paths of files that are written, made, moved or removed below a folder. It
/// waits for the next one and never ends.
///
/// With `poll`, or where the system cannot watch the folder (too many folders, some network
/// shares), it looks for changes itself.
#[pyclass(frozen, module = "iisgate")]
pub(crate) struct Watcher(Mutex<(Source, VecDeque<PathBuf>)>);

#[pymethods]
impl Watcher {
    #[new]
    #[pyo3(signature = (folder, *, poll=false))]
    fn new(py: Python<'_>, folder: PathBuf, poll: bool) -> Self {
        let source = py.detach(|| {
            if !poll {
                match Source::told(&folder) {
                    Ok(source) => return source,
                    Err(error) => log::warn!(
                        "the system does not tell which files change ({error}): the worker looks \
                         for itself"
                    ),
                }
            }
            Source::Looked(Polling::new(folder))
        });
        Self(Mutex::new((source, VecDeque::new())))
    }

    fn __iter__(slf: PyRef<'_, Self>) -> PyRef<'_, Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<String>> {
        py.detach(|| {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let (source, paths) = &mut *state;
            loop {
                if let Some(path) = paths.pop_front() {
                    return Ok(Some(path.to_string_lossy().into_owned()));
                }
                let next = source
                    .next()
                    .map_err(|error| PyOSError::new_err(format!("watching files: {error}")))?;
                let Some(changed) = next else { return Ok(None) };
                paths.extend(changed);
            }
        })
    }
}
