//! Owns the keeper's life: gates and workers come and go, and when none is left for a while the
//! helpers are ended, and the keeper ends.
//!
//! Does not own starting a keeper (`hold`), nor the helpers' lives (`crew`).

use super::asking::HelpersStatus;
use super::board::Board;
use super::crew::Crew;
use super::definition::{Helpers, load};
use super::hold::Places;
use super::limits::{FIRST_GATE_TIMEOUT, WORKER_LOOK_EVERY, WORKER_TIMEOUT};
use super::words::{Answer, ToKeeper};
use crate::codes;
use crate::control::StartFailure;
use iis::Site;
use platform::handover::Channel;
use platform::log_file::LogFile;
use platform::rendezvous::{Rendezvous, Started};
use platform::{kept, lock, process, rendezvous, termination};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// What a keeper is started with.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// The site's folder.
    pub site: PathBuf,
    /// The process's log.
    pub log: &'static LogFile,
}

enum Event {
    Joined,
    Gone,
    Terminate,
}

/// What the threads that listen to gates share.
struct Shared {
    site: PathBuf,
    crew: Mutex<Crew>,
    board: Arc<Board>,
    facts: Mutex<Facts>,
}

#[derive(Default)]
struct Facts {
    fingerprint: Option<String>,
    grace: Duration,
    /// Workers, and when they were started.
    workers: HashMap<u32, Option<SystemTime>>,
}

/// Keeps the helpers of a site until nobody needs them. A gate has started us, and gave us the place
/// where gates find us.
///
/// # Errors
/// When nobody gave us one, or the system refuses what a keeper cannot do without.
pub fn run(keeping: Keeping) -> io::Result<()> {
    let Started::ByGate(rendezvous) = rendezvous::started()? else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "gates start keepers"));
    };
    let places = Places::of(&keeping.site)?;
    // One that is just ending ends its helpers first.
    let _alive = lock::lock(&places.alive)?;
    let kept = kept::Keeper::new(&places.socket.to_string_lossy())?;
    let board = Arc::new(Board::default());
    let crew = Mutex::new(Crew::new(Arc::clone(&board), kept, keeping.log));
    let facts = Mutex::default();
    let shared = Arc::new(Shared { site: keeping.site, crew, board, facts });
    let (sender, receiver) = channel();
    let tell = sender.clone();
    termination::watch(move |_| drop(tell.send(Event::Terminate)))?;
    let rendezvous = Arc::new(rendezvous);
    let (door, gates) = (Arc::clone(&rendezvous), Arc::clone(&shared));
    let accept = move || accept(&door, &gates, &sender);
    std::thread::Builder::new().name("door".into()).spawn(accept)?;
    log::info!(
        "the helpers of {} are kept by process {}",
        shared.site.display(),
        std::process::id()
    );
    shared.wait(&receiver);
    rendezvous.shutdown();
    log::info!("the helpers of {} are ended", shared.site.display());
    lock_of(&shared.crew).close();
    Ok(())
}

fn lock_of<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accept(rendezvous: &Rendezvous, shared: &Arc<Shared>, events: &Sender<Event>) {
    while let Ok(channel) = rendezvous.accept() {
        let (shared, events) = (Arc::clone(shared), events.clone());
        if events.send(Event::Joined).is_err() {
            return;
        }
        let gone = events.clone();
        let listen = move || {
            shared.listen(&Arc::new(channel));
            let _ = events.send(Event::Gone);
        };
        if std::thread::Builder::new().name("gate".into()).spawn(listen).is_err() {
            let _ = gone.send(Event::Gone);
        }
    }
}

impl Shared {
    /// Listens to one gate until it has gone.
    fn listen(self: &Arc<Self>, channel: &Arc<Channel>) {
        while let Ok(Some(message)) = channel.receive(None) {
            match ToKeeper::decode(&message) {
                Ok(ToKeeper::Arrange { fingerprint, python, grace }) => {
                    self.arrange(fingerprint, Path::new(&python), grace);
                }
                Ok(ToKeeper::Worker(id)) => {
                    let started = process::look_up(id).and_then(|living| living.started);
                    lock_of(&self.facts).workers.insert(id, started);
                }
                Ok(ToKeeper::AreReady(number)) => {
                    let (shared, channel) = (Arc::clone(self), Arc::clone(channel));
                    // Apart, so that the end of the gate is noticed meanwhile.
                    let answer = move || {
                        let answer = Answer { number, result: shared.board.answer() };
                        let _ = answer.send(&channel);
                    };
                    if std::thread::Builder::new().name("answer".into()).spawn(answer).is_err() {
                        return;
                    }
                }
                Ok(ToKeeper::Tell) => {
                    let (site, helpers) = (self.site.clone(), self.board.tell());
                    let status = HelpersStatus { site, keeper: std::process::id(), helpers };
                    // Who asked may have gone.
                    let _ = status.send(channel);
                }
                Err(error) => log::debug!("a gate: {error}"),
            }
        }
    }

    /// Follows the site's files, if they say something else than before.
    fn arrange(&self, fingerprint: String, python: &Path, grace: Duration) {
        // Gates that come at once wait for each other here.
        let mut crew = lock_of(&self.crew);
        {
            let mut facts = lock_of(&self.facts);
            facts.grace = grace;
            if facts.fingerprint.as_ref() == Some(&fingerprint) {
                return;
            }
        }
        let files = Site::load(&self.site).map_err(|error| {
            let mut failure =
                StartFailure::of(&codes::CONFIGURATION, "the site's configuration cannot be read")
                    .mend("correct the file", "");
            failure.details = error.to_string();
            failure
        });
        match files.and_then(|files| load(&files, python)) {
            Ok(definitions) => {
                let helpers = Helpers { definitions, grace };
                lock_of(&self.facts).fingerprint = Some(helpers.fingerprint());
                self.board.set_misfit(None);
                crew.arrange(&helpers.definitions);
            }
            Err(failure) => {
                log::error!("{failure}");
                self.board.set_misfit(Some(failure));
            }
        }
    }

    /// Waits until nobody needs the helpers any more.
    fn wait(&self, events: &Receiver<Event>) {
        let mut gates = 0_usize;
        let mut end = Some(Instant::now() + FIRST_GATE_TIMEOUT);
        let mut last_end = None;
        loop {
            let event = match end {
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(end) => {
                    events.recv_timeout(Instant::saturating_duration_since(&end, Instant::now()))
                }
            };
            match event {
                Ok(Event::Joined) => {
                    gates += 1;
                    (end, last_end) = (None, None);
                }
                Ok(Event::Gone) => {
                    gates = gates.saturating_sub(1);
                    if gates == 0 {
                        end = Some(Instant::now() + lock_of(&self.facts).grace);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    let now = Instant::now();
                    let last_end = *last_end.get_or_insert(now + WORKER_TIMEOUT);
                    if !self.has_workers() || now > last_end {
                        return;
                    }
                    end = Some(now + WORKER_LOOK_EVERY);
                }
                Ok(Event::Terminate) | Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Whether a worker lives that was started for this site.
    fn has_workers(&self) -> bool {
        let mut facts = lock_of(&self.facts);
        facts.workers.retain(|id, started| {
            process::look_up(*id).is_some_and(|living| living.started == *started)
        });
        !facts.workers.is_empty()
    }
}
