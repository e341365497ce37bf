//! Owns what the worker's threads share: the connections, the poller, the counts, the stop.
//!
//! Does not own serving (`serve`) nor where connections come from (`gates`, `server`).

mod threads;

use crate::calls::Calls;
use crate::connection::{Connection, Origin};
use crate::failure::Pages;
use crate::gates::Gate;
use crate::news::News;
use crate::visitors::Story;
use bridge::PathRules;
use platform::{Listener, Poller, Waker};
use pyo3::prelude::*;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What the user set.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) threads_max: usize,
    pub(crate) pages: Pages,
    pub(crate) rules: PathRules,
    pub(crate) multiprocess: bool,
    /// `APPL_PHYSICAL_PATH` of the one site application that is served, when IIS told it.
    pub(crate) bound_to: Option<String>,
    /// After so many requests there is news.
    pub(crate) max_requests: Option<u64>,
}

/// A thing that can become readable.
#[derive(Clone)]
pub(crate) enum Slot {
    Connection(Arc<Connection>),
    Listener(Arc<Accepting>),
}

/// A listening socket and the gate that gave it.
pub(crate) struct Accepting {
    pub(crate) listener: Listener,
    pub(crate) gate: Option<Arc<Gate>>,
}

#[derive(Default)]
struct Slots {
    slots: Vec<(u32, Option<Slot>)>,
    free: Vec<u32>,
}

/// Shared by all threads of a worker.
pub(crate) struct Shared {
    pub(crate) poller: Poller,
    pub(crate) settings: Settings,
    pub(crate) app: OnceLock<Py<PyAny>>,
    /// Whether that hands requests to an event loop, so that a thread only waits with each.
    is_asgi: AtomicBool,
    pub(crate) errors: Py<PyAny>,
    /// Starts one more serving thread when called.
    pub(crate) spawn: Py<PyAny>,
    /// Wakes the main thread: stop, or the last thread has gone.
    pub(crate) main: Waker,
    slots: Mutex<Slots>,
    /// Connections and listeners: how many requests could come at once.
    sources: AtomicUsize,
    /// Threads that serve.
    threads: AtomicUsize,
    /// Threads that are in a call of the app.
    calling: AtomicUsize,
    /// Threads that are in a call that nobody waits for any more: they do not count.
    stuck: AtomicUsize,
    /// Requests that the app has answered.
    requests: AtomicU64,
    /// What the app is called for at the moment.
    pub(crate) calls: Calls,
    /// What is told of the worker to those who ask.
    pub(crate) story: Story,
    /// For who looks after the worker: something is to be looked at.
    pub(crate) news: News,
    /// Takes no more; what is there is finished.
    draining: AtomicBool,
    /// What is idle has been closed or given back since.
    closed: AtomicBool,
    /// All is finished: threads end.
    stopping: AtomicBool,
    reloading: AtomicBool,
}

fn split(token: u64) -> (usize, u32) {
    (token as u32 as usize, (token >> 32) as u32)
}

impl Shared {
    pub(crate) fn new(
        settings: Settings,
        errors: Py<PyAny>,
        spawn: Py<PyAny>,
        main: Waker,
    ) -> io::Result<Self> {
        Ok(Self {
            poller: Poller::new()?,
            settings,
            app: OnceLock::new(),
            is_asgi: AtomicBool::new(false),
            errors,
            spawn,
            main,
            slots: Mutex::default(),
            sources: AtomicUsize::new(0),
            threads: AtomicUsize::new(0),
            calling: AtomicUsize::new(0),
            stuck: AtomicUsize::new(0),
            requests: AtomicU64::new(0),
            calls: Calls::default(),
            story: Story::default(),
            news: News::default(),
            draining: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            reloading: AtomicBool::new(false),
        })
    }

    fn slots(&self) -> std::sync::MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, slot: Slot) -> u64 {
        self.sources.fetch_add(1, Ordering::Relaxed);
        let mut slots = self.slots();
        let index = slots.free.pop().unwrap_or_else(|| {
            slots.slots.push((0, None));
            (slots.slots.len() - 1) as u32
        });
        let entry = &mut slots.slots[index as usize];
        entry.1 = Some(slot);
        u64::from(entry.0) << 32 | u64::from(index)
    }

    /// What a token stands for; `None` when it has been removed meanwhile.
    pub(crate) fn slot(&self, token: u64) -> Option<Slot> {
        let (index, generation) = split(token);
        let slots = self.slots();
        let (current, slot) = slots.slots.get(index)?;
        if *current == generation { slot.clone() } else { None }
    }

    fn remove(&self, token: u64) -> Option<Slot> {
        let (index, generation) = split(token);
        let mut slots = self.slots();
        let entry = slots.slots.get_mut(index).filter(|entry| entry.0 == generation)?;
        let slot = entry.1.take()?;
        // Tokens of events that are still on their way must find nothing.
        entry.0 = entry.0.wrapping_add(1);
        slots.free.push(index as u32);
        drop(slots);
        self.source_goes();
        Some(slot)
    }

    fn source_goes(&self) {
        let was_last = self.sources.fetch_sub(1, Ordering::AcqRel) == 1;
        if was_last && self.is_draining() {
            self.end();
        }
    }

    /// All there is.
    pub(crate) fn all(&self) -> Vec<Slot> {
        self.slots().slots.iter().filter_map(|(_, slot)| slot.clone()).collect()
    }

    /// Begins to wait for a connection's requests.
    pub(crate) fn add_connection(&self, connection: Connection) -> io::Result<()> {
        let connection = Arc::new(connection);
        let token = self.insert(Slot::Connection(Arc::clone(&connection)));
        connection.token.store(token, Ordering::Release);
        if let Origin::Instance(Some(gate)) | Origin::Accepted(Some(gate)) = &connection.origin {
            gate.gained();
        }
        // Of bytes that were read before no edge would tell.
        let added = if connection.is_told.load(Ordering::Acquire) {
            self.poller.add_and_tell(&connection.stream, token)
        } else {
            self.poller.add(&connection.stream, token)
        };
        added.inspect_err(|_| drop(self.remove(token)))?;
        // One that comes while all are being closed may have missed it.
        let is_late = self.is_draining()
            || matches!(&connection.origin,
                Origin::Instance(Some(gate)) | Origin::Accepted(Some(gate)) if gate.is_released());
        if is_late {
            self.close_connections(|other| std::ptr::eq(other, &*connection));
        }
        self.relieve();
        Ok(())
    }

    /// Begins to wait for a listener's connections.
    pub(crate) fn add_listener(
        &self,
        listener: Listener,
        gate: Option<Arc<Gate>>,
    ) -> io::Result<()> {
        if let Some(gate) = &gate {
            gate.gained();
        }
        let accepting = Arc::new(Accepting { listener, gate });
        let token = self.insert(Slot::Listener(Arc::clone(&accepting)));
        self.poller.add_level(&accepting.listener, token).inspect_err(|_| drop(self.remove(token)))
    }

    /// Ends serving a connection: gives it back to its gate when the worker is being replaced and
    /// the connection rests, closes it otherwise.
    pub(crate) fn let_go(&self, connection: &Connection) {
        if self.is_reloading() { self.pass_on(connection) } else { self.close(connection) }
    }

    /// Ends serving a connection whose request was answered while its thread is stuck: gives it back
    /// to its gate, so that another thread or worker serves it, or closes it.
    pub(crate) fn pass_on(&self, connection: &Connection) {
        if let Origin::Instance(Some(gate)) = &connection.origin
            && let Some(unserved) = connection.unserved()
        {
            if self.remove(connection.token.load(Ordering::Acquire)).is_some() {
                self.poller.remove(&connection.stream);
                gate.given_back(unserved);
            }
            return;
        }
        self.close(connection);
    }

    /// Lets go of everything that was given and never touched: there will be no app, and the gates
    /// answer on their pipes themselves.
    pub(crate) fn abandon(&self) {
        let mut slots = self.slots();
        for (generation, slot) in &mut slots.slots {
            match slot.take() {
                Some(Slot::Connection(connection)) => self.poller.remove(&connection.stream),
                Some(Slot::Listener(accepting)) => self.poller.remove(&accepting.listener),
                None => continue,
            }
            *generation = generation.wrapping_add(1);
            self.sources.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Closes a connection for all holders of the socket, the gate among them, so that the web
    /// server sees it.
    pub(crate) fn close(&self, connection: &Connection) {
        let Some(_) = self.remove(connection.token.load(Ordering::Acquire)) else { return };
        self.poller.remove(&connection.stream);
        connection.stream.shutdown();
        match &connection.origin {
            Origin::Instance(Some(gate)) | Origin::Accepted(Some(gate)) => gate.lost(),
            // The pipe that the web server gave us is all that we live for.
            Origin::Instance(None) => self.stop(),
            Origin::Accepted(None) => {}
        }
    }

    /// Accepts no more from one gate's listeners, or from all.
    pub(crate) fn close_listeners(&self, of: Option<&Arc<Gate>>) {
        let slots: Vec<_> = {
            let slots = self.slots();
            let number = |(index, (generation, slot)): (usize, &(u32, Option<Slot>))| match slot {
                Some(Slot::Listener(accepting)) => {
                    let is_meant = match (of, &accepting.gate) {
                        (None, _) => true,
                        (Some(of), Some(gate)) => Arc::ptr_eq(of, gate),
                        (Some(_), None) => false,
                    };
                    is_meant.then_some((
                        u64::from(*generation) << 32 | index as u64,
                        Arc::clone(accepting),
                    ))
                }
                _ => None,
            };
            slots.slots.iter().enumerate().filter_map(number).collect()
        };
        for (token, accepting) in slots {
            self.poller.remove(&accepting.listener);
            // Who has connected was not refused, and its request may be on its way. A successor would
            // take it itself.
            if self.is_draining() && !self.is_reloading() {
                self.take_waiting(&accepting)
                    .unwrap_or_else(|error| log::error!("accepting connections: {error}"));
            }
            self.remove(token);
            match &accepting.gate {
                Some(gate) if self.is_reloading() => gate.given_back(Vec::new()),
                Some(gate) => gate.lost(),
                None => {}
            }
        }
    }

    /// Takes all connections that wait at a listener.
    ///
    /// # Errors
    /// As `accept`: out of descriptors, most likely.
    pub(crate) fn take_waiting(&self, accepting: &Accepting) -> io::Result<()> {
        // Meanwhile it is a source itself: the listener may be closed while a connection is in our
        // hand, and the worker would end without it.
        self.sources.fetch_add(1, Ordering::Relaxed);
        let taken = self.take_each(accepting);
        self.source_goes();
        taken
    }

    fn take_each(&self, accepting: &Accepting) -> io::Result<()> {
        while let Some(stream) = accepting.listener.try_accept()? {
            let origin = Origin::Accepted(accepting.gate.clone());
            let capacity = self.settings.threads_max as u32;
            let connection = Connection::new(stream, origin, None, b"", capacity);
            if let Err(error) = self.add_connection(connection) {
                log::error!("a connection could not be taken: {error}");
            }
        }
        Ok(())
    }

    /// Closes connections that rest, and marks the others to be closed after their request. An
    /// accepted connection that has not been served yet, or one with bytes to read, does not rest:
    /// its request is on its way.
    pub(crate) fn close_connections(&self, is_meant: impl Fn(&Connection) -> bool) {
        for slot in self.all() {
            let Slot::Connection(connection) = slot else { continue };
            if !is_meant(&connection) {
                continue;
            }
            connection.closing.store(true, Ordering::Release);
            if self.is_reloading() && matches!(connection.origin, Origin::Instance(Some(_))) {
                if connection.rests() && connection.acquire(false) {
                    self.let_go(&connection);
                }
            } else if !connection.is_awaited() && connection.acquire(false) {
                self.let_go(&connection);
            }
        }
    }

    /// The app's threads only wait: more of them do no harm.
    pub(crate) fn set_asgi(&self) {
        self.is_asgi.store(true, Ordering::Release);
    }

    pub(crate) fn is_asgi(&self) -> bool {
        self.is_asgi.load(Ordering::Acquire)
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    pub(crate) fn is_reloading(&self) -> bool {
        self.reloading.load(Ordering::Acquire)
    }

    /// Stops so that another worker takes over: what gates gave is given back to them.
    pub(crate) fn reload(&self) {
        self.reloading.store(true, Ordering::Release);
        self.stop();
    }

    /// Whether it takes no more and what was idle is with others.
    pub(crate) fn has_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Takes no more; requests in flight, and those on their way, are finished. Then threads end.
    pub(crate) fn stop(&self) {
        if self.draining.swap(true, Ordering::AcqRel) {
            return;
        }
        self.news.tell();
        self.close_listeners(None);
        self.close_connections(|_| true);
        // Python tells who waits for it.
        self.closed.store(true, Ordering::Release);
        self.main.wake();
        if self.sources.load(Ordering::Acquire) == 0 {
            self.end();
        }
    }

    fn end(&self) {
        self.stopping.store(true, Ordering::Release);
        self.poller.waker().wake();
        self.main.wake();
    }
}
