//! Owns the reading half of a connection: bytes in, events out, for either side.
//!
//! Does not own sending (`send`), nor what may follow what (`state`), nor any I/O: the caller
//! fills [`Connection::space`] and drains [`Connection::poll_event`].

use crate::error::{Error, Result};
use crate::input::Input;
use crate::limits::{
    CONTROL_BYTES_MAX, PARAMS_BYTES_MAX, PARAMS_COUNT_MAX, REPLY_BYTES_MAX,
    REQUESTS_PER_CONNECTION_MAX,
};
use crate::name_value::{Pairs, encode_pair, pairs};
use crate::record::{
    BeginRequest, EndRequest, HEADER_LEN, ProtocolStatus, RecordHeader, RecordType, RequestId, Role,
};
use crate::state::{InSignal, Inbound, OutSignal, Outbound, inbound, outbound};
use alloc::vec::Vec;
use core::ops::Range;

/// Which end of the connection this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The end that sends requests: IIS, nginx, our stand-in.
    WebServer,
    /// The end that answers them: gate and worker.
    Application,
}

/// The complete params of a request, not yet decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params<'a>(&'a [u8]);

impl<'a> Params<'a> {
    /// Params that were kept from an [`Event::Request`].
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Iterates over the pairs; a malformed stream ends with an error.
    pub fn pairs(self) -> Pairs<'a> {
        pairs(self.0)
    }

    /// The undecoded stream.
    pub const fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The value of the first pair of that name, if the stream is well formed up to there.
    pub fn get(self, name: &[u8]) -> Option<&'a [u8]> {
        self.pairs().map_while(Result::ok).find(|(found, _)| *found == name).map(|(_, value)| value)
    }
}

/// What the peer did. Borrowed bytes lie in the connection's buffer.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A request's params are complete; its body may follow. (Application side.)
    Request {
        /// The id to answer to.
        id: RequestId,
        /// Whether to leave the connection open after the answer.
        keep_connection: bool,
        /// All params.
        params: Params<'a>,
    },
    /// A request overstepped a limit of params: answer it with an error, the rest is discarded.
    Refused {
        /// The id to answer to.
        id: RequestId,
        /// Whether to leave the connection open after the answer.
        keep_connection: bool,
        /// Which bound was overstepped.
        error: Error,
    },
    /// A piece of a request's body. (Application side.)
    Stdin {
        /// Whose.
        id: RequestId,
        /// At least one byte.
        data: &'a [u8],
    },
    /// A request's body is complete. (Application side.)
    EndOfStdin {
        /// Whose.
        id: RequestId,
    },
    /// The web server wants no answer any more; END_REQUEST is still due. (Application side.)
    Abort {
        /// Whose.
        id: RequestId,
    },
    /// A piece of a response. (Web-server side.)
    Stdout {
        /// Whose.
        id: RequestId,
        /// At least one byte.
        data: &'a [u8],
    },
    /// The application ended STDOUT; END_REQUEST is due. (Web-server side.)
    EndOfStdout {
        /// Whose.
        id: RequestId,
    },
    /// A piece of error text. (Web-server side.)
    Stderr {
        /// Whose.
        id: RequestId,
        /// At least one byte.
        data: &'a [u8],
    },
    /// The request is over. (Web-server side.)
    EndRequest {
        /// Whose.
        id: RequestId,
        /// Exit status and protocol status.
        end: EndRequest,
    },
    /// The answer to GET_VALUES. (Web-server side.)
    Values {
        /// Names and values.
        values: Params<'a>,
    },
    /// The application did not know a management record's type. (Web-server side.)
    UnknownType {
        /// The type it did not know.
        record_type: RecordType,
    },
}

/// Where a request's params lie.
#[derive(Debug)]
enum Gathered {
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
    params: Gathered,
}

/// The record whose content is being read.
#[derive(Debug, Clone, Copy)]
struct Current {
    record_type: RecordType,
    request_id: u16,
    content_left: usize,
    padding_left: usize,
    at: u64,
}

/// One connection, seen from one [`Side`]. Any number of requests may be interleaved on it.
#[derive(Debug)]
pub struct Connection {
    side: Side,
    input: Input,
    current: Option<Current>,
    pub(crate) open: Vec<Open>,
    replies: Vec<u8>,
    /// Values of FCGI_MAX_CONNS and FCGI_MAX_REQS that GET_VALUES is answered with.
    capacity: u32,
}

/// What one step of reading found; ranges instead of borrows, so that the loop may go on.
enum Step {
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
        self.open.is_empty() && self.current.is_none() && self.input.unread().is_empty()
    }

    /// Whether no received byte waits to be looked at.
    pub fn is_drained(&self) -> bool {
        self.input.unread().is_empty()
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

    /// Whether [`Self::take_replies`] has something to send.
    pub const fn has_replies(&self) -> bool {
        !self.replies.is_empty()
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
                let params = Params(bytes);
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
            Step::Values(range) => Event::Values { values: Params(self.input.bytes(range)) },
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

    /// Reads a header and, for records that must be read whole, the content, too. `None` with
    /// `current` set: content follows; `None` without: more input is needed, or a record was
    /// dealt with silently and `current` holds its padding.
    fn header(&mut self) -> Result<Option<Step>> {
        let unread = self.input.unread();
        let Some(bytes) = unread.first_chunk::<HEADER_LEN>() else {
            // The first byte alone tells a peer that does not speak FastCGI.
            return match unread.first() {
                Some(&version) if version != crate::VERSION_1 => {
                    Err(Error::PeerVersion { at: self.input.offset, version })
                }
                _ => Ok(None),
            };
        };
        let header = RecordHeader::decode(*bytes);
        let at = self.input.offset;
        if header.version != crate::VERSION_1 {
            return Err(Error::PeerVersion { at, version: header.version });
        }
        let content = usize::from(header.content_length);
        let mut current = Current {
            record_type: header.record_type,
            request_id: header.request_id,
            content_left: content,
            padding_left: header.padding_length.into(),
            at,
        };
        let stream = matches!(
            header.record_type,
            RecordType::Params
                | RecordType::Stdin
                | RecordType::Stdout
                | RecordType::Stderr
                | RecordType::Data
        );
        if !stream {
            let known = !matches!(header.record_type, RecordType::Other(_));
            if known && content > CONTROL_BYTES_MAX {
                let (what, limit) = ("the content of a control record", CONTROL_BYTES_MAX);
                return Err(Error::PeerLimit { at, what, limit });
            }
            if known && unread.len() < HEADER_LEN + content {
                return Ok(None);
            }
            self.input.consume(HEADER_LEN);
            if !known {
                self.current = Some(current);
                self.unknown_type(header, at)?;
                return Ok(None);
            }
            let range = self.input.consume(content);
            current.content_left = 0;
            self.current = Some(current);
            return self.control(current, range);
        }
        self.input.consume(HEADER_LEN);
        self.current = Some(current);
        self.stream_header(current)
    }

    /// Moves the request's state for a stream record, whose content has not been looked at.
    fn stream_header(&mut self, current: Current) -> Result<Option<Step>> {
        let Current { record_type, request_id, content_left, at, .. } = current;
        // Records of requests that are not open are what is left of ended ones (§3.3): skipped.
        let Some(index) = self.find(request_id) else { return Ok(None) };
        let out_of_order = |why| Error::PeerOutOfOrder { at, record_type, id: request_id, why };
        let open = &mut self.open[index];
        let id = open.id;
        let ends = content_left == 0;
        match (self.side, record_type) {
            (Side::Application, RecordType::Params | RecordType::Stdin) => {
                let signal = match (record_type, ends) {
                    (RecordType::Params, false) => InSignal::Params,
                    (RecordType::Params, true) => InSignal::EndOfParams,
                    (_, false) => InSignal::Stdin,
                    (_, true) => InSignal::EndOfStdin,
                };
                let before = open.inbound;
                open.inbound = inbound(before, signal).map_err(out_of_order)?;
                Ok(match (before, open.inbound) {
                    (Inbound::Params, Inbound::Stdin) => self.params_complete(index, at),
                    (Inbound::Stdin, Inbound::Complete) => Some(Step::EndOfStream(record_type, id)),
                    _ => None,
                })
            }
            (Side::WebServer, RecordType::Stdout) => {
                let signal = if ends { OutSignal::EndOfStdout } else { OutSignal::Stdout };
                let before = open.outbound;
                open.outbound = outbound(before, signal, false).map_err(out_of_order)?;
                let ended = before == Outbound::Open && ends;
                Ok(ended.then_some(Step::EndOfStream(record_type, id)))
            }
            (Side::WebServer, RecordType::Stderr) | (Side::Application, RecordType::Data) => {
                Ok(None)
            }
            _ => Err(out_of_order("it goes the other way")),
        }
    }

    /// Deals with a piece of a stream record's content.
    fn content(&mut self, current: Current, range: Range<usize>) -> Option<Step> {
        let index = self.find(current.request_id)?;
        let open = &mut self.open[index];
        match current.record_type {
            RecordType::Params if open.inbound == Inbound::Params => {
                let is_whole = current.content_left == 0;
                match &mut open.params {
                    Gathered::InPlace(none) if none.start == none.end && is_whole => *none = range,
                    Gathered::InPlace(first) => {
                        let mut copy = self.input.bytes(first.clone()).to_vec();
                        copy.extend_from_slice(self.input.bytes(range));
                        open.params = Gathered::Copied(copy);
                    }
                    Gathered::Copied(bytes) => bytes.extend_from_slice(self.input.bytes(range)),
                }
                let size = match &open.params {
                    Gathered::InPlace(range) => range.len(),
                    Gathered::Copied(bytes) => bytes.len(),
                };
                (size > PARAMS_BYTES_MAX).then(|| {
                    self.refuse(index, current.at, "the size of the params", PARAMS_BYTES_MAX)
                })
            }
            RecordType::Stdin if open.inbound != Inbound::Discard => {
                Some(Step::Data(RecordType::Stdin, open.id, range))
            }
            record_type @ (RecordType::Stdout | RecordType::Stderr) => {
                Some(Step::Data(record_type, open.id, range))
            }
            _ => None,
        }
    }

    /// Throws the rest of a request's input away and reports why.
    fn refuse(&mut self, index: usize, at: u64, what: &'static str, limit: usize) -> Step {
        self.open[index].inbound = Inbound::Discard;
        self.open[index].params = Gathered::Copied(Vec::new());
        Step::Refused(index, Error::PeerLimit { at, what, limit })
    }

    fn params_complete(&mut self, index: usize, at: u64) -> Option<Step> {
        let bytes = match &self.open[index].params {
            Gathered::InPlace(range) => self.input.bytes(range.clone()),
            Gathered::Copied(bytes) => bytes,
        };
        // A pair takes two bytes at least: only large streams need counting.
        let many =
            bytes.len() / 2 > PARAMS_COUNT_MAX && pairs(bytes).nth(PARAMS_COUNT_MAX).is_some();
        Some(if many {
            self.refuse(index, at, "the number of params", PARAMS_COUNT_MAX)
        } else {
            Step::Request(index)
        })
    }

    /// Deals with a record that was read whole.
    fn control(&mut self, current: Current, range: Range<usize>) -> Result<Option<Step>> {
        let Current { record_type, request_id, at, .. } = current;
        let content = self.input.bytes(range.clone());
        let eight = content.first_chunk::<8>().copied().ok_or(Error::PeerContentLength {
            at,
            record_type,
            length: content.len(),
            expected: "8 bytes",
        });
        let out_of_order = |why| Error::PeerOutOfOrder { at, record_type, id: request_id, why };
        match (self.side, record_type, RequestId::new(request_id)) {
            (Side::Application, RecordType::BeginRequest, Some(id)) => {
                let begin = BeginRequest::decode(eight?);
                if self.find(request_id).is_some() {
                    return Err(out_of_order("the id is in use"));
                }
                if begin.role != Role::Responder {
                    self.refuse_begin(id, ProtocolStatus::UnknownRole, at)?;
                } else if self.open.len() >= REQUESTS_PER_CONNECTION_MAX {
                    self.refuse_begin(id, ProtocolStatus::Overloaded, at)?;
                } else {
                    self.open(id, begin.keep_connection);
                }
                Ok(None)
            }
            (Side::Application, RecordType::AbortRequest, Some(id)) => {
                let Some(index) = self.find(request_id) else { return Ok(None) };
                let open = &mut self.open[index];
                let before = open.inbound;
                open.inbound = inbound(before, InSignal::Abort).map_err(out_of_order)?;
                if before == Inbound::Params {
                    // The caller never heard of it: END_REQUEST is ours to send.
                    self.open.swap_remove(index);
                    self.refuse_begin(id, ProtocolStatus::RequestComplete, at)?;
                    return Ok(None);
                }
                Ok(Some(Step::Abort(id)))
            }
            (Side::Application, RecordType::GetValues, None) => {
                let names: Result<Vec<Vec<u8>>> =
                    pairs(content).map(|pair| pair.map(|(name, _)| name.to_vec())).collect();
                self.answer_values(&names?, at)?;
                Ok(None)
            }
            (Side::WebServer, RecordType::EndRequest, Some(id)) => {
                let end = EndRequest::decode(eight?);
                let Some(index) = self.find(request_id) else { return Ok(None) };
                self.open.swap_remove(index);
                Ok(Some(Step::EndRequest(id, end)))
            }
            (Side::WebServer, RecordType::GetValuesResult, None) => Ok(Some(Step::Values(range))),
            (Side::WebServer, RecordType::UnknownType, None) => {
                Ok(Some(Step::UnknownType(RecordType::decode(eight?[0]))))
            }
            (
                _,
                RecordType::BeginRequest | RecordType::AbortRequest | RecordType::EndRequest,
                None,
            ) => Err(out_of_order("the id is 0")),
            (_, _, Some(_)) => Err(out_of_order("it goes the other way or its id must be 0")),
            _ => Err(out_of_order("it goes the other way")),
        }
    }

    /// A record type of no known number: told to the peer if it is a management record (§4.2),
    /// skipped if not.
    fn unknown_type(&mut self, header: RecordHeader, at: u64) -> Result<()> {
        if self.side == Side::Application && header.request_id == RequestId::MANAGEMENT {
            let content = [header.record_type.encode(), 0, 0, 0, 0, 0, 0, 0];
            self.reply(RecordType::UnknownType, RequestId::MANAGEMENT, &content, at)?;
        }
        Ok(())
    }

    fn refuse_begin(&mut self, id: RequestId, status: ProtocolStatus, at: u64) -> Result<()> {
        let end = EndRequest { app_status: 0, protocol_status: status };
        self.reply(RecordType::EndRequest, id.get(), &end.encode(), at)
    }

    /// Answers GET_VALUES (§4.1): the names known to us, each once, with our figures.
    fn answer_values(&mut self, names: &[Vec<u8>], at: u64) -> Result<()> {
        let mut content = Vec::new();
        let capacity = alloc::format!("{}", self.capacity);
        // Requests may be interleaved, but they are answered in turn: so no peer should multiplex.
        for (name, value) in [
            (&b"FCGI_MAX_CONNS"[..], &*capacity),
            (&b"FCGI_MAX_REQS"[..], &*capacity),
            (&b"FCGI_MPXS_CONNS"[..], "0"),
        ] {
            if names.iter().any(|asked| asked == name) {
                encode_pair(name, value.as_bytes(), &mut content);
            }
        }
        self.reply(RecordType::GetValuesResult, RequestId::MANAGEMENT, &content, at)
    }

    fn reply(&mut self, record_type: RecordType, id: u16, content: &[u8], at: u64) -> Result<()> {
        if self.replies.len() + HEADER_LEN + content.len() > REPLY_BYTES_MAX {
            let (what, limit) = ("the size of unread replies", REPLY_BYTES_MAX);
            return Err(Error::PeerLimit { at, what, limit });
        }
        // Replies are short: GET_VALUES_RESULT, the longest, has 53 bytes.
        let header = RecordHeader::new(record_type, id, content.len() as u16);
        self.replies.extend_from_slice(&header.encode());
        self.replies.extend_from_slice(content);
        Ok(())
    }
}
