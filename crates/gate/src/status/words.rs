//! Owns what a worker tells somebody who asks how it is: a visitor, who gives no connections and for
//! whom no worker stays.
//!
//! Does not own the questions (`control::ToWorker`), nor asking (`visit`).

use platform::handover::Channel;
use platform::message::MESSAGE_BYTES_MAX;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;

/// How a worker is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkerStatus {
    /// Its process.
    pub pid: u32,
    /// The version of iisgate that it runs.
    pub version: String,
    /// The site's folder.
    pub site: PathBuf,
    /// The app; empty until it is known.
    pub target: String,
    /// The interpreter's version and program.
    pub python: String,
    /// `loading`, `ready`, `failed` or `leaving`.
    pub state: String,
    /// Seconds since it was started.
    pub uptime: f64,
    /// Requests that were answered.
    pub requests: u64,
    /// Requests that the app works on.
    pub in_flight: usize,
    /// Threads that nobody waits for any more.
    pub stuck: usize,
    /// Threads that serve, and how many there may be.
    pub threads: usize,
    /// As above.
    pub threads_max: usize,
    /// Gates that hold it.
    pub gates: usize,
    /// Bytes of memory.
    pub memory: u64,
    /// The log file; `None` is standard error.
    pub log: Option<PathBuf>,
    /// How long the start took; `None` until it is over.
    pub start: Option<Start>,
}

/// How long a start took, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Start {
    /// All of it, from the first line of ours.
    pub total: f64,
    /// The app's modules.
    pub import: f64,
    /// The requests of the warm-up.
    pub warm_up: f64,
    /// The modules that took most, without those that they import, the slowest first.
    pub slowest: Vec<(String, f64)>,
}

/// What a visitor is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToVisitor {
    /// How the worker is.
    Status(Box<WorkerStatus>),
    /// Another worker is ready and takes over.
    Replaced,
    /// No gate is there that could start another one: this one ends, and the next request gets one.
    Left,
    /// No other worker could be started, for this reason: this one goes on.
    NotReplaced(String),
}

/// Before a word for a visitor: no word for a gate begins so.
const VISITOR: u8 = b'V';

impl ToVisitor {
    /// Sends it.
    ///
    /// # Errors
    /// `BrokenPipe` when the visitor has gone.
    pub fn send(&self, channel: &Channel) -> io::Result<()> {
        let mut bytes = vec![VISITOR];
        serde_json::to_writer(&mut bytes, self)?;
        if bytes.len() > MESSAGE_BYTES_MAX {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        channel.send(&bytes, &[])
    }

    /// Understands a message; `None` for a word that is meant for gates.
    ///
    /// # Errors
    /// `InvalidData` for one that no worker sends.
    pub fn decode(bytes: &[u8]) -> io::Result<Option<Self>> {
        match bytes.split_first() {
            Some((&VISITOR, text)) => Ok(Some(serde_json::from_slice(text)?)),
            _ => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_arrive_as_said() {
        let (ours, theirs) = Channel::pair().expect("a pair");
        let theirs = platform::rendezvous::channel(theirs).expect("the other end");
        let start = Start { total: 1.5, slowest: vec![("plone".into(), 0.5)], ..Start::default() };
        let status = WorkerStatus { pid: 7, start: Some(start), ..WorkerStatus::default() };
        let words = [
            ToVisitor::Status(Box::new(status)),
            ToVisitor::Replaced,
            ToVisitor::NotReplaced("no module \"x\"".into()),
        ];
        for word in words {
            word.send(&ours).expect("sent");
            let message = theirs.receive(None).expect("received").expect("a message");
            assert_eq!(ToVisitor::decode(&message.bytes).expect("decoded"), Some(word));
        }
        assert_eq!(ToVisitor::decode(b"Y").expect("for gates"), None);
        assert!(ToVisitor::decode(b"V{").is_err());
    }
}
