//! Owns one helper that is run for itself, without gates: as a service, or at a console.
//!
//! Does not own its life (`tending`), nor what a service is (`crate::service`).

use super::board::{Board, Standing};
use super::crew::Crew;
use super::definition::Definition;
use super::readiness;
use crate::control::StartFailure;
use iis::Site;
use iis::project_helpers::{Helper, Start};
use platform::kept::Keeper;
use platform::log_file::LogFile;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// It is being started, for the first time or again.
    Starting,
    /// It is ready.
    Ready,
    /// It has done what it had to do.
    Done,
    /// It cannot be started, or is not to be started again.
    Failed(StartFailure),
}

/// A helper that is run for itself. Ended when it is dropped.
pub(crate) struct Solo {
    crew: Mutex<Crew>,
    board: Arc<Board>,
    definition: Definition,
}

impl Solo {
    /// Makes ready to run a helper of a site, whoever its files say should start it.
    ///
    /// # Errors
    /// When a preset's own file does not tell what is needed, or the system refuses to keep processes.
    pub(crate) fn new(
        helper: &Helper,
        files: &Site,
        python: &Path,
        log: &'static LogFile,
    ) -> Result<Self, StartFailure> {
        let definition = define(helper, files, python)?;
        let refused = |error: io::Error| {
            super::unready(format!("the system does not let us keep processes: {error}"), "")
        };
        // By the process: whoever had its number and the mark before is dead.
        let mark = format!("service-{}-{}", helper.name, std::process::id());
        let keeper = Keeper::new(&mark).map_err(refused)?;
        let board = Arc::new(Board::default());
        let crew = Mutex::new(Crew::new(Arc::clone(&board), keeper, log));
        Ok(Self { crew, board, definition })
    }

    /// Starts it.
    pub(crate) fn start(&self) {
        let mut crew = self.crew.lock().unwrap_or_else(PoisonError::into_inner);
        crew.arrange(std::slice::from_ref(&self.definition));
    }

    /// Tells of each change of its standing, until it is ended or `tell` gives `false`.
    pub(crate) fn watch(&self) -> impl FnOnce(&dyn Fn(Stand) -> bool) + Send + 'static {
        let (board, name) = (Arc::clone(&self.board), self.definition.name.clone());
        move |tell| {
            let mut seen = None;
            while let Some((standing, since)) = board.await_change(&name, seen) {
                seen = Some(since);
                let stand = match standing {
                    Standing::Starting => Stand::Starting,
                    Standing::Ready => Stand::Ready,
                    Standing::Done => Stand::Done,
                    Standing::Failed(failure) => Stand::Failed(failure),
                };
                if !tell(stand) {
                    return;
                }
            }
        }
    }

    /// Whether its end is what is waited for: it is never ready before.
    pub(crate) fn is_task(&self) -> bool {
        readiness::is_task(&self.definition)
    }

    /// Ends it: by its command or signal, by force when it takes too long.
    pub(crate) fn end(&self) {
        self.crew.lock().unwrap_or_else(PoisonError::into_inner).close();
    }
}

impl Drop for Solo {
    fn drop(&mut self) {
        self.end();
    }
}

fn define(helper: &Helper, files: &Site, python: &Path) -> Result<Definition, StartFailure> {
    let helper = Helper { start: Start::WithApp, ..helper.clone() };
    Definition::new(&helper, &files.directory, python)
}

/// A helper as it is started, for whoever else is to start it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// Program and arguments.
    pub(crate) command: Vec<String>,
    /// The folder that it works in.
    pub(crate) working_directory: std::path::PathBuf,
    /// What is set in its environment.
    pub(crate) environment: Vec<(String, String)>,
    /// What makes it end, maybe nothing.
    pub(crate) stop_command: Vec<String>,
    /// The signal that makes it end.
    pub(crate) stop_signal: String,
    /// How long that may take.
    pub(crate) stop_timeout: std::time::Duration,
}

impl Recipe {
    /// What a site's files say.
    ///
    /// # Errors
    /// As [`Solo::new`].
    pub(crate) fn of(helper: &Helper, files: &Site, python: &Path) -> Result<Self, StartFailure> {
        let definition = define(helper, files, python)?;
        Ok(Self {
            command: definition.command,
            working_directory: definition.working_directory,
            environment: definition.environment,
            stop_command: definition.stop_command,
            stop_signal: definition.stop_signal,
            stop_timeout: definition.stop_timeout,
        })
    }
}
