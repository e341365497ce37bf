//! Owns what is told to those who ask how the worker is, and who wait until it is replaced.
//!
//! Does not own the channels that they come by (`gates`).

use crate::journal;
use crate::shared::Shared;
use gate::status::{Start, ToVisitor, WorkerStatus};
use platform::handover::Channel;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What Python told of the worker.
#[derive(Debug)]
pub(crate) struct Story {
    begun: Instant,
    facts: Mutex<Facts>,
}

#[derive(Clone, Debug, Default)]
struct Facts {
    site: PathBuf,
    python: String,
    target: String,
    start: Option<Start>,
}

impl Default for Story {
    fn default() -> Self {
        Self { begun: Instant::now(), facts: Mutex::default() }
    }
}

impl Story {
    fn facts(&self) -> std::sync::MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose worker it is.
    pub(crate) fn introduce(&self, site: PathBuf, python: String) {
        let mut facts = self.facts();
        (facts.site, facts.python) = (site, python);
    }

    /// The app is loaded.
    pub(crate) fn loaded(&self, target: String, start: Start) {
        let mut facts = self.facts();
        (facts.target, facts.start) = (target, Some(start));
    }
}

/// Tells how the worker is.
pub(crate) fn tell_status(channel: &Channel, shared: &Shared, state: &str, gates: usize) {
    let Facts { site, python, target, start } = shared.story.facts().clone();
    let state = if shared.is_draining() { "leaving" } else { state };
    let status = WorkerStatus {
        pid: std::process::id(),
        version: env!("CARGO_PKG_VERSION").into(),
        site,
        target,
        python,
        state: state.into(),
        uptime: shared.story.begun.elapsed().as_secs_f64(),
        requests: shared.requests(),
        in_flight: shared.calling().saturating_sub(shared.stuck()),
        stuck: shared.stuck(),
        threads: shared.threads(),
        threads_max: shared.threads_max(),
        gates,
        memory: platform::memory::resident_bytes().unwrap_or(0),
        log: journal::path(),
        start,
    };
    say(channel, &ToVisitor::Status(Box::new(status)));
}

/// Says something to a visitor, who may have gone.
pub(crate) fn say(channel: &Channel, word: &ToVisitor) {
    let _ = word.send(channel);
}
