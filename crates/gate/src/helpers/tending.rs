//! Owns one helper's life: started when its turn has come, watched, started again with back-off,
//! ended when that is said. Runs in a thread of its own, which lives as long as the helper.
//!
//! Does not own who waits for it (`board`).

use super::board::{Board, Standing};
use super::definition::Definition;
use super::limits::LOOK_EVERY;
use super::output::Output;
use super::{readiness, stale};
use crate::control::StartFailure;
use crate::limits::{BACK_OFF_MAX, BACK_OFF_MIN};
use iis::project_helpers::{Restart, Start};
use platform::kept::{Keeper, Kept};
use platform::log_file::LogFile;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

/// What the thread waits for. The numbers tell runs apart.
#[derive(Debug)]
pub(super) enum Note {
    /// The process has ended.
    Ended(u64),
    /// It has printed the line that says that it is ready.
    Line(u64),
    /// It is to end.
    Stop,
    /// It is to be tried again at once.
    Hurry,
}

/// A helper and what its thread needs.
pub(super) struct Tending {
    pub(super) definition: Definition,
    pub(super) board: Arc<Board>,
    pub(super) keeper: Arc<Keeper>,
    pub(super) log: &'static LogFile,
    pub(super) sender: Sender<Note>,
    pub(super) notes: Receiver<Note>,
}

/// How one run ended.
pub(super) enum Ended {
    /// As it was told.
    Stopped,
    /// By itself, after it had been ready.
    ByItself(Option<ExitStatus>),
    /// Before it was ready.
    Failed(StartFailure),
}

/// A process that runs.
struct Run {
    number: u64,
    kept: Kept,
    output: Output,
}

impl Tending {
    /// Tends the helper until it is told to end.
    pub(super) fn run(self) {
        let name = self.definition.name.clone();
        if !self.board.await_turn(&name) {
            return;
        }
        let mut back_off = BACK_OFF_MIN;
        for number in 1.. {
            self.board.set(&name, Standing::Starting);
            let begun = Instant::now();
            let ended = match self.definition.start {
                Start::WithApp => self.start(number),
                Start::Service => self.follow_service(),
            };
            if begun.elapsed() > BACK_OFF_MAX {
                back_off = BACK_OFF_MIN;
            }
            let is_again = match ended {
                Ended::Stopped => return,
                Ended::ByItself(status) => self.is_again(status, back_off),
                Ended::Failed(failure) => {
                    log::error!("{failure}");
                    self.board.set(&name, Standing::Failed(failure));
                    self.definition.restart != Restart::Never
                }
            };
            if !self.pause(is_again.then_some(back_off)) {
                return;
            }
            back_off = (back_off * 2).min(BACK_OFF_MAX);
        }
    }

    /// Whether one that ended by itself is started again; says so.
    fn is_again(&self, status: Option<ExitStatus>, back_off: Duration) -> bool {
        let Definition { name, restart, .. } = &self.definition;
        let is_success = status.is_some_and(|status| status.success());
        let how = how(status);
        let is_again = *restart == Restart::Always || *restart == Restart::OnFailure && !is_success;
        if is_again {
            let seconds = back_off.as_secs_f64();
            log::warn!("helper {name} ended ({how}): it is started again in {seconds} s");
            self.board.set(name, Standing::Starting);
        } else if is_success {
            log::info!("helper {name} ended ({how})");
            self.board.set(name, Standing::Done);
        } else {
            let title = format!("helper {name} ended ({how}) and is not started again");
            let failure = super::unready(title, "the log has its last words");
            log::error!("{failure}");
            self.board.set(name, Standing::Failed(failure));
        }
        is_again
    }

    /// Waits for the next run, without a time until somebody wants it; `false` when told to end.
    fn pause(&self, time: Option<Duration>) -> bool {
        let end = time.map(|time| Instant::now() + time);
        loop {
            if self.board.is_stopping(&self.definition.name) {
                return false;
            }
            match self.next(end) {
                Some(Note::Hurry) | None => return true,
                Some(Note::Stop) => return false,
                Some(Note::Ended(_) | Note::Line(_)) => {}
            }
        }
    }

    /// The next note; `None` when the time has come.
    pub(super) fn next(&self, end: Option<Instant>) -> Option<Note> {
        match end {
            None => self.notes.recv().ok(),
            Some(end) => {
                let left = end.saturating_duration_since(Instant::now());
                self.notes.recv_timeout(left).ok()
            }
        }
    }

    fn failure(&self, what: &str, output: Option<&Output>) -> Ended {
        let name = &self.definition.name;
        let hint = format!("correct [tool.iisgate.helpers.{name}] in the site's pyproject.toml");
        let mut failure = super::unready(format!("helper {name} does not start: {what}"), hint);
        failure.details = output.map(Output::tail).unwrap_or_default();
        if !failure.details.is_empty() {
            failure.hint = "its last words tell why".into();
        }
        Ended::Failed(failure)
    }

    /// One run: start, checks, life.
    fn start(&self, number: u64) -> Ended {
        let definition = &self.definition;
        let is_clear = stale::remove(definition).and_then(|()| readiness::clear(definition));
        if let Err(failure) = is_clear {
            return Ended::Failed(failure);
        }
        let run = match self.spawn(number) {
            Ok(run) => run,
            Err(what) => return self.failure(&what, None),
        };
        let begun = Instant::now();
        let mut is_line_seen = false;
        loop {
            match self.next(Some(Instant::now() + LOOK_EVERY)) {
                Some(Note::Ended(of)) if of == number => {
                    let output = run.output.clone();
                    let status = run.kept.finish().ok();
                    let is_success = status.is_some_and(|status| status.success());
                    if is_success && definition.restart != Restart::Always {
                        return Ended::ByItself(status);
                    }
                    let how = how(status);
                    return self
                        .failure(&format!("it ended ({how}) before it was ready"), Some(&output));
                }
                Some(Note::Line(of)) if of == number => is_line_seen = true,
                Some(Note::Stop) => {
                    self.stop(run);
                    return Ended::Stopped;
                }
                _ => {}
            }
            if readiness::is_ready(definition, is_line_seen) {
                break;
            }
            if begun.elapsed() > definition.ready_timeout {
                let missing = readiness::missing(definition, is_line_seen);
                let seconds = definition.ready_timeout.as_secs();
                let output = run.output.clone();
                self.stop(run);
                if self.board.is_stopping(&definition.name) {
                    return Ended::Stopped;
                }
                return self.failure(&format!("after {seconds} s {missing}"), Some(&output));
            }
        }
        let seconds = begun.elapsed().as_secs_f64();
        log::info!("helper {} is ready after {seconds:.1} s", definition.name);
        self.board.set(&definition.name, Standing::Ready);
        loop {
            match self.next(None) {
                Some(Note::Ended(of)) if of == number => {
                    return Ended::ByItself(run.kept.finish().ok());
                }
                Some(Note::Stop) | None => {
                    self.stop(run);
                    return Ended::Stopped;
                }
                Some(_) => {}
            }
        }
    }

    fn spawn(&self, number: u64) -> Result<Run, String> {
        let definition = &self.definition;
        let command = definition.prepare(&definition.command);
        let mut command = command.ok_or("it has no command")?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let folder = &definition.working_directory;
        if !folder.is_dir() {
            return Err(format!("there is no folder {}", folder.display()));
        }
        let kept = self.keeper.start(&mut command);
        let mut kept = kept.map_err(|error| format!("{}: {error}", definition.command[0]))?;
        log::info!("helper {}: process {} is started", definition.name, kept.id());
        let output = Output::default();
        let (stdout, stderr) = kept.output();
        let told = || {
            let (sender, line) = (self.sender.clone(), definition.ready_line.clone());
            move |text: &str| {
                if line.as_ref().is_some_and(|line| text.contains(line.as_str())) {
                    let _ = sender.send(Note::Line(number));
                }
            }
        };
        if let Some(stdout) = stdout {
            output.read(&definition.name, self.log, stdout, told());
        }
        if let Some(stderr) = stderr {
            output.read(&definition.name, self.log, stderr, told());
        }
        let sender = self.sender.clone();
        let watched = kept.waiter().and_then(|wait| {
            let watch = move || {
                wait();
                let _ = sender.send(Note::Ended(number));
            };
            std::thread::Builder::new().name("helper-end".into()).spawn(watch)
        });
        if let Err(error) = watched {
            kept.kill();
            let _ = kept.finish();
            return Err(format!("its end cannot be waited for: {error}"));
        }
        Ok(Run { number, kept, output })
    }

    /// Makes it end: by its command or signal, by force when it takes too long.
    fn stop(&self, run: Run) {
        let Definition { name, stop_signal, stop_timeout, .. } = &self.definition;
        log::info!("helper {name}: process {} is told to end", run.kept.id());
        let commanded = self.command_to_stop();
        if commanded.is_none() {
            run.kept.tell_to_end(stop_signal);
        }
        let await_end = |time: Duration| {
            let end = Instant::now() + time;
            while Instant::now() < end {
                if matches!(self.next(Some(end)), Some(Note::Ended(of)) if of == run.number) {
                    return true;
                }
            }
            false
        };
        if !await_end(*stop_timeout) {
            let seconds = stop_timeout.as_secs();
            log::warn!("helper {name} did not end within {seconds} s: it is killed");
            run.kept.kill();
            await_end(*stop_timeout);
        }
        if let Some(command) = commanded {
            command.kill();
            let _ = command.finish();
        }
        log::info!("helper {name} has ended ({})", how(run.kept.finish().ok()));
    }

    /// Starts the command that makes it end; `None` when there is none, or it cannot be started.
    fn command_to_stop(&self) -> Option<Kept> {
        let mut command = self.definition.prepare(&self.definition.stop_command)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let name = &self.definition.name;
        let started = self.keeper.start(&mut command).inspect_err(|error| {
            log::error!("helper {name}: its stop-command cannot be started: {error}");
        });
        let mut kept = started.ok()?;
        let output = Output::default();
        let (stdout, stderr) = kept.output();
        if let Some(stdout) = stdout {
            output.read(name, self.log, stdout, |_| {});
        }
        if let Some(stderr) = stderr {
            output.read(name, self.log, stderr, |_| {});
        }
        Some(kept)
    }
}

fn how(status: Option<ExitStatus>) -> String {
    status.map_or_else(|| "in an unknown way".to_owned(), |status| status.to_string())
}
