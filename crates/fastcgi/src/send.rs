//! Owns the sending half of a connection: calls in, bytes out, the order of records kept.
//!
//! Does not own writing: bytes are appended to a buffer, or planned as [`Frames`] for a vectored
//! write when the content is large.

use crate::connection::Connection;
use crate::error::{Error, Result};
use crate::event::Side;
use crate::frame::{EndOfResponse, Frames, Padding, ZEROES};
use crate::limits::{CONTENT_BYTES_SENT, REQUESTS_PER_CONNECTION_MAX};
use crate::name_value::{encode_pair, encoded_pair_len};
use crate::record::{BeginRequest, EndRequest, RecordHeader, RecordType, RequestId, Role};
use crate::state::{InSignal, Inbound, OutSignal, inbound, outbound};
use alloc::vec::Vec;

/// Appends `content` as records of one type.
fn records(record_type: RecordType, id: u16, content: &[u8], padding: Padding, out: &mut Vec<u8>) {
    for piece in content.chunks(CONTENT_BYTES_SENT) {
        let pad = padding.of(piece.len());
        let mut header = RecordHeader::new(record_type, id, piece.len() as u16);
        header.padding_length = pad;
        out.extend_from_slice(&header.encode());
        out.extend_from_slice(piece);
        out.extend_from_slice(&ZEROES[..usize::from(pad)]);
    }
}

/// Appends the empty record that ends a stream.
fn end_of_stream(record_type: RecordType, id: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(&RecordHeader::new(record_type, id, 0).encode());
}

impl Connection {
    fn index(&self, side: Side, record_type: RecordType, id: RequestId) -> Result<usize> {
        if self.side() != side {
            return Err(Error::Usage { record_type, id, why: "it goes the other way" });
        }
        self.find(id.get()).ok_or(Error::Usage { record_type, id, why: "no such request is open" })
    }

    fn move_inbound(
        &mut self,
        record_type: RecordType,
        id: RequestId,
        signal: InSignal,
    ) -> Result<()> {
        let index = self.index(Side::WebServer, record_type, id)?;
        let open = &mut self.open[index];
        open.inbound =
            inbound(open.inbound, signal).map_err(|why| Error::Usage { record_type, id, why })?;
        Ok(())
    }

    // ── web-server side ──────────────────────────────────────────────────────────────────────

    /// Opens a request.
    ///
    /// # Errors
    /// [`Error::Usage`] if the id is in use, too many requests are open, or on the other side.
    pub fn begin_request(
        &mut self,
        id: RequestId,
        role: Role,
        keep: bool,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let record_type = RecordType::BeginRequest;
        let why = if self.side() != Side::WebServer {
            "it goes the other way"
        } else if self.find(id.get()).is_some() {
            "the id is in use"
        } else if self.open.len() >= REQUESTS_PER_CONNECTION_MAX {
            "too many requests are open"
        } else {
            self.open(id, keep);
            let content = BeginRequest { role, keep_connection: keep }.encode();
            records(record_type, id.get(), &content, Padding::None, out);
            return Ok(());
        };
        Err(Error::Usage { record_type, id, why })
    }

    /// Sends all params and ends them. As IIS does, no pair straddles two records, unless it is
    /// larger than a record.
    ///
    /// # Errors
    /// [`Error::Usage`] if the request's state forbids it.
    pub fn params<'a>(
        &mut self,
        id: RequestId,
        pairs: impl IntoIterator<Item = (&'a [u8], &'a [u8])>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let mut content = Vec::new();
        for (name, value) in pairs {
            if !content.is_empty()
                && content.len() + encoded_pair_len(name, value) > CONTENT_BYTES_SENT
            {
                self.params_piece(id, &content, Padding::None, out)?;
                content.clear();
            }
            encode_pair(name, value, &mut content);
        }
        self.params_piece(id, &content, Padding::None, out)?;
        self.end_params(id, out)
    }

    /// Sends a piece of the params stream, cut anywhere: for tests that vary the cuts.
    ///
    /// # Errors
    /// [`Error::Usage`] if the request's state forbids it.
    pub fn params_piece(
        &mut self,
        id: RequestId,
        stream: &[u8],
        padding: Padding,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.move_inbound(RecordType::Params, id, InSignal::Params)?;
        records(RecordType::Params, id.get(), stream, padding, out);
        Ok(())
    }

    /// Ends the params.
    ///
    /// # Errors
    /// [`Error::Usage`] if the request's state forbids it.
    pub fn end_params(&mut self, id: RequestId, out: &mut Vec<u8>) -> Result<()> {
        self.move_inbound(RecordType::Params, id, InSignal::EndOfParams)?;
        end_of_stream(RecordType::Params, id.get(), out);
        Ok(())
    }

    /// Sends a piece of the request's body; nothing for an empty piece.
    ///
    /// # Errors
    /// [`Error::Usage`] if the request's state forbids it.
    pub fn stdin(
        &mut self,
        id: RequestId,
        data: &[u8],
        padding: Padding,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.move_inbound(RecordType::Stdin, id, InSignal::Stdin)?;
        records(RecordType::Stdin, id.get(), data, padding, out);
        Ok(())
    }

    /// Ends the request's body.
    ///
    /// # Errors
    /// [`Error::Usage`] if the request's state forbids it, for instance when it is ended already.
    pub fn end_stdin(&mut self, id: RequestId, out: &mut Vec<u8>) -> Result<()> {
        let record_type = RecordType::Stdin;
        let index = self.index(Side::WebServer, record_type, id)?;
        if self.open[index].inbound != Inbound::Stdin {
            return Err(Error::Usage { record_type, id, why: "the body is not open" });
        }
        self.open[index].inbound = Inbound::Complete;
        end_of_stream(record_type, id.get(), out);
        Ok(())
    }

    /// Tells that no answer is wanted any more; END_REQUEST will still come.
    ///
    /// # Errors
    /// [`Error::Usage`] if no such request is open.
    pub fn abort(&mut self, id: RequestId, out: &mut Vec<u8>) -> Result<()> {
        self.move_inbound(RecordType::AbortRequest, id, InSignal::Abort)?;
        end_of_stream(RecordType::AbortRequest, id.get(), out);
        Ok(())
    }

    /// Asks for values by name (§4.1). The answer is an `Event::Values`.
    pub fn get_values(&mut self, names: &[&[u8]], out: &mut Vec<u8>) {
        let mut content = Vec::new();
        for name in names {
            encode_pair(name, b"", &mut content);
        }
        records(RecordType::GetValues, RequestId::MANAGEMENT, &content, Padding::None, out);
    }

    // ── application side ─────────────────────────────────────────────────────────────────────

    /// Plans STDOUT records for `total` bytes and, with `end`, the request's end; the caller emits
    /// the frames and then the returned bytes in one write. With 0 bytes only the end is planned.
    ///
    /// # Errors
    /// [`Error::Usage`] if no such request is open.
    pub fn plan_stdout(
        &mut self,
        id: RequestId,
        total: usize,
        end: Option<EndRequest>,
        padding: Padding,
        frames: &mut Frames,
    ) -> Result<Option<EndOfResponse>> {
        let record_type = RecordType::Stdout;
        let index = self.index(Side::Application, record_type, id)?;
        let usage = |why| Error::Usage { record_type, id, why };
        if total > 0 {
            outbound(self.open[index].outbound, OutSignal::Stdout, true).map_err(usage)?;
        }
        frames.plan(id, total, padding);
        Ok(end.map(|end| {
            self.open.swap_remove(index);
            EndOfResponse::new(id, end)
        }))
    }

    /// Appends a piece of the response; nothing for an empty piece.
    ///
    /// # Errors
    /// [`Error::Usage`] if the request's state forbids it.
    pub fn stdout(
        &mut self,
        id: RequestId,
        data: &[u8],
        padding: Padding,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let record_type = RecordType::Stdout;
        let index = self.index(Side::Application, record_type, id)?;
        let open = &mut self.open[index];
        open.outbound = outbound(open.outbound, OutSignal::Stdout, true)
            .map_err(|why| Error::Usage { record_type, id, why })?;
        records(record_type, id.get(), data, padding, out);
        Ok(())
    }

    /// Appends a piece of error text. Remember that IIS shows it to the visitor.
    ///
    /// # Errors
    /// [`Error::Usage`] if no such request is open.
    pub fn stderr(
        &mut self,
        id: RequestId,
        data: &[u8],
        padding: Padding,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.index(Side::Application, RecordType::Stderr, id)?;
        records(RecordType::Stderr, id.get(), data, padding, out);
        Ok(())
    }

    /// Ends STDOUT and the request.
    ///
    /// # Errors
    /// [`Error::Usage`] if no such request is open.
    pub fn end_request(&mut self, id: RequestId, end: EndRequest, out: &mut Vec<u8>) -> Result<()> {
        let index = self.index(Side::Application, RecordType::EndRequest, id)?;
        self.open.swap_remove(index);
        out.extend_from_slice(EndOfResponse::new(id, end).bytes());
        Ok(())
    }
}
