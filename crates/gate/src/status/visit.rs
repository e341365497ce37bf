//! Owns asking the workers and keepers of this user how they are, at their meeting places, and
//! having a worker replaced.
//!
//! Does not own what they answer (`words`).

use super::words::{ToVisitor, WorkerStatus};
use crate::control::{FromWorker, ToWorker};
use crate::helpers::{self, HelpersStatus};
use crate::limits::SUCCESSION_TIMEOUT;
use platform::handover::Channel;
use platform::{lock, private};
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long an answer may take: who answers needs no Python, so it comes at once unless the machine is
/// overloaded.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// All that lives for this user.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Status {
    /// Workers, by site.
    pub workers: Vec<WorkerStatus>,
    /// Helpers, by site.
    pub helpers: Vec<HelpersStatus>,
    /// Meeting places at which somebody listens who does not answer.
    pub silent: Vec<PathBuf>,
    /// Files of the dead: who comes next puts his own in their place.
    pub stale: Vec<PathBuf>,
}

/// What became of a worker that was to be replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replacement {
    /// Another one is ready.
    Ready,
    /// It ends; the next request gets another one.
    Left,
    /// It goes on, for this reason.
    Refused(String),
}

/// Asks all.
///
/// # Errors
/// When the user's private folder cannot be read.
pub fn status() -> io::Result<Status> {
    let mut found = Status::default();
    for path in files()? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("sock") if name.starts_with(helpers::PLACE) => match helpers::ask(&path) {
                Ok(Some(helpers)) => found.helpers.push(helpers),
                Ok(None) => found.silent.push(path),
                Err(_) => found.stale.push(path),
            },
            Some("sock") => match Channel::connect(&path) {
                Ok(channel) => match ask(&channel) {
                    Ok(worker) => found.workers.push(worker),
                    Err(_) => found.silent.push(path),
                },
                Err(_) => found.stale.push(path),
            },
            Some("gate") if !lock::is_held(&path) => found.stale.push(path),
            _ => {}
        }
    }
    found.workers.sort_by(|one, other| (&one.site, one.pid).cmp(&(&other.site, other.pid)));
    found.helpers.sort_by(|one, other| one.site.cmp(&other.site));
    Ok(found)
}

fn files() -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(private::folder()?)?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    Ok(files)
}

/// Has the workers of a site replaced, one after the other, each with its successor ready first.
/// `tell` hears of each.
///
/// # Errors
/// When the user's private folder cannot be read.
pub fn replace_workers(
    site: &Path,
    mut tell: impl FnMut(&WorkerStatus, io::Result<Replacement>, Option<&WorkerStatus>),
) -> io::Result<usize> {
    let mut count = 0;
    for path in files()? {
        let is_place = path.extension().is_some_and(|ending| ending == "sock");
        let Some(channel) = Channel::connect(&path).ok().filter(|_| is_place) else { continue };
        let Ok(worker) = ask(&channel) else { continue };
        if worker.site != site {
            continue;
        }
        count += 1;
        let outcome = replace(&channel);
        drop(channel);
        // Where it was met, unless the configuration has changed meanwhile.
        let at_place = || ask(&Channel::connect(&path).ok()?).ok();
        let elsewhere = || status().ok()?.workers.into_iter().rfind(|other| other.site == site);
        let is_new = |other: &WorkerStatus| other.pid != worker.pid;
        let next = outcome.as_ref().is_ok_and(|outcome| *outcome == Replacement::Ready);
        let next = next.then(|| at_place().filter(is_new).or_else(|| elsewhere().filter(is_new)));
        tell(&worker, outcome, next.flatten().as_ref());
    }
    Ok(count)
}

fn ask(channel: &Channel) -> io::Result<WorkerStatus> {
    ToWorker::send_status(channel)?;
    match answer(channel, ANSWER_TIMEOUT)? {
        Some(ToVisitor::Status(status)) => Ok(*status),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn replace(channel: &Channel) -> io::Result<Replacement> {
    ToWorker::send_replace(channel)?;
    Ok(match answer(channel, SUCCESSION_TIMEOUT + ANSWER_TIMEOUT)? {
        // It has ended because somebody else had it replaced.
        Some(ToVisitor::Replaced) | None => Replacement::Ready,
        Some(ToVisitor::Left) => Replacement::Left,
        Some(ToVisitor::NotReplaced(why)) => Replacement::Refused(why),
        Some(ToVisitor::Status(_)) => return Err(io::ErrorKind::InvalidData.into()),
    })
}

/// The next word for a visitor; `None` when the worker has gone.
fn answer(channel: &Channel, timeout: Duration) -> io::Result<Option<ToVisitor>> {
    let end = Instant::now() + timeout;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let Some(message) = channel.receive(Some(left))? else { return Ok(None) };
        if let Some(word) = ToVisitor::decode(&message.bytes)? {
            return Ok(Some(word));
        }
        if let Ok(FromWorker::Failed(failure)) = FromWorker::decode(&message) {
            return Ok(Some(ToVisitor::NotReplaced(failure.title)));
        }
    }
}
