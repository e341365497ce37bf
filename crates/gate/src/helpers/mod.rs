//! Owns the processes that an app needs beside it: started before the first worker, once for a site
//! however many gates there are, and ended after the last gate.
//!
//! Does not own what is said about them in `pyproject.toml` (`iis::project_helpers`), nor workers.
//!
//! A keeper, one small process for each site, starts and tends them (`keeper`, `crew`, `tending`).
//! Gates hold it by a channel (`hold`): when the last of these has closed, in whatever way, and the
//! workers that it was told of have gone, it ends them and itself.

use crate::codes;
use crate::failure::StartFailure;

mod definition;

mod glob;

mod zeo;

mod words;

mod hold;

mod asking;

mod keeper;

mod crew;

mod board;

mod tending;

mod service;

mod readiness;

mod output;

mod stale;

mod limits;

mod solo;

pub use asking::{HelperStatus, HelpersStatus};
pub use definition::{Definition, Helpers};
pub use keeper::{Keeping, run as run_keeper};

pub(crate) use asking::{PLACE, ask};
pub(crate) use hold::{await_ready, hold, tell_worker, wake};
pub(crate) use limits::{READY_TIMEOUT, STOP_TIMEOUT};
pub(crate) use solo::{Recipe, Solo, Stand};

/// A failure of a helper, which is one of the site's start.
fn unready(title: impl Into<String>, hint: impl Into<String>) -> StartFailure {
    StartFailure::of(&codes::HELPER_UNREADY, title).mend(hint, "")
}
