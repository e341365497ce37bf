//! Owns the log that gate, worker and keeper write: each event appended in one write, so that several
//! processes may share a file, which is given up for a new one when it is full.
//!
//! Does not own where the file lies nor what is said.

mod line;

mod reading;

mod rotation;

mod facade;

use crate::file_identity::FileIdentity;
use line::Said;
use rotation::{BOUNDS, Bounds};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use facade::{install, installed, tell_who};
pub use line::LogForm;
pub use reading::LogReader;
pub use rotation::full_logs;

/// How often it is looked whether the log's name leads to another file, or the file is full: a look
/// costs two calls of the system.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Bytes after which it is looked sooner.
const LOOK_BYTES: u64 = 64 * 1024;

/// How long a log that could not be given up is written on before that is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// An open log.
#[derive(Debug)]
pub struct LogFile {
    form: LogForm,
    bounds: Bounds,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    /// The site's folder, or empty.
    site: String,
    /// `None` for what is never full: standard error, pipes, devices.
    named: Option<Named>,
}

/// A file that has a name.
#[derive(Debug)]
struct Named {
    path: PathBuf,
    identity: FileIdentity,
    next_look: Instant,
    /// Bytes that were written since the last look.
    unseen: u64,
    retry: Option<Instant>,
}

impl LogFile {
    /// Opens a file for appending, and makes it and its folder if need be.
    ///
    /// # Errors
    /// As `open(2)`.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::open_bounded(path, BOUNDS)
    }

    fn open_bounded(path: &Path, bounds: Bounds) -> io::Result<Self> {
        let (file, named) = open(path)?;
        let state = Mutex::new(State { file, site: String::new(), named });
        Ok(Self { form: LogForm::default(), bounds, state })
    }

    /// Logs to what is standard error now.
    ///
    /// # Errors
    /// When the process is out of descriptors, or has no standard error.
    pub fn stderr() -> io::Result<Self> {
        let file = crate::standard_error::duplicate()?;
        let state = Mutex::new(State { file, site: String::new(), named: None });
        Ok(Self { form: LogForm::default(), bounds: BOUNDS, state })
    }

    /// The same log in that form.
    #[must_use]
    pub fn in_form(mut self, form: LogForm) -> Self {
        self.form = form;
        self
    }

    /// Says whose log this is: JSON tells it with each event.
    pub fn set_site(&self, site: &Path) {
        self.state().site = site.display().to_string();
    }

    /// Goes on in another file.
    ///
    /// # Errors
    /// As `open(2)`; then it goes on where it was.
    pub fn move_to(&self, path: &Path) -> io::Result<()> {
        let (file, named) = open(path)?;
        let mut state = self.state();
        (state.file, state.named) = (file, named);
        Ok(())
    }

    /// The file's name; `None` for standard error and devices.
    pub fn path(&self) -> Option<PathBuf> {
        self.state().named.as_ref().map(|named| named.path.clone())
    }

    /// What the file is that is written now: another one when the log was given up for a new one.
    pub fn identity(&self) -> Option<FileIdentity> {
        let mut state = self.state();
        state.look(self.bounds);
        state.named.as_ref().map(|named| named.identity)
    }

    /// Appends an event. `who` is the request's id or `-`. Each line of a longer text gets the
    /// same beginning, so that no text can pretend to be another event.
    ///
    /// A log that cannot be written must not fail a request: errors are dropped.
    pub fn line(&self, level: log::Level, who: &str, text: &str) {
        let mut state = self.state();
        let said = Said { level, who, site: &state.site, text }.render(self.form);
        if let Some(error) = state.look(self.bounds) {
            let text = format!("the log is full and cannot be given up for a new one: {error}");
            let (level, site) = (log::Level::Warn, &state.site);
            let said = Said { level, who: "-", site, text: &text }.render(self.form);
            state.write(&said);
        }
        state.write(&said);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a file for appending. One that is written to in another way, as a device, is never full.
fn open(path: &Path) -> io::Result<(File, Option<Named>)> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
    let identity = FileIdentity::of(&file).ok().filter(|_| is_file);
    let named = identity.map(|identity| Named {
        path: path.to_owned(),
        identity,
        // What others have left is looked at with the first line.
        next_look: Instant::now(),
        unseen: 0,
        retry: None,
    });
    Ok((file, named))
}

impl State {
    fn write(&mut self, text: &str) {
        let _ = self.file.write_all(text.as_bytes());
        if let Some(named) = &mut self.named {
            named.unseen += text.len() as u64;
        }
    }

    /// Looks, now and then, whether the file is still the log and not full; else takes the next one.
    /// Why it cannot be given up is returned once in a while.
    fn look(&mut self, bounds: Bounds) -> Option<io::Error> {
        let named = self.named.as_mut()?;
        let now = Instant::now();
        if now < named.next_look && named.unseen < LOOK_BYTES.min(bounds.file_bytes) {
            return None;
        }
        (named.next_look, named.unseen) = (now + LOOK_EVERY, 0);
        let is_log = || FileIdentity::at(&named.path).is_ok_and(|other| other == named.identity);
        let mut is_over = !is_log();
        let mut trouble = None;
        let is_full = || self.file.metadata().is_ok_and(|told| told.len() >= bounds.file_bytes);
        if !is_over && named.retry.is_none_or(|retry| now >= retry) && is_full() {
            match rotation::rotate(&named.path, is_log, bounds.kept_bytes) {
                Ok(is_free) => is_over = is_free,
                Err(error) => {
                    named.retry = Some(now + RETRY_AFTER);
                    trouble = Some(error);
                }
            }
        }
        // If there can be no new one, the old one goes on under its other name.
        if is_over && let Ok((file, named)) = open(&named.path) {
            (self.file, self.named) = (file, named);
            if let Some(named) = &mut self.named {
                named.next_look = now + LOOK_EVERY;
            }
        }
        trouble
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
