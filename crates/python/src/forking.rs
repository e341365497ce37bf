//! Owns the end of a forked child that comes back from the app: only the process that was asked answers,
//! or two answers mix on one pipe.
//!
//! Does not own forks that end as they should, by `os._exit`: those never come here.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;

/// Whether this process was forked by the app.
static IS_CHILD: AtomicBool = AtomicBool::new(false);

/// Told without our log, whose lock another thread may have held when the process was forked.
const TOLD: &str = "a process that the app forked came back from the app: it ends here (a child of \
                    os.fork() must end by os._exit())\n";

/// Has Python tell of forks.
pub(crate) fn register(py: Python<'_>) -> PyResult<()> {
    let os = py.import("os")?;
    // Windows has no such thing.
    let Ok(register_at_fork) = os.getattr("register_at_fork") else { return Ok(()) };
    let arguments = pyo3::types::PyDict::new(py);
    arguments.set_item("after_in_child", wrap_pyfunction!(is_forked, py)?)?;
    register_at_fork.call((), Some(&arguments)).map(drop)
}

#[pyfunction]
fn is_forked() {
    IS_CHILD.store(true, Ordering::Relaxed);
}

/// Ends the process, if it is such a child.
#[inline]
pub(crate) fn end_child(py: Python<'_>) {
    if IS_CHILD.load(Ordering::Relaxed) {
        leave(py);
    }
}

#[cold]
fn leave(py: Python<'_>) {
    let Ok(os) = py.import("os") else { return };
    let _ = os.call_method1("write", (2, TOLD.as_bytes()));
    let _ = os.call_method1("_exit", (1,));
}
