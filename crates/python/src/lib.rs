//! Owns the extension module `iisgate._native`: the worker, from bytes on a connection to the call
//! of the app and back.
//!
//! Does not own loading the app or reading flags (Python, `iisgate/`), nor what params mean and
//! what a head may say (`bridge`), nor the protocol (`fastcgi`).

mod raw;

mod journal;

mod environ;

mod body;

mod exchange;

mod connection;

mod sending;

mod input;

mod notice;

mod intake;

mod response;

mod file_wrapper;

mod failure;

mod forking;

mod arrival;

mod calls;

mod call;

mod news;

mod shared;

mod giving_up;

mod serve;

mod succession;

mod visitors;

mod gates;

mod settings;

mod polling;

mod watcher;

mod server;

use pyo3::prelude::*;

/// The worker's native half. Safe for free-threaded interpreters: what threads share is behind
/// locks and atomics, the rest belongs to one thread.
#[pymodule(gil_used = false)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    forking::register(module.py())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<server::Server>()?;
    module.add_class::<input::Input>()?;
    module.add_class::<intake::Intake>()?;
    module.add("Disconnected", module.py().get_type::<intake::Disconnected>())?;
    module.add_class::<response::StartResponse>()?;
    module.add_class::<response::Write>()?;
    module.add_class::<file_wrapper::FileWrapper>()?;
    module.add_class::<watcher::Watcher>()?;
    module.add_function(wrap_pyfunction!(journal::open_log, module)?)?;
    module.add_function(wrap_pyfunction!(journal::new_log, module)?)?;
    module.add_function(wrap_pyfunction!(journal::log, module)?)?;
    module.add_function(wrap_pyfunction!(journal::follow, module)?)?;
    module.add_function(wrap_pyfunction!(journal::write_text, module)?)?;
    module.add_function(wrap_pyfunction!(journal::flush_text, module)?)?;
    module.add_function(wrap_pyfunction!(settings::site_settings, module)?)?;
    module.add_function(wrap_pyfunction!(settings::configuration_stamp, module)?)?;
    module.add_function(wrap_pyfunction!(settings::debug_mode, module)?)?;
    module.add_function(wrap_pyfunction!(settings::memory, module)?)?;
    module.add_function(wrap_pyfunction!(settings::expand, module)?)?;
    Ok(())
}
