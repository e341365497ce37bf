//! Owns finding the worker of a plan, or starting it: one starts it, the others find it.
//!
//! Does not own what is said to it (`control`).

use crate::control::StartFailure;
use crate::diagnosis::diagnose;
use crate::limits::{RETRY_AFTER, ROUNDS_MAX};
use crate::plan::Plan;
use platform::handover::Channel;
use platform::lock::{self, Lock};
use platform::rendezvous::ForChild;
use platform::{detached, private, termination};
use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

/// The files of a plan in the user's private folder.
pub(crate) struct Meeting {
    socket: PathBuf,
    lock: PathBuf,
    failed: PathBuf,
}

/// A channel to a worker; if it was started here, its end can be waited for.
pub(crate) struct Found {
    pub(crate) channel: Channel,
    pub(crate) started: Option<Started>,
}

/// Gets the end of a worker that was started here.
pub(crate) type Started = Receiver<io::Result<ExitStatus>>;

fn system(what: &str, error: &io::Error) -> StartFailure {
    StartFailure::new(format!("{what}: {error}"), "")
}

impl Meeting {
    /// The meeting place of a plan.
    pub(crate) fn of(plan: &Plan) -> Result<Self, StartFailure> {
        let folder = private::folder()
            .map_err(|error| system("the folder for gates and workers cannot be used", &error))?;
        let file = |ending: &str| folder.join(format!("{}.{ending}", plan.key));
        Ok(Self { socket: file("sock"), lock: file("lock"), failed: file("failed") })
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
            _ => self.meet(plan).inspect_err(|failure| log::error!("{failure}")),
        }
    }

    fn lock(&self) -> Result<Lock, StartFailure> {
        let what = || format!("{}: the site's lock cannot be had", self.lock.display());
        lock::lock(&self.lock).map_err(|error| system(&what(), &error))
    }

    fn meet(&self, plan: &Plan) -> Result<Found, StartFailure> {
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
            let bound = platform::rendezvous::bind(&self.socket)
                .map_err(|error| system("the site's meeting place cannot be made", &error))?;
            let started = start(plan, bound)?;
            match Channel::connect(&self.socket) {
                Ok(channel) => return Ok(Found { channel, started: Some(started) }),
                Err(error) => last = Some(error),
            }
        }
        let error = last.unwrap_or_else(|| io::ErrorKind::ConnectionRefused.into());
        Err(system("no worker stays long enough to be met", &error))
    }

    /// Tells why a worker ended that never was ready: who started it can tell most.
    pub(crate) fn post_mortem(&self, plan: &Plan, started: Option<Started>) -> StartFailure {
        /// An ended process is reaped at once; a killed one may take a moment.
        const STATUS_TIMEOUT: Duration = Duration::from_secs(1);
        let ended =
            StartFailure::new("Python ended while it loaded the app", "the log has its last words");
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
        // Only a convenience: without it Python is started once more.
        let _ = std::fs::write(&self.failed, failure.to_text());
    }

    fn recent_failure(&self) -> Option<StartFailure> {
        let age = std::fs::metadata(&self.failed).ok()?.modified().ok()?.elapsed().ok()?;
        if age > RETRY_AFTER {
            return None;
        }
        Some(StartFailure::from_text(&std::fs::read_to_string(&self.failed).ok()?))
    }
}

/// Starts a worker, which gets its channel, and which outlives the gate.
pub(crate) fn start(plan: &Plan, channel: ForChild) -> Result<Started, StartFailure> {
    let mut command = Command::new(&plan.program);
    command.args(["-m", "iisgate", "worker", "--endpoint", "gates"]);
    command.args(&plan.arguments).current_dir(&plan.working_directory);
    command.envs(plan.environment.iter().cloned());
    for variable in termination::VARIABLES {
        // The web server meant the gate.
        command.env_remove(variable);
    }
    let not_given = |error| system("the worker's channel cannot be given to it", &error);
    channel.prepare(&mut command).map_err(not_given)?;
    let (stdout, stderr) =
        output(plan).map_err(|error| system("the log cannot be written", &error))?;
    let child = detached::spawn(command.stdout(stdout).stderr(stderr));
    let mut child = child.map_err(|error| {
        let title = format!("Python cannot be started: {}: {error}", plan.python.display());
        StartFailure::new(title, "name another one: --python PATH")
    })?;
    log::info!(
        "worker {} is started for {} by {}",
        child.id(),
        plan.site.display(),
        plan.python.display()
    );
    if let Err(error) = channel.give_to(&mut child) {
        // It has ended already, which is noticed below, where there is more to tell.
        log::debug!("{}", not_given(error));
    }
    let (sender, receiver) = mpsc::channel();
    let wait = move || drop(sender.send(child.wait()));
    std::thread::Builder::new()
        .name("worker-end".into())
        .spawn(wait)
        .map_err(|error| system("a thread cannot be started", &error))?;
    Ok(receiver)
}

/// What the worker prints before it has opened its log goes to the log as well.
fn output(plan: &Plan) -> io::Result<(Stdio, Stdio)> {
    let file = match &plan.log {
        None => platform::standard_error::duplicate()?,
        Some(path) => {
            platform::log_file::LogFile::open(path)?;
            std::fs::OpenOptions::new().append(true).open(path)?
        }
    };
    Ok((file.try_clone()?.into(), file.into()))
}
