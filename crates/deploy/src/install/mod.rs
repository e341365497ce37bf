//! Owns installing a package as a versioned release beside the live one, and going back to an earlier
//! one.
//!
//! A *target folder* `DIR` holds
//!
//! - `releases/<n>/`, one folder for each release, with the environment it was installed with;
//! - `data/`, what the app writes: linked into each release, never overwritten;
//! - `releases.toml`, which says what is live, and what is under way;
//! - `current`, elsewhere than on Windows: a symbolic link to the live release, for other web servers.
//!
//! What is live is what `releases.toml` says, and, under IIS, where the virtual directory's
//! `physicalPath` leads: to `releases\<n>` itself, not to a link. Changing one attribute of one file is
//! the one step that is whole or not at all on every system; a junction cannot be retargeted so. Each
//! release's `web.config` names a FastCGI application of its own (`fcgi --site DIR\releases\<n>`), so
//! that no instance of the old release ever answers for the new one; its entry is there before the
//! first request comes to it, and goes with the release.
//!
//! Before the switch nothing that serves is touched. A kill or a power cut before it leaves a release
//! that the next run removes; one after it, a switch that the next run completes.
//!
//! Does not own what a package looks like (`package`), nor asking and printing (`cli`).

mod applications;
mod bounded;
mod checkpoint;
mod commands;
mod configuration;
mod content;
mod data;
mod digest;
mod environment;
mod folder;
mod health;
mod hooks;
mod host;
mod installer;
mod layout;
mod link;
pub mod msdeploy;
mod noting;
mod own_package;
mod plan;
mod post_install;
mod rehearsal;
mod run;
mod secrets;
mod seeding;
mod server;
pub mod stamp;
mod state;
mod step;

pub use bounded::run;
pub use checkpoint::KILL_AT;
pub use content::Content;
pub use environment::Environment;
pub use folder::{Target, live_folder};
pub use health::Health;
pub use host::{Command, Ended, Host};
pub use installer::{Outcome, Settings, install, roll_back};
pub use plan::plan;
pub use post_install::{InPlace, post_install};
pub use secrets::Secrets;
pub use state::{Binding, Program, Release, State, Unfinished};
pub use step::Step;

use std::path::{Path, PathBuf};

/// Why something was not installed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What was asked for cannot be: another package, folder or value is needed.
    #[error("{message}")]
    Refused {
        /// What is wrong.
        message: String,
        /// What mends it.
        hint: String,
    },
    /// A command did not do what it should.
    #[error("{what} failed: {why}")]
    Failed {
        /// What was tried.
        what: String,
        /// What it said.
        why: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The package is not what it must be.
    #[error(transparent)]
    Package(crate::package::PackageError),
    /// A configuration file is wrong.
    #[error(transparent)]
    Configuration(#[from] iis::Error),
    /// A configuration file could not be saved.
    #[error(transparent)]
    Saving(#[from] iis::saving::SaveError),
    /// A step failed, and then so did taking back what it had done.
    #[error("{first}\nwhat was done could not be taken back, and the next run tries again: {then}")]
    Twice {
        /// Why the step failed.
        first: Box<Error>,
        /// Why the rest did.
        then: Box<Error>,
    },
    /// One of these, told without the secret values that it would show.
    #[error("{0}")]
    Masked(String),
}

impl Error {
    pub(crate) fn refused(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Error::Refused { message: message.into(), hint: hint.into() }
    }

    pub(crate) fn failed(what: impl Into<String>, why: impl Into<String>) -> Self {
        Error::Failed { what: what.into(), why: why.into() }
    }

    /// For `map_err`.
    pub(crate) fn io(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Error::Io { what, path, source }
    }

    /// What mends it, if that is known.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Error::Refused { hint, .. } => Some(hint).filter(|it| !it.is_empty()).map(|it| &**it),
            Error::Twice { first, .. } => first.hint(),
            _ => None,
        }
    }

    /// With what failed because of it.
    pub(crate) fn then(self, then: Error) -> Self {
        Error::Twice { first: Box::new(self), then: Box::new(then) }
    }

    /// Without secret values.
    pub(crate) fn masked(self, secrets: &Secrets) -> Self {
        let mask = |text: &str| secrets.mask(text);
        match self {
            Error::Refused { message, hint } => Error::refused(mask(&message), mask(&hint)),
            Error::Failed { what, why } => Error::failed(mask(&what), mask(&why)),
            Error::Twice { first, then } => first.masked(secrets).then(then.masked(secrets)),
            // A line of a file that values were put into, perhaps.
            other => {
                let (told, masked) = (other.to_string(), mask(&other.to_string()));
                if told == masked { other } else { Error::Masked(masked) }
            }
        }
    }
}
