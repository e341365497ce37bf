//! Owns the words that gate and worker exchange over their channel, and the bits of the status cell.
//!
//! Does not own the channel (`platform::handover`) nor when which word is said.

use platform::handover::{Channel, Gift, Message};
use platform::message::MESSAGE_BYTES_MAX;
use platform::status_cell::StatusCell;
use platform::{Listener, Stream};
use std::io;

pub use crate::failure::StartFailure;

/// What a gate, or the supervisor of `--listen`, tells a worker.
#[derive(Debug)]
pub enum ToWorker {
    /// Serve this connection. The bytes were read from it already.
    Connection {
        /// The web server's pipe.
        stream: Gift,
        /// The status cell for it.
        cell: Gift,
        /// What the gate had to read to learn whose request it is.
        preface: Vec<u8>,
    },
    /// As [`Self::Connection`], for a worker that may not fetch handles: open this stream by its
    /// name. The gate passes the web server's bytes on.
    Offer {
        /// As `platform::offer::take` wants it.
        name: String,
        /// As above.
        preface: Vec<u8>,
    },
    /// Accept connections from this socket.
    Listener(Gift),
    /// Finish the requests in flight of what this channel gave, take no more, then say
    /// [`FromWorker::Released`].
    Release,
    /// Another worker is ready to take over: give back what gates gave, and end.
    Succeeded,
    /// No other worker could be started, for this reason: go on.
    NotSucceeded(String),
    /// Say how you are: who asks is a visitor and gives nothing.
    Status,
    /// Have another worker take over, and tell the visitor who asks what became of it.
    Replace,
}

/// What a worker tells a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromWorker {
    /// The connection or listener is the worker's now.
    Taken,
    /// What was given could not be fetched: this worker may not touch the gate's process.
    Denied,
    /// The app is loaded.
    Ready,
    /// The app could not be loaded; the worker ends, connections given to it were not read.
    Failed(StartFailure),
    /// Everything given over this channel is finished: closed by the web server, or released.
    Released,
    /// The worker is being replaced and gives a connection or listener back: at rest, not closed.
    /// The bytes were read from the connection and not yet served.
    Returned(Vec<u8>),
    /// The worker is to be replaced: start another one and say [`ToWorker::Succeeded`] when that is
    /// ready. Until then it goes on.
    WantsSuccessor,
}

/// Bits of the status cell. The upper 16 bits hold the id of the request in flight.
pub mod status {
    /// The worker may hold bytes that it read from the connection.
    pub const IN_FLIGHT: u32 = 1;
    /// The request's body has not been read to its end.
    pub const INPUT_OPEN: u32 = 2;
    /// Something of the answer was sent.
    pub const OUTPUT_STARTED: u32 = 4;
    /// Set by the gate while a worker has not looked at the preface.
    pub const PREFACE_UNSERVED: u32 = 8;
    /// The write that holds the rest of the answer and its end is just being made: whether it was
    /// shows in what the web server does next.
    pub const ENDING: u32 = 16;

    /// No request is known of, but a read is under way, and a request that came in the moment of the
    /// worker's death went with it. The upper 16 bits tell when the pipe was served last.
    pub const RESTING: u32 = 32;

    /// The value for a pipe at rest on a system that reads ahead; `now` is `platform::tick`.
    pub const fn resting(now: u16) -> u32 {
        RESTING | (now as u32) << 16
    }

    /// Ticks since a resting pipe was served last.
    pub const fn rested(value: u32, now: u16) -> u16 {
        now.wrapping_sub(request_id(value))
    }

    /// The value for a request whose params are read.
    pub const fn of_request(id: u16, is_input_open: bool) -> u32 {
        IN_FLIGHT | if is_input_open { INPUT_OPEN } else { 0 } | (id as u32) << 16
    }

    /// The id in a value, 0 when the request is not known yet.
    pub const fn request_id(value: u32) -> u16 {
        (value >> 16) as u16
    }
}

const CONNECTION: u8 = b'C';
const OFFER: u8 = b'O';
const DENIED: u8 = b'D';
const LISTENER: u8 = b'L';
const RELEASE: u8 = b'R';
const TAKEN: u8 = b'T';
const READY: u8 = b'Y';
const FAILED: u8 = b'F';
const RELEASED: u8 = b'X';
const RETURNED: u8 = b'B';
const WANTS_SUCCESSOR: u8 = b'W';
const SUCCEEDED: u8 = b'S';
const NOT_SUCCEEDED: u8 = b'N';
const STATUS: u8 = b'?';
const REPLACE: u8 = b'P';

/// Behind the name of an offer: a byte that no name holds.
const NAME_END: u8 = 0;

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

impl ToWorker {
    /// Gives a connection.
    ///
    /// # Errors
    /// `BrokenPipe` when the worker has gone; `InvalidInput` for too long a preface.
    pub fn send_connection(
        channel: &Channel,
        stream: &Stream,
        cell: &StatusCell,
        preface: &[u8],
    ) -> io::Result<()> {
        channel.send(&[&[CONNECTION], preface].concat(), &[stream, cell])
    }

    /// Offers a connection by name.
    ///
    /// # Errors
    /// `BrokenPipe` when the worker has gone; `InvalidInput` for too long a preface.
    pub fn send_offer(channel: &Channel, name: &str, preface: &[u8]) -> io::Result<()> {
        channel.send(&[&[OFFER], name.as_bytes(), &[NAME_END], preface].concat(), &[])
    }

    /// Gives a listener.
    ///
    /// # Errors
    /// `BrokenPipe` when the worker has gone.
    pub fn send_listener(channel: &Channel, listener: &Listener) -> io::Result<()> {
        channel.send(&[LISTENER], &[listener])
    }

    /// Asks for release.
    ///
    /// # Errors
    /// `BrokenPipe` when the worker has gone.
    pub fn send_release(channel: &Channel) -> io::Result<()> {
        channel.send(&[RELEASE], &[])
    }

    /// Tells that another worker is ready.
    ///
    /// # Errors
    /// `BrokenPipe` when the worker has gone.
    pub fn send_succeeded(channel: &Channel) -> io::Result<()> {
        channel.send(&[SUCCEEDED], &[])
    }

    /// Tells why no other worker is.
    ///
    /// # Errors
    /// `BrokenPipe` when the worker has gone.
    pub fn send_not_succeeded(channel: &Channel, why: &str) -> io::Result<()> {
        let mut bytes = [&[NOT_SUCCEEDED], why.as_bytes()].concat();
        bytes.truncate(MESSAGE_BYTES_MAX);
        channel.send(&bytes, &[])
    }

    /// Asks how it is.
    ///
    /// # Errors
    /// `BrokenPipe` when the worker has gone.
    pub fn send_status(channel: &Channel) -> io::Result<()> {
        channel.send(&[STATUS], &[])
    }

    /// Asks for another worker.
    ///
    /// # Errors
    /// `BrokenPipe` when the worker has gone.
    pub fn send_replace(channel: &Channel) -> io::Result<()> {
        channel.send(&[REPLACE], &[])
    }

    /// Understands a message.
    ///
    /// # Errors
    /// `InvalidData` for one that no gate sends.
    pub fn decode(message: Message) -> io::Result<Self> {
        let Message { bytes, gifts } = message;
        let mut gifts = gifts.into_iter();
        let mut next = || gifts.next().ok_or_else(|| invalid("a handle is missing"));
        match bytes.first() {
            Some(&CONNECTION) => Ok(Self::Connection {
                stream: next()?,
                cell: next()?,
                preface: bytes[1..].to_vec(),
            }),
            Some(&OFFER) => {
                let end = bytes.iter().position(|byte| *byte == NAME_END);
                let end = end.ok_or_else(|| invalid("an offer without a name"))?;
                let name = String::from_utf8_lossy(&bytes[1..end]).into_owned();
                Ok(Self::Offer { name, preface: bytes[end + 1..].to_vec() })
            }
            Some(&LISTENER) => Ok(Self::Listener(next()?)),
            Some(&RELEASE) => Ok(Self::Release),
            Some(&SUCCEEDED) => Ok(Self::Succeeded),
            Some(&STATUS) => Ok(Self::Status),
            Some(&REPLACE) => Ok(Self::Replace),
            Some(&NOT_SUCCEEDED) => {
                Ok(Self::NotSucceeded(String::from_utf8_lossy(&bytes[1..]).into_owned()))
            }
            _ => Err(invalid("an unknown word from a gate")),
        }
    }
}

impl FromWorker {
    /// Sends it.
    ///
    /// # Errors
    /// `BrokenPipe` when the gate has gone.
    pub fn send(&self, channel: &Channel) -> io::Result<()> {
        let mut bytes = Vec::new();
        match self {
            Self::Taken => bytes.push(TAKEN),
            Self::Denied => bytes.push(DENIED),
            Self::Ready => bytes.push(READY),
            Self::Released => bytes.push(RELEASED),
            Self::WantsSuccessor => bytes.push(WANTS_SUCCESSOR),
            Self::Returned(unserved) => {
                bytes.push(RETURNED);
                bytes.extend_from_slice(unserved);
            }
            Self::Failed(failure) => {
                bytes.push(FAILED);
                bytes.extend_from_slice(failure.to_text().as_bytes());
                bytes.truncate(MESSAGE_BYTES_MAX);
            }
        }
        channel.send(&bytes, &[])
    }

    /// Understands a message.
    ///
    /// # Errors
    /// `InvalidData` for one that no worker sends.
    pub fn decode(message: &Message) -> io::Result<Self> {
        match message.bytes.split_first() {
            Some((&TAKEN, _)) => Ok(Self::Taken),
            Some((&DENIED, _)) => Ok(Self::Denied),
            Some((&READY, _)) => Ok(Self::Ready),
            Some((&RELEASED, _)) => Ok(Self::Released),
            Some((&WANTS_SUCCESSOR, _)) => Ok(Self::WantsSuccessor),
            Some((&RETURNED, unserved)) => Ok(Self::Returned(unserved.to_vec())),
            Some((&FAILED, text)) => {
                Ok(Self::Failed(StartFailure::from_text(&String::from_utf8_lossy(text))))
            }
            _ => Err(invalid("an unknown word from a worker")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_arrive_as_said() {
        let (gate, worker) = Channel::pair().expect("a pair");
        let worker = platform::rendezvous::channel(worker).expect("the other end");
        let (pipe, _peer) = Stream::pair().expect("a pair");
        let cell = StatusCell::new().expect("a cell");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
        let listener = Listener::try_from(listener).expect("a listener");
        ToWorker::send_connection(&gate, &pipe, &cell, b"read").expect("sent");
        ToWorker::send_offer(&gate, "a name", b"read").expect("sent");
        ToWorker::send_listener(&gate, &listener).expect("sent");
        ToWorker::send_release(&gate).expect("sent");
        let next = || ToWorker::decode(worker.receive(None).expect("received").expect("a message"));
        assert!(matches!(next(), Ok(ToWorker::Connection { preface, .. }) if preface == b"read"));
        let offer = next().expect("an offer");
        assert!(
            matches!(offer, ToWorker::Offer { name, preface } if name == "a name" && preface == b"read")
        );
        assert!(matches!(next(), Ok(ToWorker::Listener(_))));
        assert!(matches!(next(), Ok(ToWorker::Release)));
        ToWorker::send_succeeded(&gate).expect("sent");
        assert!(matches!(next(), Ok(ToWorker::Succeeded)));
        ToWorker::send_not_succeeded(&gate, "why").expect("sent");
        assert!(matches!(next(), Ok(ToWorker::NotSucceeded(why)) if why == "why"));
        ToWorker::send_status(&gate).expect("sent");
        assert!(matches!(next(), Ok(ToWorker::Status)));
        ToWorker::send_replace(&gate).expect("sent");
        assert!(matches!(next(), Ok(ToWorker::Replace)));
        worker.send(b"?", &[]).expect("sent");
        assert!(FromWorker::decode(&gate.receive(None).unwrap().unwrap()).is_err());

        let failure = StartFailure::new("no module named x", "").saying("line\n".repeat(40_000));
        let returned = FromWorker::Returned(b"unserved".to_vec());
        let (taken, denied) = (FromWorker::Taken, FromWorker::Denied);
        let plain = [FromWorker::Ready, FromWorker::Released, FromWorker::WantsSuccessor];
        for word in [taken, denied, returned].into_iter().chain(plain) {
            word.send(&worker).expect("sent");
            assert_eq!(FromWorker::decode(&gate.receive(None).unwrap().unwrap()).unwrap(), word);
        }
        FromWorker::Failed(failure.clone()).send(&worker).expect("a long one is cut");
        match FromWorker::decode(&gate.receive(None).unwrap().unwrap()).unwrap() {
            FromWorker::Failed(got) => assert_eq!(got.title, failure.title),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_status_tells_the_request() {
        let value = status::of_request(0xFFFF, true) | status::OUTPUT_STARTED;
        assert_eq!(status::request_id(value), 0xFFFF);
        assert_eq!(value & 7, 7);
        let value = status::resting(0xFFFE);
        assert_eq!(value & status::IN_FLIGHT, 0);
        assert_eq!(status::rested(value, 3), 5);
    }
}
