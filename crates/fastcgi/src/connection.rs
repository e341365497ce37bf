//! Owns one connection: its buffer, its open requests, and turning what was read into events.
//!
//! Does not own the rules of single records (`stream` for PARAMS, STDIN, STDOUT, STDERR; `control`
//! for those read whole), sending (`send`), what may follow what (`state`), nor any I/O: the caller
//! fills [`Connection::space`] and drains [`Connection::poll_event`].

use crate::error::{Error, Result};
use crate::event::{Event, Params, Side};
use crate::input::Input;
use crate::record::{EndRequest, RecordType, RequestId};
use crate::state::{Inbound, Outbound};
use alloc::vec::Vec;
use core::ops::Range;

/// Where a request's params lie.
#[derive(Debug)]
pub(crate) enum Gathered {
    /// In one record, still in the read buffer.
    InPlace(Range<usize>),
    /// Copied out of several records or reads.
    Copied(Vec<u8>),
}

/// One open request.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) id: RequestId,
    pub(crate) keep_connection: bool,
    pub(crate) inbound: Inbound,
    pub(crate) outbound: Outbound,
    pub(crate) params: Gathered,
}

/// The record whose content is being read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Current {
    pub(crate) record_type: RecordType,
    pub(crate) request_id: u16,
    pub(crate) content_left: usize,
    pub(crate) padding_left: usize,
    pub(crate) at: u64,
}

/// One connection, seen from one [`Side`]. Any number of requests may be interleaved on it.
#[derive(Debug)]
pub struct Connection {
    pub(crate) side: Side,
    pub(crate) input: Input,
    pub(crate) current: Option<Current>,
    pub(crate) open: Vec<Open>,
    pub(crate) replies: Vec<u8>,
    /// A request was refused that did not ask to keep the connection.
    pub(crate) must_close: bool,
    /// Values of FCGI_MAX_CONNS and FCGI_MAX_REQS that GET_VALUES is answered with.
    pub(crate) capacity: u32,
}

/// What one step of reading found; ranges instead of borrows, so that the loop may go on.
pub(crate) enum Step {
    NeedInput,
    Request(usize),
    Refused(usize, Error),
    Data(RecordType, RequestId, Range<usize>),
    EndOfStream(RecordType, RequestId),
    Abort(RequestId),
    EndRequest(RequestId, EndRequest),
    Values(Range<usize>),
    UnknownType(RecordType),
}

impl Connection {
    /// A fresh connection.
    pub fn new(side: Side) -> Self {
        Self {
            side,
            input: Input::default(),
            current: None,
            open: Vec::new(),
            replies: Vec::new(),
            must_close: false,
            capacity: 1,
        }
    }

    /// Sets what GET_VALUES is told of FCGI_MAX_CONNS and FCGI_MAX_REQS: how many requests the
    /// application serves at once, over all connections.
    pub const fn set_capacity(&mut self, capacity: u32) {
        self.capacity = capacity;
    }

    /// Which end this is.
    pub const fn side(&self) -> Side {
        self.side
    }

    /// Room to read into. Tell how much was filled with [`Self::filled`].
    pub fn space(&mut self) -> &mut [u8] {
        for open in &mut self.open {
            if let (Inbound::Params, Gathered::InPlace(range)) = (open.inbound, &open.params) {
                let copy = self.input.bytes(range.clone()).to_vec();
                open.params = Gathered::Copied(copy);
            }
        }
        self.input.space()
    }

    /// Tells that `count` bytes of [`Self::space`] now hold what the peer sent.
    pub fn filled(&mut self, count: usize) {
        self.input.filled(count);
    }

    /// Copies as many of the peer's bytes as fit and says how many did.
    pub fn receive(&mut self, bytes: &[u8]) -> usize {
        let space = self.space();
        let count = bytes.len().min(space.len());
        space[..count].copy_from_slice(&bytes[..count]);
        self.filled(count);
        count
    }

    /// Whether the connection rests between requests, at a record's border: closing it loses nothing.
    pub fn is_idle(&self) -> bool {
        // A record of which nothing is left is over, even if nobody asked what follows it.
        let is_over = |current: &Current| current.content_left == 0 && current.padding_left == 0;
        let is_at_border = self.current.as_ref().is_none_or(is_over);
        self.open.is_empty() && is_at_border && self.input.unread().is_empty()
    }

    /// Bytes received and not yet looked at.
    pub fn unread(&self) -> &[u8] {
        self.input.unread()
    }

    /// Whether [`Self::unread`] begins with a record and belongs to no open request: another
    /// connection fed with it would go on in this one's place.
    pub fn is_between_requests(&self) -> bool {
        self.open.is_empty() && self.current.is_none()
    }

    /// How many requests are open.
    pub fn open_requests(&self) -> usize {
        self.open.len()
    }

    /// Whether that request is open: begun and not ended.
    pub fn is_open(&self, id: RequestId) -> bool {
        self.find(id.get()).is_some()
    }

    /// Whether that request's body has been read to its end (or is being thrown away).
    pub fn is_input_complete(&self, id: RequestId) -> bool {
        self.open
            .iter()
            .find(|open| open.id == id)
            .is_none_or(|open| matches!(open.inbound, Inbound::Complete | Inbound::Discard))
    }

    /// Answers to management records and refusals that the caller must send before it waits.
    pub fn take_replies(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.replies)
    }

    /// Whether the connection is to be closed once the replies are sent: a request was refused that
    /// did not ask to keep it (§3.5), and no other is open.
    pub const fn must_close(&self) -> bool {
        self.must_close && self.open.is_empty()
    }

    /// The next thing the peer did; `None` when more bytes are needed.
    ///
    /// # Errors
    /// `Peer…` errors end the connection: close it.
    pub fn poll_event(&mut self) -> Result<Option<Event<'_>>> {
        self.poll_event_at_most(usize::MAX)
    }

    /// As [`Self::poll_event`], with at most `limit` bytes of STDIN, STDOUT or STDERR in the event;
    /// the rest stays for the next call.
    ///
    /// # Errors
    /// `Peer…` errors end the connection: close it.
    pub fn poll_event_at_most(&mut self, limit: usize) -> Result<Option<Event<'_>>> {
        Ok(Some(match self.step(limit.max(1))? {
            Step::NeedInput => return Ok(None),
            Step::Request(index) => {
                let open = &self.open[index];
                let bytes = match &open.params {
                    Gathered::InPlace(range) => self.input.bytes(range.clone()),
                    Gathered::Copied(bytes) => bytes,
                };
                let params = Params::new(bytes);
                Event::Request { id: open.id, keep_connection: open.keep_connection, params }
            }
            Step::Refused(index, error) => {
                let open = &self.open[index];
                Event::Refused { id: open.id, keep_connection: open.keep_connection, error }
            }
            Step::Data(record_type, id, range) => {
                let data = self.input.bytes(range);
                match record_type {
                    RecordType::Stdin => Event::Stdin { id, data },
                    RecordType::Stdout => Event::Stdout { id, data },
                    _ => Event::Stderr { id, data },
                }
            }
            Step::EndOfStream(RecordType::Stdin, id) => Event::EndOfStdin { id },
            Step::EndOfStream(_, id) => Event::EndOfStdout { id },
            Step::Abort(id) => Event::Abort { id },
            Step::EndRequest(id, end) => Event::EndRequest { id, end },
            Step::Values(range) => Event::Values { values: Params::new(self.input.bytes(range)) },
            Step::UnknownType(record_type) => Event::UnknownType { record_type },
        }))
    }

    pub(crate) fn find(&self, id: u16) -> Option<usize> {
        self.open.iter().position(|open| open.id.get() == id)
    }

    /// Opens a request, on either side.
    pub(crate) fn open(&mut self, id: RequestId, keep_connection: bool) {
        let params = Gathered::InPlace(0..0);
        let (inbound, outbound) = (Inbound::Params, Outbound::Open);
        self.open.push(Open { id, keep_connection, inbound, outbound, params });
    }

    fn step(&mut self, limit: usize) -> Result<Step> {
        loop {
            let Some(mut current) = self.current else {
                match self.header()? {
                    Some(step) => return Ok(step),
                    None if self.current.is_some() => continue,
                    None => return Ok(Step::NeedInput),
                }
            };
            let unread = self.input.unread().len();
            if current.content_left > 0 {
                let count = current.content_left.min(unread).min(limit);
                if count == 0 {
                    return Ok(Step::NeedInput);
                }
                let range = self.input.consume(count);
                current.content_left -= count;
                self.current = Some(current);
                if let Some(step) = self.content(current, range) {
                    return Ok(step);
                }
            } else {
                let count = current.padding_left.min(unread);
                self.input.consume(count);
                current.padding_left -= count;
                if current.padding_left > 0 {
                    self.current = Some(current);
                    return Ok(Step::NeedInput);
                }
                self.current = None;
            }
        }
    }
}
