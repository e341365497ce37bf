//! Owns `--listen`: a socket of our own, workers that accept from it, one replaced when it dies,
//! all replaced on SIGHUP without losing a request, all ended on SIGTERM.
//!
//! Does not own finding shared workers: these belong to the supervisor alone.

mod offline;

mod reloading;

use crate::codes;
use crate::control::{FromWorker, StartFailure, ToWorker};
use crate::diagnosis::diagnose;
use crate::events::{Event, Events};
use crate::limits::{BACK_OFF_MAX, BACK_OFF_MIN, RELEASE_TIMEOUT};
use crate::plan::Plan;
use crate::rendezvous;
use crate::settings::Settings;
use platform::handover::Channel;
use platform::{Endpoint, Listener};
use std::collections::HashMap;
use std::io;
use std::process::ExitStatus;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// One worker.
struct Worker {
    channel: Arc<Channel>,
    ended: Receiver<io::Result<ExitStatus>>,
    generation: u64,
    begun: Instant,
    is_ready: bool,
    is_leaving: bool,
    /// The worker that it is to take over from, once it is ready.
    follows: Option<u64>,
}

/// Why the supervisor ended.
#[derive(Debug)]
pub enum Ended {
    /// It was told to.
    Told,
    /// No worker could be started.
    Failed(StartFailure),
}

struct Supervisor<'a> {
    settings: &'a Settings,
    /// The newest.
    plan: Plan,
    /// How many workers the generation has that serves.
    settled: u32,
    listener: Listener,
    events: Events,
    workers: HashMap<u64, Worker>,
    next: u64,
    generation: u64,
    back_off: Duration,
    /// When to start one more, after a death.
    due: Vec<Instant>,
}

/// How often it is looked whether the site is offline.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A worker of our own making runs as we do: nobody forbids it, but some other program.
const DENIED: &str = "a worker may not fetch the listening socket from this process";

fn failure(error: &io::Error, what: &str) -> StartFailure {
    StartFailure::system(&codes::SYSTEM_REFUSES, what, error)
}

/// Why an address cannot be had.
fn not_listening(endpoint: &Endpoint, error: &io::Error) -> StartFailure {
    let code = match error.kind() {
        io::ErrorKind::AddrInUse => &codes::ADDRESS_TAKEN,
        _ => &codes::ADDRESS_REFUSED,
    };
    let failure =
        StartFailure::system(code, &format!("cannot listen at {endpoint}"), error).at(endpoint);
    let command = failure.command.clone();
    failure.mend("end who has it, or name another address: --listen", command)
}

/// Listens and supervises until told to end. A Unix socket gets `mode`, if one is given.
/// `is_listening` is called once, when the first worker is ready.
///
/// # Errors
/// When the endpoint cannot be listened at, or the system refuses.
pub fn run(
    settings: &Settings,
    plan: Plan,
    endpoint: &Endpoint,
    mode: Option<u32>,
    is_listening: impl FnOnce(&Listener),
) -> Result<Ended, StartFailure> {
    let events = Events::new().map_err(|error| failure(&error, "signals cannot be caught"))?;
    let listener = endpoint.listen().map_err(|error| not_listening(endpoint, &error))?;
    if let (Endpoint::Unix(path), Some(mode)) = (endpoint, mode) {
        platform::private::set_mode(path, mode)
            .map_err(|error| failure(&error, "the socket's mode cannot be set"))?;
    }
    let mut supervisor = Supervisor {
        settings,
        settled: plan.workers,
        plan,
        listener,
        events,
        workers: HashMap::new(),
        next: 1,
        generation: 1,
        back_off: BACK_OFF_MIN,
        due: Vec::new(),
    };
    let result = supervisor.supervise(is_listening);
    supervisor.end();
    if let Endpoint::Unix(path) = endpoint {
        let _ = std::fs::remove_file(path);
    }
    result
}

impl Supervisor<'_> {
    fn planned(&self) -> Result<Plan, StartFailure> {
        Plan::new(self.settings, &self.plan.site)
    }

    fn start(&mut self) -> Result<(), StartFailure> {
        self.start_after(None)
    }

    /// Starts a worker, maybe to take over from another one, by the files as they are now. How many
    /// there are is settled for a generation.
    fn start_after(&mut self, follows: Option<u64>) -> Result<(), StartFailure> {
        if self.next > 1 {
            let workers = self.plan.workers;
            self.plan = Plan { workers, ..self.planned()? };
        }
        let channel = Channel::pair().map_err(|error| failure(&error, "a channel cannot be made"));
        let (ours, theirs) = channel?;
        let ended = rendezvous::start(&self.plan, theirs.into())?;
        let number = self.next;
        self.next += 1;
        let channel = Arc::new(ours);
        // A worker that is gone already is noticed by its closed channel.
        let _ = ToWorker::send_listener(&channel, &self.listener);
        self.events
            .listen(number, Arc::clone(&channel))
            .map_err(|error| failure(&error, "a thread cannot be started"))?;
        let worker = Worker {
            channel,
            ended,
            generation: self.generation,
            begun: Instant::now(),
            is_ready: false,
            is_leaving: false,
            follows,
        };
        self.workers.insert(number, worker);
        Ok(())
    }

    fn supervise(&mut self, is_listening: impl FnOnce(&Listener)) -> Result<Ended, StartFailure> {
        let mut is_listening = Some(is_listening);
        for _ in 0..self.plan.workers {
            if let Err(failure) = self.start() {
                // It may be the reason why a helper was not waited for.
                return if self.events.is_ending() { Ok(Ended::Told) } else { Err(failure) };
            }
        }
        loop {
            if crate::offline::is_so(&self.plan.site) {
                self.go_offline();
                if self.events.is_ending() {
                    return Ok(Ended::Told);
                }
            }
            let left =
                self.due.iter().min().map(|due| due.saturating_duration_since(Instant::now()));
            let event =
                self.events.receiver.recv_timeout(left.unwrap_or(LOOK_EVERY).min(LOOK_EVERY));
            match event {
                Ok(Event::Terminate) | Err(RecvTimeoutError::Disconnected) => {
                    return Ok(Ended::Told);
                }
                Ok(Event::HangUp) => self.reload(),
                Err(RecvTimeoutError::Timeout) => {
                    let now = Instant::now();
                    let due = self.due.iter().filter(|due| **due <= now).count();
                    self.due.retain(|due| *due > now);
                    for _ in 0..due {
                        self.start_or_later();
                    }
                }
                Ok(Event::Said(number, FromWorker::Ready)) => {
                    self.is_ready(number);
                    if let Some(is_listening) = is_listening.take() {
                        is_listening(&self.listener);
                    }
                    self.retire_old();
                }
                Ok(Event::Said(number, FromWorker::Failed(failure))) => {
                    if let Some(failure) = self.failed(number, failure, is_listening.is_some()) {
                        return Ok(Ended::Failed(failure));
                    }
                }
                Ok(Event::Said(number, FromWorker::WantsSuccessor)) => {
                    if let Err(failure) = self.start_after(Some(number)) {
                        log::error!("{failure}");
                        self.has_none(number, &failure.title);
                    }
                }
                // It gives way to its successor. Its channel stays open: closing it would cut off what
                // it finishes.
                Ok(Event::Said(_, FromWorker::Returned(_)) | Event::Successor(..)) => {}
                Ok(Event::Said(number, FromWorker::Released)) => {
                    // Nothing is in flight any more.
                    self.let_go(number);
                }
                Ok(Event::Said(_, FromWorker::Taken)) => {}
                Ok(Event::Said(number, FromWorker::Denied)) => {
                    log::error!("{DENIED}");
                    self.let_go(number);
                    self.later();
                }
                Ok(Event::Gone(number)) => {
                    if let Some(failure) = self.gone(number, is_listening.is_some()) {
                        return Ok(Ended::Failed(failure));
                    }
                }
            }
        }
    }

    /// A worker can serve; who waited for it leaves.
    fn is_ready(&mut self, number: u64) {
        let Some(worker) = self.workers.get_mut(&number) else { return };
        worker.is_ready = true;
        let followed = worker.follows.take();
        if let Some(old) = followed.and_then(|old| self.workers.get_mut(&old)) {
            old.is_leaving = true;
            let _ = ToWorker::send_succeeded(&old.channel);
        }
    }

    /// Tells a worker that it gets no successor: it goes on.
    fn has_none(&self, number: u64, why: &str) {
        if let Some(worker) = self.workers.get(&number) {
            let _ = ToWorker::send_not_succeeded(&worker.channel, why);
        }
    }

    /// Forgets a worker; its closed channel ends it. (Shut down, not only dropped: the thread that
    /// listens holds it, too.)
    fn let_go(&mut self, number: u64) -> Option<Worker> {
        let worker = self.workers.remove(&number)?;
        worker.channel.shutdown();
        Some(worker)
    }

    /// Starts a worker, or tries again after a while.
    fn start_or_later(&mut self) {
        if let Err(failure) = self.start() {
            log::error!("{failure}");
            self.later();
        }
    }

    /// A worker could not load the app. Fatal at the start; on a reload the old ones go on.
    fn failed(
        &mut self,
        number: u64,
        failure: StartFailure,
        is_first: bool,
    ) -> Option<StartFailure> {
        let failed = self.let_go(number)?;
        if is_first {
            return Some(failure);
        }
        log::error!("{failure}");
        if let Some(old) = failed.follows {
            self.has_none(old, &failure.title);
            return None;
        }
        let is_older = |worker: &Worker| {
            worker.is_ready && !worker.is_leaving && worker.generation < failed.generation
        };
        if self.workers.values().any(is_older) {
            log::error!("the reload is given up: the workers that run go on");
            self.give_up_reload();
        } else {
            self.later();
        }
        None
    }

    fn gone(&mut self, number: u64, is_first: bool) -> Option<StartFailure> {
        let worker = self.workers.remove(&number)?;
        if worker.is_leaving {
            return None;
        }
        let status = worker.ended.recv_timeout(Duration::from_secs(1)).ok().and_then(Result::ok);
        if !worker.is_ready && is_first {
            return Some(diagnose(&self.plan, status));
        }
        if let Some(old) = worker.follows {
            let failure = diagnose(&self.plan, status);
            log::error!("{failure}");
            self.has_none(old, &failure.title);
            return None;
        }
        // Who was to take over from it is its replacement already.
        let successor = self.workers.values_mut().find(|other| other.follows == Some(number));
        if let Some(successor) = successor {
            successor.follows = None;
            log::error!("a worker ended: the one that was to take over from it replaces it");
            return None;
        }
        let how =
            status.map_or_else(|| "in an unknown way".to_owned(), |status| status.to_string());
        log::error!("a worker ended ({how}): it is replaced");
        if worker.begun.elapsed() > BACK_OFF_MAX {
            self.back_off = BACK_OFF_MIN;
        }
        self.later();
        None
    }

    fn later(&mut self) {
        self.due.push(Instant::now() + self.back_off);
        self.back_off = (self.back_off * 2).min(BACK_OFF_MAX);
    }

    /// Lets all workers finish what they do, then ends them.
    fn end(&mut self) {
        for worker in self.workers.values() {
            let _ = ToWorker::send_release(&worker.channel);
        }
        let deadline = Instant::now() + RELEASE_TIMEOUT;
        while !self.workers.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.events.receiver.recv_timeout(left) {
                Ok(
                    Event::Said(number, FromWorker::Released | FromWorker::Failed(_))
                    | Event::Gone(number),
                ) => {
                    let Some(worker) = self.let_go(number) else { continue };
                    let left = deadline.saturating_duration_since(Instant::now());
                    let _ = worker.ended.recv_timeout(left);
                }
                Ok(_) => {}
                // What does not end in time ends when its channel closes, at the latest.
                Err(_) => return,
            }
        }
    }
}
