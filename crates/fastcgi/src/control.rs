//! Owns the records that are read whole: BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, the management
//! records, and our replies to them.
//!
//! Does not own the records of streams: see `stream`.

use crate::connection::{Connection, Current, Step};
use crate::error::{Error, Result};
use crate::event::Side;
use crate::limits::{REPLY_BYTES_MAX, REQUESTS_PER_CONNECTION_MAX};
use crate::name_value::{encode_pair, pairs};
use crate::record::{
    BeginRequest, EndRequest, HEADER_LEN, ProtocolStatus, RecordHeader, RecordType, RequestId, Role,
};
use crate::state::{InSignal, Inbound, inbound};
use alloc::vec::Vec;
use core::ops::Range;

impl Connection {
    /// Deals with a record that was read whole.
    pub(crate) fn control(
        &mut self,
        current: Current,
        range: Range<usize>,
    ) -> Result<Option<Step>> {
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
                    self.must_close |= !begin.keep_connection;
                    self.refuse_begin(id, ProtocolStatus::UnknownRole, at)?;
                } else if self.open.len() >= REQUESTS_PER_CONNECTION_MAX {
                    self.must_close |= !begin.keep_connection;
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
                    let aborted = self.open.swap_remove(index);
                    self.must_close |= !aborted.keep_connection;
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
    pub(crate) fn unknown_type(&mut self, header: RecordHeader, at: u64) -> Result<()> {
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
