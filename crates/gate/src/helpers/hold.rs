//! Owns a gate's hold on its site's helpers: it finds the keeper or starts it, holds it until the gate
//! ends, and has another one when that is killed.
//!
//! Does not own what the keeper does (`keeper`).

use super::limits::ROUNDS_MAX;
use super::words::{Answer, ToKeeper};
use crate::control::StartFailure;
use crate::events::is_told_to_end;
use crate::limits::{BACK_OFF_MAX, BACK_OFF_MIN, TAKE_TIMEOUT};
use crate::plan::Plan;
use crate::rendezvous::output;
use platform::handover::Channel;
use platform::{detached, lock, private, rendezvous, termination};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The files of a site's keeper in the user's private folder.
pub(super) struct Places {
    pub(super) socket: PathBuf,
    /// Held while a keeper is started.
    starting: PathBuf,
    /// Held by a keeper as long as it lives.
    pub(super) alive: PathBuf,
}

impl Places {
    pub(super) fn of(site: &Path) -> io::Result<Self> {
        /// Enough that no two sites meet by chance; short, for socket paths have 108 bytes.
        const KEY_BYTES: usize = 12;
        let hash = Sha256::digest(site.as_os_str().as_encoded_bytes());
        let key: String = hash[..KEY_BYTES].iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = private::folder()?;
        let file = |ending: &str| folder.join(format!("helpers-{key}.{ending}"));
        Ok(Self { socket: file("sock"), starting: file("lock"), alive: file("alive") })
    }
}

/// What this process holds. (A gate serves one site.)
static HOLD: Hold = Hold { state: Mutex::new(None), changed: Condvar::new() };

struct Hold {
    state: Mutex<Option<State>>,
    changed: Condvar,
}

struct State {
    plan: Plan,
    fingerprint: String,
    channel: Option<Arc<Channel>>,
    /// Tells one channel from the next.
    generation: u64,
    questions: u64,
    answers: HashMap<u64, Result<(), StartFailure>>,
    workers: Vec<u32>,
    /// When the last channel began.
    begun: Instant,
    /// How long the next keeper is put off when this one has gone.
    back_off: Duration,
}

fn system(what: &str, error: &io::Error) -> StartFailure {
    super::unready(format!("{what}: {error}"), "")
}

/// Holds the helpers of a plan from now on, if it has any: they are being started, or run.
///
/// # Errors
/// When their keeper cannot be started.
pub(crate) fn hold(plan: &Plan) -> Result<(), StartFailure> {
    let mut guard = HOLD.lock();
    if plan.helpers.definitions.is_empty() {
        if let Some(channel) = guard.take().and_then(|state| state.channel) {
            // The thread that listens has it, too.
            channel.shutdown();
        }
        return Ok(());
    }
    let fingerprint = plan.helpers.fingerprint();
    let state = guard.get_or_insert_with(|| State {
        plan: plan.clone(),
        fingerprint: String::new(),
        channel: None,
        generation: 0,
        questions: 0,
        answers: HashMap::new(),
        workers: Vec::new(),
        begun: Instant::now(),
        back_off: BACK_OFF_MIN,
    });
    if state.fingerprint != fingerprint {
        state.plan = plan.clone();
        state.fingerprint = fingerprint;
        if let Some(channel) = &state.channel
            && state.arrangement().send(channel).is_err()
        {
            state.channel = None;
        }
    }
    if state.channel.is_none() { state.connect() } else { Ok(()) }
}

/// Waits until the helpers of a plan are ready.
///
/// # Errors
/// When one of them is not, with the reason.
pub(crate) fn await_ready(plan: &Plan) -> Result<(), StartFailure> {
    if plan.helpers.definitions.is_empty() {
        return Ok(());
    }
    for _ in 0..ROUNDS_MAX {
        hold(plan)?;
        let mut guard = HOLD.lock();
        let Some(state) = guard.as_mut() else { return Ok(()) };
        let Some(channel) = &state.channel else { continue };
        state.questions += 1;
        let (number, generation) = (state.questions, state.generation);
        if ToKeeper::AreReady(number).send(channel).is_err() {
            state.channel = None;
            continue;
        }
        let is_waiting = |state: &mut Option<State>| {
            state.as_ref().is_some_and(|state| {
                let is_same = state.generation == generation && state.channel.is_some();
                is_same && !state.answers.contains_key(&number) && !is_told_to_end()
            })
        };
        let waited = HOLD.changed.wait_while(guard, is_waiting);
        let mut guard = waited.unwrap_or_else(PoisonError::into_inner);
        let answer = guard.as_mut().and_then(|state| state.answers.remove(&number));
        if let Some(result) = answer {
            return result;
        }
        if is_told_to_end() {
            return Err(ended_meanwhile());
        }
    }
    let title = "the keeper of the site's helpers ends again and again";
    Err(super::unready(title, "the log has its last words"))
}

/// Wakes who waits here: this process was told to end.
pub(crate) fn wake() {
    // Held, so that it is seen by one who is just about to wait.
    let _state = HOLD.lock();
    HOLD.changed.notify_all();
}

fn ended_meanwhile() -> StartFailure {
    let title = "the site's helpers were not ready when the web server ended this instance";
    super::unready(title, "the log tells which helper was waited for")
}

/// Tells the keeper of a worker that was started: the helpers stay as long as it lives.
pub(crate) fn tell_worker(id: u32) {
    if let Some(state) = HOLD.lock().as_mut() {
        state.workers.push(id);
        if let Some(channel) = &state.channel {
            // If it has gone, the next one is told.
            let _ = ToKeeper::Worker(id).send(channel);
        }
    }
}

impl Hold {
    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Listens to the keeper; has another one when it has gone.
    fn listen(&self, channel: &Channel, generation: u64) {
        while let Ok(Some(message)) = channel.receive(None) {
            match Answer::decode(&message) {
                Ok(Answer { number, result }) => {
                    if let Some(state) = self.lock().as_mut() {
                        state.answers.insert(number, result);
                    }
                    self.changed.notify_all();
                }
                Err(error) => log::debug!("the helpers' keeper: {error}"),
            }
        }
        let mut guard = self.lock();
        if let Some(state) = guard.as_mut().filter(|state| state.generation == generation) {
            state.channel = None;
        }
        self.changed.notify_all();
        loop {
            // Somebody else may have been faster, or it is not wanted any more.
            let Some(state) = guard.as_mut() else { return };
            if state.channel.is_some() || state.generation != generation {
                return;
            }
            let pause = state.back_off;
            state.back_off = (pause * 2).min(BACK_OFF_MAX);
            drop(guard);
            std::thread::sleep(pause);
            guard = self.lock();
            let Some(state) = guard.as_mut() else { return };
            if state.channel.is_none() && state.generation == generation {
                log::debug!("the keeper of the site's helpers has gone: there will be another one");
                if let Err(failure) = state.connect() {
                    log::error!("{failure}");
                }
                self.changed.notify_all();
            }
        }
    }
}

impl State {
    fn arrangement(&self) -> ToKeeper {
        ToKeeper::Arrange {
            fingerprint: self.fingerprint.clone(),
            python: self.plan.python.to_string_lossy().into_owned(),
            grace: self.plan.helpers.grace,
        }
    }

    /// Finds the keeper, or starts it, and tells it what there is to know.
    fn connect(&mut self) -> Result<(), StartFailure> {
        let places = Places::of(&self.plan.site)
            .map_err(|error| system("the folder for gates and workers cannot be used", &error))?;
        let channel = Arc::new(find_or_start(&self.plan, &places)?);
        let told = self.arrangement().send(&channel).and_then(|()| {
            self.workers.iter().try_for_each(|id| ToKeeper::Worker(*id).send(&channel))
        });
        if let Err(error) = told {
            log::debug!("the helpers' keeper has just ended: {error}");
        }
        if self.begun.elapsed() > BACK_OFF_MAX {
            self.back_off = BACK_OFF_MIN;
        }
        self.begun = Instant::now();
        self.generation += 1;
        let (ours, generation) = (Arc::clone(&channel), self.generation);
        let listen = move || HOLD.listen(&ours, generation);
        std::thread::Builder::new()
            .name("helpers".into())
            .spawn(listen)
            .map_err(|error| system("a thread cannot be started", &error))?;
        self.channel = Some(channel);
        Ok(())
    }
}

fn find_or_start(plan: &Plan, places: &Places) -> Result<Channel, StartFailure> {
    if let Ok(channel) = Channel::connect(&places.socket) {
        return Ok(channel);
    }
    let lock = lock::lock_unless(&places.starting, is_told_to_end)
        .map_err(|error| system("the lock of the site's helpers cannot be had", &error))?;
    let Some(_lock) = lock else { return Err(ended_meanwhile()) };
    // Who waited for the lock may find that the one who held it started the keeper.
    if let Ok(channel) = Channel::connect(&places.socket) {
        return Ok(channel);
    }
    start(plan, places).map_err(|error| system("the helpers' keeper cannot be started", &error))?;
    let end = Instant::now() + TAKE_TIMEOUT;
    loop {
        match Channel::connect(&places.socket) {
            Ok(channel) => return Ok(channel),
            Err(error) if Instant::now() > end || is_told_to_end() => {
                return Err(system("the helpers' keeper does not answer", &error));
            }
            Err(_) => std::thread::sleep(CONNECT_PAUSE),
        }
    }
}

/// How soon a keeper that was just started is tried again, on a system that lets one connect only
/// when it runs.
const CONNECT_PAUSE: Duration = Duration::from_millis(10);

/// Starts the keeper, which outlives the gate.
fn start(plan: &Plan, places: &Places) -> io::Result<()> {
    let program = std::env::current_exe()?;
    let mut command = Command::new(&program);
    command.arg("keep").arg("--site").arg(&plan.site);
    command.arg("--log").arg(plan.log.path.as_deref().unwrap_or(Path::new("-")));
    command.arg("--log-format").arg(plan.log.form.name());
    // Not the site's: a folder in which a process works cannot be replaced on Windows.
    command.current_dir(program.parent().unwrap_or(Path::new("/")));
    for variable in termination::VARIABLES {
        // The web server meant the gate.
        command.env_remove(variable);
    }
    let bound = rendezvous::bind(&places.socket)?;
    bound.prepare(&mut command)?;
    let (stdout, stderr) = output(plan);
    let mut child = detached::spawn(command.stdout(stdout).stderr(stderr))?;
    bound.give_to(&mut child)?;
    // Its end is to be noted, if it ends before us.
    std::thread::Builder::new().name("keeper-end".into()).spawn(move || child.wait())?;
    Ok(())
}
