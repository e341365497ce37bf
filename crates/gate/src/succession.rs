//! Owns the start of a worker's successor while that worker still serves, in a thread of its own: the
//! gate goes on with its pipe meanwhile.
//!
//! Does not own meeting it (`rendezvous`), nor what the old worker does about it.

use crate::StartFailure;
use crate::control::ToWorker;
use crate::events::{Event, Events};
use crate::plan::Plan;
use crate::rendezvous::Meeting;
use crate::settings::Settings;
use platform::handover::Channel;
use std::io;
use std::path::Path;

/// Begins to start the worker that is to follow the one of `old`, which is known by `number`; what
/// becomes of it is told as an event.
///
/// # Errors
/// When no thread can be started.
pub(crate) fn begin(
    settings: &Settings,
    site: &Path,
    old: &Plan,
    events: &Events,
    number: u64,
) -> io::Result<()> {
    let (settings, site, old) = (settings.clone(), site.to_owned(), old.clone());
    let sender = events.sender();
    let run = move || {
        // Without a receiver the gate is ending, and others will be asked.
        let _ = sender.send(Event::Successor(number, start(&settings, &site, &old)));
    };
    std::thread::Builder::new().name("successor".into()).spawn(run)?;
    Ok(())
}

/// By the files as they are now: the configuration may be what has changed.
fn start(settings: &Settings, site: &Path, old: &Plan) -> Result<Channel, StartFailure> {
    let mut plan = Plan::new(settings, site)?;
    // Where the gates of the old one will look for it, unless the number of workers has changed.
    plan.slot = old.slot % plan.workers;
    Meeting::of(&plan)?.succeed(&plan, plan.place() != old.place())
}

/// Tells the old worker what became of it.
///
/// # Errors
/// `BrokenPipe` when that has gone.
pub(crate) fn tell(channel: &Channel, outcome: &Result<Channel, StartFailure>) -> io::Result<()> {
    match outcome {
        Ok(_) => ToWorker::send_succeeded(channel),
        Err(failure) => ToWorker::send_not_succeeded(channel, &failure.title),
    }
}
