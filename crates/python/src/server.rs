//! Owns the `Server` object through which Python runs a worker: endpoints, the app, threads, stop.
//!
//! Does not own what flags mean: `iisgate.worker` (Python) does.

use crate::connection::{Connection, Origin};
use crate::gates::Gates;
use crate::serve;
use crate::shared::{Settings, Shared};
use bridge::{Ansi, PathRules};
use gate::control::StartFailure;
use platform::poller::Woken;
use platform::{Endpoint, Inherited, Poller, termination};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// A worker. Made and ended by the main thread; `serve` runs in threads that `spawn` starts.
#[pyclass(frozen, module = "iisgate")]
pub(crate) struct Server {
    shared: Arc<Shared>,
    /// What the main thread waits on.
    main: Poller,
    gates: OnceLock<Arc<Gates>>,
}

/// How often the main thread looks for signals at the least.
const SIGNAL_LOOK: Duration = Duration::from_secs(1);

/// How often the main thread looks whether all threads have ended.
const END_POLL: Duration = Duration::from_millis(10);

#[pymethods]
impl Server {
    #[new]
    #[pyo3(signature = (*, threads, debug, script_name, trust_original_url, ansi_code_page, multiprocess, bound_to, errors, spawn))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python constructor")]
    fn new(
        threads: usize,
        debug: bool,
        script_name: Option<String>,
        trust_original_url: bool,
        ansi_code_page: Option<u32>,
        multiprocess: bool,
        bound_to: Option<String>,
        errors: Py<PyAny>,
        spawn: Py<PyAny>,
    ) -> PyResult<Self> {
        let script_name = script_name.map(|mount| mount.trim_end_matches('/').to_owned());
        if script_name.as_ref().is_some_and(|mount| !mount.is_empty() && !mount.starts_with('/')) {
            return Err(PyValueError::new_err("script_name must begin with a slash"));
        }
        let ansi = match ansi_code_page {
            None => Ansi::new(platform::ansi::decode),
            Some(number) => {
                let code_page = iis::CodePage::numbered(number).ok_or_else(|| {
                    PyValueError::new_err(format!("not an ANSI code page: {number}"))
                })?;
                Ansi::new(move |bytes| code_page.decode(bytes))
            }
        };
        let rules = PathRules { script_name, trust_original_url, ansi };
        let settings =
            Settings { threads_max: threads.max(1), debug, rules, multiprocess, bound_to };
        let main = Poller::new()?;
        let shared = Arc::new(Shared::new(settings, errors, spawn, main.waker())?);
        Ok(Self { shared, main, gates: OnceLock::new() })
    }

    /// Serves descriptor 0, a connected or a listening socket.
    fn inherit(&self) -> PyResult<()> {
        match platform::inherited::take()? {
            Inherited::Connected(stream) => {
                let shared = Arc::clone(&self.shared);
                termination::watch_event(move |_| shared.stop())?;
                let capacity = self.shared.settings.threads_max as u32;
                let connection =
                    Connection::new(stream, Origin::Instance(None), None, b"", capacity);
                Ok(self.shared.add_connection(connection)?)
            }
            Inherited::Listening(listener) => Ok(self.shared.add_listener(listener, None)?),
            Inherited::Terminal | Inherited::Other => Err(PyRuntimeError::new_err(
                "standard input is no socket: a web server starts this with its pipe there",
            )),
        }
    }

    /// Listens at `unix:PATH` or `tcp:HOST:PORT`.
    fn listen(&self, endpoint: &str) -> PyResult<()> {
        let endpoint: Endpoint =
            endpoint.parse().map_err(|error: platform::endpoint::ParseEndpointError| {
                PyValueError::new_err(error.to_string())
            })?;
        let listener = endpoint.listen().map_err(|error| {
            std::io::Error::new(error.kind(), format!("cannot listen at {endpoint}: {error}"))
        })?;
        Ok(self.shared.add_listener(listener, None)?)
    }

    /// Serves what gates, or a supervisor, give through descriptor 0; stays for `grace` seconds
    /// after the last one has gone.
    fn listen_to_gates(&self, grace: f64) -> PyResult<()> {
        let grace = Duration::try_from_secs_f64(grace)
            .map_err(|error| PyValueError::new_err(format!("grace: {error}")))?;
        let started = platform::rendezvous::started()?;
        let gates = Gates::start(Arc::clone(&self.shared), started, grace)?;
        drop(self.gates.set(gates));
        Ok(())
    }

    /// Gives the app; threads may serve from now on.
    fn ready(&self, app: Py<PyAny>) -> PyResult<()> {
        if self.shared.app.set(app).is_err() {
            return Err(PyRuntimeError::new_err("the app was given already"));
        }
        if let Some(gates) = self.gates.get() {
            gates.ready();
        }
        self.shared.thread_begins();
        Ok(())
    }

    /// Tells the gates that there will be no app.
    fn failed(&self, title: String, hint: String, details: String) {
        if let Some(gates) = self.gates.get() {
            gates.failed(StartFailure { title, hint, details });
        }
    }

    /// The body of a serving thread.
    fn serve(&self, py: Python<'_>) -> PyResult<()> {
        let result = serve::run(py, &self.shared);
        self.shared.thread_ends();
        result
    }

    /// Waits until the worker is told to stop. Signal handlers run meanwhile.
    fn wait(&self, py: Python<'_>) -> PyResult<()> {
        while !self.shared.is_draining() {
            // A signal that comes just before the wait interrupts nothing: so look now and then.
            match py.detach(|| self.main.wait(Some(SIGNAL_LOOK)))? {
                Woken::Timeout | Woken::Ready { .. } => py.check_signals()?,
                // Stopped, or the last connection of an inherited pipe has gone.
                Woken::Waker => return Ok(()),
            }
        }
        Ok(())
    }

    /// Waits for the serving threads to end, `seconds` at most; tells whether all did.
    fn join(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let end = Instant::now() + Duration::from_secs_f64(seconds.clamp(0.0, 1e6));
        while self.shared.threads() > 0 {
            if Instant::now() >= end {
                return Ok(false);
            }
            py.detach(|| std::thread::sleep(END_POLL));
            py.check_signals()?;
        }
        Ok(true)
    }

    /// Takes no more; requests in flight are finished.
    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.shared.stop());
    }

    /// Stops so that another worker takes over; gates get back what they gave.
    fn reload(&self, py: Python<'_>) {
        py.detach(|| {
            if let Some(gates) = self.gates.get() {
                gates.close_door();
            }
            self.shared.reload();
        });
    }
}
