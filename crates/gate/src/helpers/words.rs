//! Owns the words that gates and the keeper of a site's helpers exchange.
//!
//! Does not own the channel (`platform::handover`).

use crate::control::StartFailure;
use platform::handover::{Channel, Message};
use platform::message::MESSAGE_BYTES_MAX;
use std::io;
use std::time::Duration;

/// What a gate tells the keeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ToKeeper {
    /// These are the helpers now.
    Arrange {
        /// What tells them from others.
        fingerprint: String,
        /// The app's interpreter.
        python: String,
        /// How long they stay after the last gate.
        grace: Duration,
    },
    /// Say when they are ready, or why not. The number stands in the answer.
    AreReady(u64),
    /// This process is a worker that needs them.
    Worker(u32),
    /// Say how they are.
    Tell,
}

/// What the keeper answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) number: u64,
    pub(super) result: Result<(), StartFailure>,
}

const ARRANGE: &str = "H";
const ARE_READY: &str = "A";
const WORKER: &str = "W";
const TELL: &str = "T";
const READY: &str = "Y";
const FAILED: &str = "F";

/// Between the parts of a message: a byte that no text of ours holds.
const SEPARATOR: char = '\0';

fn invalid() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "an unknown word about helpers")
}

fn number<T: std::str::FromStr>(text: Option<&str>) -> io::Result<T> {
    text.and_then(|text| text.parse().ok()).ok_or_else(invalid)
}

impl ToKeeper {
    /// Sends it.
    ///
    /// # Errors
    /// `BrokenPipe` when the keeper has gone.
    pub(super) fn send(&self, channel: &Channel) -> io::Result<()> {
        let text = match self {
            Self::Arrange { fingerprint, python, grace } => {
                let grace = grace.as_millis().to_string();
                [ARRANGE, fingerprint, &grace, python].join("\0")
            }
            Self::AreReady(number) => format!("{ARE_READY}{SEPARATOR}{number}"),
            Self::Worker(id) => format!("{WORKER}{SEPARATOR}{id}"),
            Self::Tell => TELL.to_owned(),
        };
        channel.send(text.as_bytes(), &[])
    }

    /// Understands a message.
    ///
    /// # Errors
    /// `InvalidData` for one that no gate sends.
    pub(super) fn decode(message: &Message) -> io::Result<Self> {
        let text = String::from_utf8_lossy(&message.bytes);
        let mut parts = text.splitn(4, SEPARATOR);
        match parts.next() {
            Some(ARRANGE) => {
                let mut next = || parts.next().ok_or_else(invalid);
                let (fingerprint, grace) = (next()?.to_owned(), next()?);
                let grace = Duration::from_millis(number(Some(grace))?);
                Ok(Self::Arrange { fingerprint, python: next()?.to_owned(), grace })
            }
            Some(ARE_READY) => Ok(Self::AreReady(number(parts.next())?)),
            Some(WORKER) => Ok(Self::Worker(number(parts.next())?)),
            Some(TELL) => Ok(Self::Tell),
            _ => Err(invalid()),
        }
    }
}

impl Answer {
    /// Sends it.
    ///
    /// # Errors
    /// `BrokenPipe` when the gate has gone.
    pub(super) fn send(&self, channel: &Channel) -> io::Result<()> {
        let number = self.number;
        let mut bytes = match &self.result {
            Ok(()) => format!("{READY}{SEPARATOR}{number}"),
            Err(failure) => format!("{FAILED}{SEPARATOR}{number}{SEPARATOR}{}", failure.to_text()),
        }
        .into_bytes();
        bytes.truncate(MESSAGE_BYTES_MAX);
        channel.send(&bytes, &[])
    }

    /// Understands a message.
    ///
    /// # Errors
    /// `InvalidData` for one that no keeper sends.
    pub(super) fn decode(message: &Message) -> io::Result<Self> {
        let text = String::from_utf8_lossy(&message.bytes);
        let mut parts = text.splitn(3, SEPARATOR);
        let word = parts.next();
        let number = number(parts.next())?;
        let result = match word {
            Some(READY) => Ok(()),
            Some(FAILED) => Err(StartFailure::from_text(parts.next().unwrap_or_default())),
            _ => return Err(invalid()),
        };
        Ok(Self { number, result })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_arrive_as_said() {
        let (gate, keeper) = Channel::pair().expect("a pair");
        let keeper = platform::rendezvous::channel(keeper).expect("the other end");
        let next = |channel: &Channel| channel.receive(None).expect("received").expect("a message");
        let arrange = ToKeeper::Arrange {
            fingerprint: "0a".into(),
            python: "/a b/python".into(),
            grace: Duration::from_millis(500),
        };
        for word in [arrange, ToKeeper::AreReady(7), ToKeeper::Worker(42)] {
            word.send(&gate).expect("sent");
            assert_eq!(ToKeeper::decode(&next(&keeper)).expect("known"), word);
        }
        let mut failure = StartFailure::new("zeo does not start", "look");
        failure.details = "line\nline".into();
        for result in [Ok(()), Err(failure)] {
            let answer = Answer { number: 7, result };
            answer.send(&keeper).expect("sent");
            assert_eq!(Answer::decode(&next(&gate)).expect("known"), answer);
        }
        gate.send(b"?", &[]).expect("sent");
        assert!(ToKeeper::decode(&next(&keeper)).is_err());
    }
}
