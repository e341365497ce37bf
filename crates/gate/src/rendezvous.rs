//! Owns finding the worker of a plan, or starting it: one starts it, the others find it.
//!
//! Does not own what is said to it (`control`).

use crate::codes;
use crate::control::{FromWorker, StartFailure};
use crate::diagnosis::{diagnose, not_started};
use crate::events::is_told_to_end;
use crate::failure::Series;
use crate::helpers;
use crate::limits::{ROUNDS_MAX, SUCCESSION_TIMEOUT};
use crate::plan::Plan;
use platform::handover::Channel;
use platform::lock::{self, Lock};
use platform::rendezvous::ForChild;
use platform::{detached, private, private_file, termination};
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// The files of a plan in the user's private folder.
pub(crate) struct Meeting {
    socket: PathBuf,
    /// Where a successor is met until it is ready.
    next: PathBuf,
    lock: PathBuf,
    failed: Series,
}

/// A channel to a worker; if it was started here, its end can be waited for.
pub(crate) struct Found {
    pub(crate) channel: Channel,
    pub(crate) started: Option<Started>,
}

/// An ended process is reaped at once; a killed one may take a moment.
const STATUS_TIMEOUT: Duration = Duration::from_secs(1);

/// Gets the end of a worker that was started here.
pub(crate) type Started = Receiver<io::Result<ExitStatus>>;

fn system(what: &str, error: &io::Error) -> StartFailure {
    StartFailure::system(&codes::MEETING_PLACE, what, error)
}

impl Meeting {
    /// The meeting place of a plan.
    pub(crate) fn of(plan: &Plan) -> Result<Self, StartFailure> {
        let folder = private::folder()
            .map_err(|error| system("the folder for gates and workers cannot be used", &error))?;
        let place = plan.place();
        let file = |ending: &str| folder.join(format!("{place}.{ending}"));
        let next = file("next");
        // Of all workers: what keeps one from starting keeps the others, too.
        let failed = Series::new(folder.join(format!("{}.failed", plan.key)), plan);
        Ok(Self { socket: file("sock"), next, lock: file("lock"), failed })
    }

    /// Finds the worker, or starts it. What goes wrong is logged, but for a failure that was told
    /// a moment ago. `in_vain` counts those that were found and took nothing: where that happens
    /// again and again there is something else than a worker.
    ///
    /// # Errors
    /// When it cannot be started, or just failed to.
    pub(crate) fn find_or_start(
        &self,
        plan: &Plan,
        in_vain: &mut usize,
    ) -> Result<Found, StartFailure> {
        if *in_vain >= ROUNDS_MAX {
            log::warn!("{} leads to no worker: another one is started", self.socket.display());
            let _lock = self.lock()?;
            // That it has gone is as well.
            let _ = std::fs::remove_file(&self.socket);
            *in_vain = 0;
        }
        *in_vain += 1;
        match self.recent_failure() {
            Some(failure) if Channel::connect(&self.socket).is_err() => Err(failure),
            _ => self.meet(plan).inspect_err(|failure| {
                if !is_told_to_end() {
                    log::error!("{failure}");
                }
            }),
        }
    }

    fn lock(&self) -> Result<Lock, StartFailure> {
        let what = || format!("{}: the site's lock cannot be had", self.lock.display());
        let lock = lock::lock_unless(&self.lock, is_told_to_end);
        lock.map_err(|error| system(&what(), &error))?.ok_or_else(|| {
            let title = "the worker was not started yet when the web server ended this instance";
            StartFailure::of(&codes::WORKER_SLOW, title)
        })
    }

    fn meet(&self, plan: &Plan) -> Result<Found, StartFailure> {
        helpers::hold(plan)?;
        let mut last = None;
        for _ in 0..ROUNDS_MAX {
            if let Ok(channel) = Channel::connect(&self.socket) {
                return Ok(Found { channel, started: None });
            }
            let _lock = self.lock()?;
            // Who waited for the lock may find that the one who held it started the worker.
            if let Ok(channel) = Channel::connect(&self.socket) {
                return Ok(Found { channel, started: None });
            }
            if let Some(failure) = self.recent_failure() {
                return Err(failure);
            }
            helpers::await_ready(plan).inspect_err(|failure| {
                // Others may be more patient.
                if !is_told_to_end() {
                    self.remember(failure);
                }
            })?;
            let bound = platform::rendezvous::bind(&self.socket)
                .map_err(|error| system("the site's meeting place cannot be made", &error))?;
            let started = start(plan, bound).inspect_err(|failure| self.remember(failure))?;
            match Channel::connect(&self.socket) {
                Ok(channel) => return Ok(Found { channel, started: Some(started) }),
                Err(error) => match started.recv_timeout(STATUS_TIMEOUT) {
                    // It ended before it could be met: the next one would do the same.
                    Ok(status) => {
                        let failure = diagnose(plan, status.ok());
                        self.remember(&failure);
                        return Err(failure);
                    }
                    Err(_) => last = Some(error),
                },
            }
        }
        let error = last.unwrap_or_else(|| io::ErrorKind::ConnectionRefused.into());
        Err(system("no worker stays long enough to be met", &error))
    }

    /// Starts the worker that is to take over from the one that gates meet here, waits until it is
    /// ready, and lets it be met here from then on. Who gets the channel keeps it until a pipe is
    /// handed over, so that the new worker does not find itself alone.
    ///
    /// `is_new` tells that the other worker is met elsewhere, for the configuration has changed: then
    /// another gate may have started this one already.
    ///
    /// # Errors
    /// When it cannot be started, or does not become ready.
    pub(crate) fn succeed(&self, plan: &Plan, is_new: bool) -> Result<Channel, StartFailure> {
        // Held until it is ready: should the old worker die meanwhile, this is the next one.
        let _lock = self.lock()?;
        if is_new && let Ok(channel) = Channel::connect(&self.socket) {
            await_ready(plan, &channel, None)?;
            return Ok(channel);
        }
        let bound = platform::rendezvous::bind(&self.next)
            .map_err(|error| system("the site's meeting place cannot be made", &error))?;
        let started = start(plan, bound)?;
        let channel = Channel::connect(&self.next)
            .map_err(|error| system("the new worker cannot be met", &error))?;
        await_ready(plan, &channel, Some(started))?;
        private_file::replace(&self.next, &self.socket)
            .map_err(|error| system("the site's meeting place cannot be made", &error))?;
        Ok(channel)
    }

    /// Tells why a worker ended that never was ready: who started it can tell most.
    pub(crate) fn post_mortem(&self, plan: &Plan, started: Option<Started>) -> StartFailure {
        let ended = StartFailure::of(&codes::WORKER_ENDED, "Python ended while it loaded the app")
            .mend("the log has its last words", "");
        let Some(started) = started else { return ended };
        // Said before it is known in full, so that no other gate starts the next one meanwhile.
        self.remember(&ended);
        let status = started.recv_timeout(STATUS_TIMEOUT).ok().and_then(Result::ok);
        let failure = diagnose(plan, status);
        log::error!("{failure}");
        self.remember(&failure);
        failure
    }

    /// Remembers why the app does not start, for gates that would try at once again.
    pub(crate) fn remember(&self, failure: &StartFailure) {
        self.failed.remember(failure);
    }

    fn recent_failure(&self) -> Option<StartFailure> {
        self.failed.recent()
    }
}

/// Waits until a worker is ready.
fn await_ready(
    plan: &Plan,
    channel: &Channel,
    started: Option<Started>,
) -> Result<(), StartFailure> {
    let end = Instant::now() + SUCCESSION_TIMEOUT;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let word = channel
            .receive(Some(left))
            .and_then(|message| message.as_ref().map(FromWorker::decode).transpose());
        match word {
            Ok(Some(FromWorker::Ready)) => return Ok(()),
            Ok(Some(FromWorker::Failed(failure))) => return Err(failure),
            Ok(Some(_)) => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                let seconds = SUCCESSION_TIMEOUT.as_secs();
                let title = format!("the new worker did not become ready within {seconds} s");
                return Err(StartFailure::of(&codes::WORKER_SLOW, title));
            }
            Ok(None) | Err(_) => {
                let status = started.and_then(|started| started.recv_timeout(STATUS_TIMEOUT).ok());
                let failure = diagnose(plan, status.and_then(Result::ok));
                log::error!("{failure}");
                return Err(failure);
            }
        }
    }
}

/// Starts a worker, which gets its channel, and which outlives the gate.
pub(crate) fn start(plan: &Plan, channel: ForChild) -> Result<Started, StartFailure> {
    helpers::await_ready(plan)?;
    let mut command = Command::new(&plan.program);
    command.args(["-m", "iisgate", "worker", "--endpoint", "gates"]);
    if let Some(session) = &plan.session {
        command.arg("--debug-session").arg(session.to_string()).env("PYTHONDEVMODE", "1");
    }
    command.args(&plan.arguments).current_dir(&plan.working_directory);
    command.envs(plan.environment.iter().cloned());
    for variable in termination::VARIABLES {
        // The web server meant the gate.
        command.env_remove(variable);
    }
    let not_given = |error| system("the worker's channel cannot be given to it", &error);
    channel.prepare(&mut command).map_err(not_given)?;
    let (stdout, stderr) = output(plan);
    let child = detached::spawn(command.stdout(stdout).stderr(stderr));
    let mut child = child.map_err(|error| not_started(plan, &error))?;
    log::info!(
        "worker {} is started for {} by {}",
        child.id(),
        plan.site.display(),
        plan.python.display()
    );
    if let Some(note) = &plan.log.note {
        log::warn!("{note}");
    }
    helpers::tell_worker(child.id());
    if let Err(error) = channel.give_to(&mut child) {
        // It has ended already, which is noticed below, where there is more to tell.
        log::debug!("{}", not_given(error));
    }
    let (sender, receiver) = mpsc::channel();
    let wait = move || drop(sender.send(child.wait()));
    std::thread::Builder::new().name("worker-end".into()).spawn(wait).map_err(|error| {
        StartFailure::system(&codes::SYSTEM_REFUSES, "a thread cannot be started", &error)
    })?;
    Ok(receiver)
}

/// What the worker prints before it has opened its log goes to the log as well. That it cannot is no
/// reason not to start it.
pub(crate) fn output(plan: &Plan) -> (Stdio, Stdio) {
    let file = match &plan.log.path {
        None => platform::standard_error::duplicate(),
        Some(path) => std::fs::OpenOptions::new().create(true).append(true).open(path),
    };
    let both = file.and_then(|file| Ok((file.try_clone()?.into(), file.into())));
    both.unwrap_or_else(|_| (Stdio::null(), Stdio::null()))
}
