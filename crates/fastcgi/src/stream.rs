//! Owns reading record headers and the records of streams: PARAMS, STDIN, STDOUT, STDERR, DATA.
//!
//! Does not own records that are read whole: see `control`.

use crate::connection::{Connection, Current, Gathered, Step};
use crate::error::{Error, Result};
use crate::event::Side;
use crate::limits::{CONTROL_BYTES_MAX, PARAMS_BYTES_MAX, PARAMS_COUNT_MAX};
use crate::name_value::pairs;
use crate::record::{HEADER_LEN, RecordHeader, RecordType};
use crate::state::{InSignal, Inbound, OutSignal, Outbound, inbound, outbound};
use alloc::vec::Vec;
use core::ops::Range;

impl Connection {
    /// Reads a header and, for records that must be read whole, the content, too. `None` with
    /// `current` set: content follows; `None` without: more input is needed, or a record was
    /// dealt with silently and `current` holds its padding.
    pub(crate) fn header(&mut self) -> Result<Option<Step>> {
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
    pub(crate) fn content(&mut self, current: Current, range: Range<usize>) -> Option<Step> {
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
}
