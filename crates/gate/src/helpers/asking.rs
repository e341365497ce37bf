//! Owns asking a keeper which helpers it keeps and how they stand.
//!
//! Does not own the board that it tells from (`board`).

use super::words::ToKeeper;
use platform::handover::Channel;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the name of a keeper's meeting place begins.
pub(crate) const PLACE: &str = "helpers-";

/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);

/// The helpers of a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HelpersStatus {
    /// The site's folder.
    pub site: PathBuf,
    /// The keeper's process.
    pub keeper: u32,
    /// The helpers, in their order.
    pub helpers: Vec<HelperStatus>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HelperStatus {
    /// Its name.
    pub name: String,
    /// `starting`, `ready`, `done` or `failed`.
    pub state: String,
    /// Seconds since that is so.
    pub since: f64,
    /// Why it has failed, or empty.
    pub why: String,
}

/// Before the answer: no answer to a gate begins so.
const STATUS: u8 = b'S';

impl HelpersStatus {
    /// Sends it.
    ///
    /// # Errors
    /// `BrokenPipe` when who asked has gone.
    pub(super) fn send(&self, channel: &Channel) -> io::Result<()> {
        let mut bytes = vec![STATUS];
        serde_json::to_writer(&mut bytes, self)?;
        channel.send(&bytes, &[])
    }
}

/// Asks the keeper at a meeting place; `None` when it does not answer.
///
/// # Errors
/// When nobody is there.
pub(crate) fn ask(place: &Path) -> io::Result<Option<HelpersStatus>> {
    let channel = Channel::connect(place)?;
    let answer = ToKeeper::Tell.send(&channel).and_then(|()| channel.receive(Some(ANSWER_TIMEOUT)));
    let Ok(Some(message)) = answer else { return Ok(None) };
    Ok(match message.bytes.split_first() {
        Some((&STATUS, text)) => serde_json::from_slice(text).ok(),
        _ => None,
    })
}
