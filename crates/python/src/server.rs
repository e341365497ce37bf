//! Owns the `Server` object through which Python runs a worker: endpoints, the app, threads, stop.
//!
//! Does not own what flags mean: `iisgate.worker` (Python) does.

use crate::arrival;
use crate::calls::Place;
use crate::connection::{Connection, Origin};
use crate::failure::Pages;
use crate::gates::Gates;
use crate::giving_up::{self, Outcome};
use crate::serve;
use crate::shared::{Settings, Shared};
use bridge::{Ansi, PathRules};
use gate::control::StartFailure;
use gate::status::Start;
use platform::poller::Woken;
use platform::rendezvous::Started;
use platform::{Endpoint, Inherited, Poller, termination};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
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
    #[pyo3(signature = (*, threads, debug_for, debug_session, script_name, trust_original_url, ansi_code_page, multiprocess, bound_to, max_requests, errors, spawn))]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of a Python constructor")]
    fn new(
        threads: usize,
        debug_for: Option<&str>,
        debug_session: Option<&str>,
        script_name: Option<String>,
        trust_original_url: bool,
        ansi_code_page: Option<u32>,
        multiprocess: bool,
        bound_to: Option<String>,
        max_requests: Option<u64>,
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
        let threads_max = threads.max(1);
        let pages = Pages::new(debug_for, debug_session).map_err(PyValueError::new_err)?;
        let settings = Settings { threads_max, pages, rules, multiprocess, bound_to, max_requests };
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
    /// after the last one has gone. Whether there are gates, who start another worker when they need
    /// one.
    fn listen_to_gates(&self, grace: f64) -> PyResult<bool> {
        let grace = Duration::try_from_secs_f64(grace)
            .map_err(|error| PyValueError::new_err(format!("grace: {error}")))?;
        let started = platform::rendezvous::started()?;
        let by_gate = matches!(started, Started::ByGate(_));
        let gates = Gates::start(Arc::clone(&self.shared), started, grace)?;
        drop(self.gates.set(gates));
        Ok(by_gate)
    }

    /// Gives the app; threads may serve from now on. With `asgi` it is called like a WSGI app, and
    /// reads by `environ["iisgate.intake"]`.
    #[pyo3(signature = (app, *, asgi=false))]
    fn ready(&self, app: Py<PyAny>, asgi: bool) -> PyResult<()> {
        if asgi {
            self.shared.set_asgi();
        }
        if self.shared.app.set(app).is_err() {
            return Err(PyRuntimeError::new_err("the app was given already"));
        }
        if let Some(gates) = self.gates.get() {
            gates.ready();
        }
        self.shared.thread_begins();
        Ok(())
    }

    /// Says whose worker it is, for those who ask.
    fn introduce(&self, site: PathBuf, python: String) {
        self.shared.story.introduce(site, python);
    }

    /// Says how the start was, in seconds; the slowest modules with theirs.
    #[pyo3(signature = (target, total, import, warm_up, slowest, /))]
    fn loaded(
        &self,
        target: String,
        total: f64,
        import: f64,
        warm_up: f64,
        slowest: Vec<(String, f64)>,
    ) {
        self.shared.story.loaded(target, Start { total, import, warm_up, slowest });
    }

    /// Tells the gates that there will be no app.
    fn failed(
        &self,
        code: &str,
        title: String,
        place: String,
        hint: String,
        command: String,
        details: String,
    ) {
        if let Some(gates) = self.gates.get() {
            let code = gate::codes::known(code);
            gates.failed(StartFailure { code, title, place: place.into(), hint, command, details });
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
        while !self.shared.has_closed() {
            // A signal that comes just before the wait interrupts nothing: so look now and then.
            match py.detach(|| self.main.wait(Some(SIGNAL_LOOK)))? {
                Woken::Timeout | Woken::Ready { .. } => py.check_signals()?,
                // Stopped, or the last connection of an inherited pipe has gone.
                Woken::Waker => return Ok(()),
            }
        }
        Ok(())
    }

    /// Waits for the serving threads to end, `seconds` at most; tells whether all did. Threads that
    /// are stuck are not waited for.
    fn join(&self, py: Python<'_>, seconds: f64) -> PyResult<bool> {
        let end = Instant::now() + Duration::from_secs_f64(seconds.clamp(0.0, 1e6));
        while self.shared.threads() > self.shared.stuck() {
            if Instant::now() >= end {
                return Ok(false);
            }
            py.detach(|| std::thread::sleep(END_POLL));
            py.check_signals()?;
        }
        Ok(self.shared.stuck() == 0)
    }

    /// Takes no more; requests in flight are finished.
    fn stop(&self, py: Python<'_>) {
        py.detach(|| self.shared.stop());
    }

    /// Ends without another worker, when requests have: gates get back what they gave.
    fn give_way(&self, py: Python<'_>) {
        py.detach(|| match self.gates.get() {
            Some(gates) => gates.give_way(),
            None => self.shared.stop(),
        });
    }

    /// Has another worker started that takes over once it is ready. `False`: it was asked for
    /// already. Without gates nobody could, and this one ends, for whoever started it to start it
    /// again.
    fn replace(&self, py: Python<'_>) -> bool {
        py.detach(|| match self.gates.get() {
            Some(gates) => gates.want_successor(),
            None => {
                self.shared.stop();
                true
            }
        })
    }

    /// Why the other worker could not be started, once.
    fn refusal(&self) -> Option<String> {
        self.gates.get().and_then(|gates| gates.take_refusal())
    }

    /// Waits until there is something to look at, `seconds` at most. `False`: the worker is ending.
    fn wait_for_news(&self, py: Python<'_>, seconds: f64) -> bool {
        let timeout = Duration::from_secs_f64(seconds.clamp(0.0, 1e6));
        py.detach(|| self.shared.news.wait(timeout));
        !self.shared.is_draining()
    }

    /// Requests that the app has answered.
    fn requests(&self) -> u64 {
        self.shared.requests()
    }

    /// Threads in calls that nobody waits for any more.
    fn stuck(&self) -> usize {
        self.shared.stuck()
    }

    /// What the app is called for: request, thread, seconds, method and path, whether nobody waits
    /// for the answer any more.
    fn calls(&self, py: Python<'_>) -> Vec<(u64, u64, f64, String, bool)> {
        let now = Instant::now();
        let told = |place: &Arc<Place>| {
            let call = place.call();
            let call = call.as_ref()?;
            let seconds = now.saturating_duration_since(call.since).as_secs_f64();
            let is_deserted =
                call.is_given_up || call.connection.is_deserted.load(Ordering::Acquire);
            let environ = call.environ.clone_ref(py);
            Some((call.number.get(), place.thread, seconds, environ, is_deserted))
        };
        let calls: Vec<_> = self.shared.calls.all().iter().filter_map(told).collect();
        // Python code runs only now, without a lock.
        let with_place =
            |(number, thread, seconds, environ, is_deserted): (_, _, _, Py<PyDict>, _)| {
                (number, thread, seconds, arrival::place(environ.bind(py)), is_deserted)
            };
        calls.into_iter().map(with_place).collect()
    }

    /// Gives a request up: `answered` (504), `cut` (its answer had begun) or `over` (it just ended).
    fn give_up(&self, py: Python<'_>, request: u64) -> &'static str {
        let places = self.shared.calls.all();
        let mut outcomes =
            places.iter().map(|place| giving_up::give_up(py, &self.shared, place, request));
        outcomes.find(|outcome| *outcome != Outcome::Over).unwrap_or(Outcome::Over).word()
    }

    /// Counts the thread of a request as stuck, if it still is there: another one takes its place.
    fn let_stick(&self, py: Python<'_>, request: u64) -> bool {
        let places = self.shared.calls.all();
        py.detach(|| places.iter().any(|place| giving_up::let_stick(&self.shared, place, request)))
    }
}
