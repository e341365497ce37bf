//! Owns the worker's end of its channels: gates (or the supervisor of `--listen`) that give
//! connections and listeners, and whose coming and going decides how long the worker lives.
//!
//! Does not own serving what they gave (`serve`), nor the words themselves (`gate::control`).

mod holder;

use crate::connection::{Connection, Origin};
use crate::shared::Shared;
use crate::succession::Succession;
use crate::visitors;
use gate::control::{FromWorker, StartFailure, ToWorker};
use gate::status::ToVisitor;
use platform::poller::Woken;
use platform::rendezvous::{Rendezvous, Started};
use platform::status_cell::StatusCell;
use platform::{Listener, Poller, Stream};
use std::collections::HashMap;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(crate) use holder::Gate;

/// How far the app is.
#[derive(Debug)]
enum App {
    Loading,
    Ready,
    Failed(StartFailure),
}

/// All gates of a worker.
pub(crate) struct Gates {
    shared: Arc<Shared>,
    poller: Poller,
    rendezvous: Option<Rendezvous>,
    /// How long the worker stays when no gate is there.
    grace: Duration,
    gates: Mutex<HashMap<u64, Arc<Gate>>>,
    app: Mutex<App>,
    succession: Mutex<Succession>,
    /// Visitors who wait until the worker is replaced.
    waiting: Mutex<Vec<Arc<Gate>>>,
    /// When the last gate went.
    alone_since: Mutex<Instant>,
}

/// How long a worker waits for its first gate: the one that started it, unless that was killed.
const FIRST_GATE: Duration = Duration::from_secs(10);

/// How long a worker without gates may take to finish what it does: more than `iisgate.worker`
/// gives to requests, threads and exit handlers together.
const END_TIMEOUT: Duration = Duration::from_secs(70);

/// The pause after a gate could not be accepted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The token of the rendezvous; gates count up from 1.
const RENDEZVOUS: u64 = 0;

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gates {
    /// Starts to listen to what we were started with: where gates connect, or one channel.
    pub(crate) fn start(
        shared: Arc<Shared>,
        started: Started,
        grace: Duration,
    ) -> io::Result<Arc<Self>> {
        let poller = Poller::new()?;
        let mut gates = HashMap::new();
        let rendezvous = match started {
            Started::ByGate(rendezvous) => {
                poller.add_level(&rendezvous, RENDEZVOUS)?;
                Some(rendezvous)
            }
            Started::BySupervisor(channel) => {
                let gate = Arc::new(Gate::new(channel));
                poller.add_level(&gate.channel, 1)?;
                gates.insert(1, gate);
                None
            }
        };
        let gates = Arc::new(Self {
            shared,
            poller,
            rendezvous,
            grace,
            gates: Mutex::new(gates),
            app: Mutex::new(App::Loading),
            succession: Mutex::default(),
            waiting: Mutex::default(),
            alone_since: Mutex::new(Instant::now()),
        });
        let this = Arc::clone(&gates);
        std::thread::Builder::new().name("iisgate-gates".into()).spawn(move || this.run())?;
        Ok(gates)
    }

    /// Tells all gates, and those that come, that the app is loaded.
    pub(crate) fn ready(&self) {
        *lock(&self.app) = App::Ready;
        self.tell(&FromWorker::Ready);
    }

    /// Turns gates that come away, so that they start a new worker.
    pub(crate) fn close_door(&self) {
        if let Some(rendezvous) = &self.rendezvous {
            self.poller.remove(rendezvous);
            rendezvous.shutdown();
        }
    }

    /// Tells all gates, and those that come, that it cannot be.
    pub(crate) fn failed(&self, failure: StartFailure) {
        *lock(&self.app) = App::Failed(failure.clone());
        self.shared.abandon();
        self.tell(&FromWorker::Failed(failure));
    }

    fn tell(&self, word: &FromWorker) {
        for gate in lock(&self.gates).values() {
            gate.say(word);
        }
    }

    fn run(&self) {
        let mut next = 2;
        loop {
            let is_alone = self.count() == 0;
            // Who started us is on his way, whatever the grace.
            let patience = if next == 2 { self.grace.max(FIRST_GATE) } else { self.grace };
            let timeout =
                is_alone.then(|| patience.saturating_sub(lock(&self.alone_since).elapsed()));
            if timeout == Some(Duration::ZERO) || is_alone && self.rendezvous.is_none() {
                self.close_door();
                log::info!("no gate is left: the worker ends");
                self.shared.stop();
                return self.end_for_sure();
            }
            match self.poller.wait(timeout) {
                Ok(Woken::Ready { token: RENDEZVOUS, .. }) => {
                    self.accept(next);
                    next += 1;
                }
                Ok(Woken::Ready { token, .. }) => self.listen_to(token),
                Ok(_) => {}
                Err(error) => {
                    log::error!("waiting for gates: {error}");
                    self.shared.stop();
                    return;
                }
            }
        }
    }

    /// Gates that are none of the visitors.
    fn count(&self) -> usize {
        lock(&self.gates).values().filter(|gate| !gate.is_visitor()).count()
    }

    /// Whatever holds the interpreter up: a worker without gates does not stay.
    fn end_for_sure(&self) {
        std::thread::sleep(END_TIMEOUT);
        log::warn!("the worker did not end within {} s", END_TIMEOUT.as_secs());
        match &self.rendezvous {
            Some(rendezvous) => rendezvous.end_all(),
            None => platform::rendezvous::end_this_process(),
        }
    }

    fn accept(&self, token: u64) {
        let Some(rendezvous) = &self.rendezvous else { return };
        let channel = match rendezvous.accept() {
            Ok(channel) => channel,
            Err(error) => {
                log::error!("accepting a gate: {error}");
                // Out of descriptors, most likely: trying again at once would only fill the log.
                std::thread::sleep(ACCEPT_PAUSE);
                return;
            }
        };
        let gate = Arc::new(Gate::new(channel));
        if let Err(error) = self.poller.add_level(&gate.channel, token) {
            log::error!("a gate cannot be listened to: {error}");
            return;
        }
        // Under the lock that `ready` and `failed` take first, so that no gate misses the word.
        let app = lock(&self.app);
        match &*app {
            App::Loading => {}
            App::Ready => gate.say(&FromWorker::Ready),
            App::Failed(failure) => gate.say(&FromWorker::Failed(failure.clone())),
        }
        lock(&self.gates).insert(token, gate);
        if lock(&self.succession).is_wanted() {
            self.ask();
        }
    }

    /// Has a gate start the next worker. Until that is ready, this one goes on. `false` when it was
    /// asked for already.
    pub(crate) fn want_successor(&self) -> bool {
        let is_new = lock(&self.succession).want();
        if is_new {
            self.ask();
        }
        is_new
    }

    /// Why the next worker could not be started, once.
    pub(crate) fn take_refusal(&self) -> Option<String> {
        lock(&self.succession).take_refusal()
    }

    /// Asks some gate that stays. (Which one matters little: none is held up by it.)
    fn ask(&self) {
        // Held, so that it does not go before it is known to be the one.
        let gates = lock(&self.gates);
        let found = gates.iter().find(|(_, gate)| !gate.is_released() && !gate.is_visitor());
        let Some((token, gate)) = found else { return };
        lock(&self.succession).asked(*token);
        gate.say(&FromWorker::WantsSuccessor);
    }

    /// The next worker is ready: this one ends when its requests have.
    pub(crate) fn give_way(&self) {
        // Before the gates go, the one that was asked among them.
        lock(&self.succession).end();
        self.close_door();
        self.shared.reload();
        // Whoever asks next is to meet the next one. If this process ends first, its end says the same.
        self.tell_waiting(&ToVisitor::Replaced);
    }

    fn listen_to(&self, token: u64) {
        let Some(gate) = lock(&self.gates).get(&token).cloned() else { return };
        let word = match gate.channel.receive(None) {
            Ok(Some(message)) => ToWorker::decode(message),
            Ok(None) => return self.gone(token, &gate),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                // The gate has another way.
                log::info!("a gate's pipe cannot be fetched: {error}");
                return gate.say(&FromWorker::Denied);
            }
            Err(error) => Err(error),
        };
        let done = word.and_then(|word| self.obey(&gate, word));
        if let Err(error) = done {
            log::error!("a gate cannot be served: {error}");
            self.gone(token, &gate);
        }
    }

    fn obey(&self, gate: &Arc<Gate>, word: ToWorker) -> io::Result<()> {
        // Held, so that a failure does not come between looking and taking.
        let app = lock(&self.app);
        if matches!(*app, App::Failed(_)) {
            // The gate has been told and keeps what it gave.
            return Ok(());
        }
        match word {
            ToWorker::Connection { stream, cell, preface } => {
                let cell = StatusCell::map(cell)?;
                self.take(gate, Stream::new(stream)?, Some(cell), &preface)
            }
            ToWorker::Offer { name, preface } => {
                self.take(gate, platform::offer::take(&name)?, None, &preface)
            }
            ToWorker::Listener(fd) => {
                let listener = Listener::try_from(fd)?;
                gate.say(&FromWorker::Taken);
                self.shared.add_listener(listener, Some(Arc::clone(gate)))
            }
            ToWorker::Succeeded => {
                // What is given back is said to the gates, some of which may just be failing.
                drop(app);
                self.give_way();
                Ok(())
            }
            ToWorker::NotSucceeded(why) => {
                self.tell_waiting(&ToVisitor::NotReplaced(why.clone()));
                lock(&self.succession).refuse(why);
                self.shared.news.tell();
                Ok(())
            }
            ToWorker::Status => {
                gate.is_visitor.store(true, Ordering::Release);
                let state = if matches!(*app, App::Ready) { "ready" } else { "loading" };
                visitors::tell_status(&gate.channel, &self.shared, state, self.count());
                Ok(())
            }
            ToWorker::Replace => {
                drop(app);
                self.replace_for(gate);
                Ok(())
            }
            ToWorker::Release => {
                // Counted as a holding, so that the word is said even if nothing is held.
                gate.gained();
                gate.released.store(true, Ordering::SeqCst);
                self.shared.close_listeners(Some(gate));
                self.shared.close_connections(|connection| is_of(connection, gate));
                gate.lost();
                Ok(())
            }
        }
    }

    /// Has the worker replaced for a visitor, who is told when it is.
    fn replace_for(&self, visitor: &Arc<Gate>) {
        visitor.is_visitor.store(true, Ordering::Release);
        log::info!("a user has it recycled: the worker is replaced");
        if self.count() == 0 {
            visitors::say(&visitor.channel, &ToVisitor::Left);
            return self.give_way();
        }
        lock(&self.waiting).push(Arc::clone(visitor));
        self.want_successor();
    }

    fn tell_waiting(&self, word: &ToVisitor) {
        for visitor in lock(&self.waiting).drain(..) {
            visitors::say(&visitor.channel, word);
        }
    }

    fn take(
        &self,
        gate: &Arc<Gate>,
        stream: Stream,
        cell: Option<StatusCell>,
        preface: &[u8],
    ) -> io::Result<()> {
        let origin = Origin::Instance(Some(Arc::clone(gate)));
        let capacity = self.shared.settings.threads_max as u32;
        let connection = Connection::new(stream, origin, cell, preface, capacity);
        // Said before the first answer, after which the gate could be gone.
        gate.say(&FromWorker::Taken);
        self.shared.add_connection(connection)
    }

    /// A gate has gone, most likely killed by its web server: what it gave is closed at once.
    fn gone(&self, token: u64, gate: &Arc<Gate>) {
        gate.released.store(true, Ordering::SeqCst);
        self.poller.remove(&gate.channel);
        lock(&self.gates).remove(&token);
        if gate.is_visitor() {
            return lock(&self.waiting).retain(|other| !Arc::ptr_eq(other, gate));
        }
        *lock(&self.alone_since) = Instant::now();
        let was_asked = lock(&self.succession).has_gone(token);
        if was_asked {
            self.ask();
        }
        self.shared.close_listeners(Some(gate));
        self.shared.close_connections(|connection| {
            let is_meant = is_of(connection, gate);
            if is_meant && connection.rests() {
                connection.stream.shutdown();
            } else if is_meant {
                // The app may go on for long: the web server is not to wait for it.
                connection.stream.cut();
                connection.is_deserted.store(true, Ordering::Release);
                self.shared.news.tell();
            }
            is_meant
        });
    }
}

fn is_of(connection: &Connection, gate: &Arc<Gate>) -> bool {
    match &connection.origin {
        Origin::Instance(Some(of)) | Origin::Accepted(Some(of)) => Arc::ptr_eq(of, gate),
        _ => false,
    }
}
