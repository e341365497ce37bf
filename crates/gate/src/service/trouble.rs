//! Owns why something about a service could not be done.
//!
//! Does not print it (`cli`).

use crate::failure::StartFailure;
use std::fmt;
use std::io;

/// Why something about a service could not be done.
#[derive(Debug)]
pub enum Trouble {
    /// What was asked for is wrong, and what would be right.
    Asked {
        /// What is wrong.
        message: String,
        /// What mends it, maybe nothing.
        hint: String,
    },
    /// The site's files or its Python are not as they should be.
    Site(StartFailure),
    /// Only an administrator may do that.
    NotElevated,
    /// The service has not become what it should, in time or at all.
    State {
        /// What happened.
        message: String,
        /// What mends it.
        hint: String,
    },
    /// The system refuses.
    System {
        /// What was tried.
        what: String,
        /// What the system says.
        error: io::Error,
    },
}

impl Trouble {
    pub(super) fn asked(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Asked { message: message.into(), hint: hint.into() }
    }

    /// What the system said; a right that is lacking is told for itself.
    pub(super) fn system(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |error| match error.kind() {
            io::ErrorKind::PermissionDenied => Self::NotElevated,
            _ => Self::System { what, error },
        }
    }
}

impl From<StartFailure> for Trouble {
    fn from(failure: StartFailure) -> Self {
        Self::Site(failure)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked { message, .. } | Self::State { message, .. } => f.write_str(message),
            Self::Site(failure) => write!(f, "{failure}"),
            Self::NotElevated => f.write_str("only an administrator may change services"),
            Self::System { what, error } => write!(f, "{what}: {error}"),
        }
    }
}
