//! Owns what a service's process does: it runs the helper, tells the system how far it is, and ends
//! when the helper cannot be started or when it is told to.
//!
//! A helper that crashes is started again here, with growing pauses. One that does not start ends the
//! service with a failure: the system shows that, and starts the service again.
//!
//! Does not own the helper's life (`helpers`), nor the system's calls (`platform::service`).

use super::subject::Subject;
use super::trouble::Trouble;
use crate::helpers::{Solo, Stand};
use crate::interpreter;
use crate::plan::open_log;
use crate::settings::Settings;
use platform::log_file;
use platform::service::{Phase, Reporter, dispatch};
use platform::termination;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// How often the system hears that something is still under way.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// The exit code of a service whose helper does not run.
const FAILED: u32 = 1;

/// What a service's process is started with.
#[derive(Clone, Debug)]
pub struct Running {
    /// The site's folder.
    pub site: PathBuf,
    /// The helper.
    pub helper: String,
    /// The service's name, if it is not the one that the site's files say.
    pub service: Option<String>,
    /// The interpreter.
    pub python: Option<PathBuf>,
    /// The log file.
    pub log: Option<PathBuf>,
}

enum Event {
    Stop,
    Stands(Stand),
}

/// Runs a helper until it is told to end: as a service, if the system started this process as one,
/// else here and now. Gives whether all went well.
///
/// # Errors
/// When the site's files cannot be read, outside a service. (Within one, the log has it.)
pub fn run(running: &Running) -> Result<bool, Trouble> {
    let name = running.service.clone().unwrap_or_else(|| running.helper.clone());
    let refused = Trouble::system(format!("service {name}"));
    let here = running.clone();
    if dispatch(&name, move |reporter, orders| serve(&here, reporter, orders)).map_err(refused)? {
        return Ok(true);
    }
    let subject = Subject::load(&running.site, &running.helper, running.service.as_deref())?;
    open(running, "-");
    let (sender, orders) = channel();
    let refused = Trouble::system("Ctrl+C cannot be waited for");
    let tell = move |_| {
        // Who has ended already needs not be told.
        let _ = sender.send(());
    };
    termination::watch(tell).map_err(refused)?;
    let solo = prepare(&subject, running)?;
    Ok(tend(&solo, &Console, orders) == 0)
}

/// Opens the log: the one that was named, or else another.
fn open(running: &Running, otherwise: &str) {
    let named = running.log.as_ref().map(|path| path.to_string_lossy().into_owned());
    let log = named.unwrap_or_else(|| otherwise.to_owned());
    let settings =
        Settings { site: Some(running.site.clone()), log: Some(log), ..Settings::default() };
    open_log(&settings);
}

/// A service, from its start to its exit code.
fn serve(running: &Running, reporter: &dyn Reporter, orders: Receiver<()>) -> u32 {
    open(running, "");
    log::info!("service of the helper {}: process {}", running.helper, std::process::id());
    let subject = Subject::load(&running.site, &running.helper, running.service.as_deref());
    match subject.and_then(|subject| prepare(&subject, running)) {
        Ok(solo) => tend(&solo, reporter, orders),
        Err(trouble) => {
            log::error!("the service does not start: {trouble}");
            FAILED
        }
    }
}

fn prepare(subject: &Subject, running: &Running) -> Result<Solo, Trouble> {
    let settings = Settings { python: running.python.clone(), ..Settings::default() };
    let Subject { site, helper, files, .. } = subject;
    let python = interpreter::find(&settings, &files.project, site)?.python;
    super::plan::recipe(subject, Path::new(&python))?;
    let log = log_file::installed();
    let log = log.ok_or_else(|| Trouble::asked("there is no log that can be written", ""))?;
    Ok(Solo::new(helper, files, &python, log)?)
}

/// Runs the helper until it is told to end, or cannot be run; gives the exit code.
fn tend(solo: &Solo, reporter: &dyn Reporter, orders: Receiver<()>) -> u32 {
    let (sender, events) = channel();
    let (tell, watch) = (sender.clone(), solo.watch());
    let obey = move || orders.iter().all(|()| sender.send(Event::Stop).is_ok());
    solo.start();
    let begun = std::thread::Builder::new().name("orders".into()).spawn(obey).and_then(|_| {
        let watch = move || watch(&|stand| tell.send(Event::Stands(stand)).is_ok());
        std::thread::Builder::new().name("stand".into()).spawn(watch)
    });
    let code = match begun {
        Ok(_) => follow(solo.is_task(), reporter, &events),
        Err(error) => {
            log::error!("the service cannot be tended: {error}");
            FAILED
        }
    };
    end(solo, reporter);
    code
}

/// Tells the system how the helper stands, until there is nothing more to wait for.
fn follow(is_task: bool, reporter: &dyn Reporter, events: &Receiver<Event>) -> u32 {
    let mut checkpoint = 1;
    let mut is_running = false;
    // What is to do its work and end is never ready: it runs from the start.
    if is_task {
        is_running = true;
        reporter.report(Phase::Running);
    }
    loop {
        match events.recv_timeout(CHECKPOINT_EVERY) {
            Ok(Event::Stands(Stand::Ready)) if !is_running => {
                is_running = true;
                reporter.report(Phase::Running);
            }
            Ok(Event::Stands(Stand::Starting | Stand::Ready)) => {}
            Ok(Event::Stop | Event::Stands(Stand::Done)) => return 0,
            // Whoever found it has told the log.
            Ok(Event::Stands(Stand::Failed(_))) | Err(RecvTimeoutError::Disconnected) => {
                return FAILED;
            }
            Err(RecvTimeoutError::Timeout) if !is_running => {
                checkpoint += 1;
                reporter.report(Phase::Starting(checkpoint));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Ends the helper, and tells the system meanwhile that we are at it.
fn end(solo: &Solo, reporter: &dyn Reporter) {
    reporter.report(Phase::Stopping(1));
    std::thread::scope(|scope| {
        let (done, is_done) = channel::<()>();
        scope.spawn(move || {
            solo.end();
            drop(done);
        });
        let mut checkpoint = 1;
        while is_done.recv_timeout(CHECKPOINT_EVERY) == Err(RecvTimeoutError::Timeout) {
            checkpoint += 1;
            reporter.report(Phase::Stopping(checkpoint));
        }
    });
}

/// Who runs it at a console sees the log.
struct Console;

impl Reporter for Console {
    fn report(&self, phase: Phase) {
        match phase {
            Phase::Running => log::info!("it runs: Ctrl+C ends it"),
            Phase::Starting(checkpoint) | Phase::Stopping(checkpoint) => {
                log::debug!("{phase:?} {checkpoint}");
            }
        }
    }
}

#[cfg(test)]
#[path = "running_tests.rs"]
mod tests;
