//! Owns one connection of the load: sends a request, reads its response, compares, begins anew.
//!
//! Does not own waiting: it does what can be done at once.

use std::io::{self, Read, Write};
use std::time::Instant;

use super::address::{Address, Socket};
use super::response::Reader;

/// Read at once.
const READ_BYTES: usize = 256 * 1024;

/// What one look at the connection came to.
#[derive(Debug, PartialEq)]
pub(crate) enum Progress {
    /// Nothing can be done now.
    None,
    Some,
    /// A response came, and was right; nanoseconds since its request began.
    Right(u64),
    /// A response was wrong or will not come.
    Bad(String),
}

/// One connection with one request in flight.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) socket: Socket,
    reader: Reader,
    buffer: Vec<u8>,
    /// How much of the request is sent.
    sent: usize,
    began: Instant,
    /// Responses on this connection so far.
    answered: u64,
    pub(crate) busy: bool,
}

/// What every request and response of a run are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exchange<'a> {
    pub(crate) address: &'a Address,
    pub(crate) request: &'a [u8],
    /// The only right body; without one any will do.
    pub(crate) expected: Option<&'a [u8]>,
    pub(crate) keep: bool,
}

impl Link {
    pub(crate) fn open(address: &Address, reader: Reader) -> io::Result<Link> {
        Ok(Link::over(Socket::connect(address)?, reader))
    }

    /// Takes a connection that is there.
    pub(crate) fn over(socket: Socket, reader: Reader) -> Link {
        let buffer = vec![0; READ_BYTES];
        let began = Instant::now();
        Link { socket, reader, buffer, sent: 0, began, answered: 0, busy: false }
    }

    /// Begins a request.
    pub(crate) fn begin(&mut self) {
        self.sent = 0;
        self.began = Instant::now();
        self.busy = true;
    }

    /// Whether a part of the request waits to be sent.
    pub(crate) fn is_sending(&self, exchange: Exchange<'_>) -> bool {
        self.busy && self.sent < exchange.request.len()
    }

    /// Does what can be done now.
    pub(crate) fn look(&mut self, exchange: Exchange<'_>) -> Progress {
        match self.try_look(exchange) {
            Ok(progress) => progress,
            Err(why) => {
                self.busy = false;
                Progress::Bad(why)
            }
        }
    }

    fn try_look(&mut self, exchange: Exchange<'_>) -> Result<Progress, String> {
        let mut progress = Progress::None;
        if self.is_sending(exchange) {
            match self.socket.write(&exchange.request[self.sent..]) {
                Ok(count) => {
                    self.sent += count;
                    progress = Progress::Some;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return self.closed_idle(exchange, format!("sending: {error}")),
            }
        }
        let count = match self.socket.read(&mut self.buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(progress),
            Err(error) => return self.closed_idle(exchange, format!("receiving: {error}")),
        };
        let whole = match self.reader.feed(&self.buffer[..count], count == 0) {
            Ok(whole) => whole,
            Err(why) if count == 0 => return self.closed_idle(exchange, why),
            Err(why) => return Err(why),
        };
        let Some(whole) = whole else { return Ok(Progress::Some) };
        let nanoseconds = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.busy = false;
        self.answered += 1;
        if whole.status != 200 {
            return Err(format!("status {}", whole.status));
        }
        if let Some(expected) = exchange.expected
            && self.reader.body != expected
        {
            let (got, wanted) = (self.reader.body.len(), expected.len());
            return Err(format!("a wrong body of {got} bytes; {wanted} are right"));
        }
        if whole.closes || !exchange.keep {
            self.reopen(exchange)?;
        }
        Ok(Progress::Right(nanoseconds))
    }

    /// A server may close a kept connection between two requests: then the request goes again.
    fn closed_idle(&mut self, exchange: Exchange<'_>, why: String) -> Result<Progress, String> {
        if self.answered == 0 || !self.reader.is_empty() {
            return Err(why);
        }
        self.reopen(exchange)?;
        self.sent = 0;
        Ok(Progress::Some)
    }

    fn reopen(&mut self, exchange: Exchange<'_>) -> Result<(), String> {
        let connect = Socket::connect(exchange.address);
        self.socket = connect.map_err(|error| format!("connecting again: {error}"))?;
        self.answered = 0;
        Ok(())
    }
}
