//! Owns the request side of one exchange: params and body as records, on their way out.
//!
//! Does not write to the stream, nor await the body: `exchange` does.

use fastcgi::{
    Connection, Padding, RecordHeader, RecordType, RequestId, Result, Role, encode_pair,
};

use crate::conduct::Cut;
use crate::server_variables::Variable;

/// The request of one exchange, as far as it was made into records.
#[derive(Debug)]
pub(crate) struct Sending {
    id: RequestId,
    cut: Cut,
    /// Encoded records, and how much of them is written.
    out: Vec<u8>,
    written: usize,
    /// The instance takes no more of the request.
    is_deaf: bool,
    is_body_done: bool,
}

impl Sending {
    pub(crate) fn new(id: RequestId, cut: Cut) -> Self {
        let out = Vec::with_capacity(8 * 1024);
        Sending { id, cut, out, written: 0, is_deaf: false, is_body_done: false }
    }

    /// What is to be written next.
    pub(crate) fn unwritten(&self) -> &[u8] {
        &self.out[self.written..]
    }

    /// Takes note of what was written of it.
    pub(crate) fn wrote(&mut self, count: usize) {
        self.written += count;
    }

    /// Takes note that the instance takes no more.
    pub(crate) fn deafened(&mut self) {
        self.is_deaf = true;
    }

    pub(crate) fn is_deaf(&self) -> bool {
        self.is_deaf
    }

    /// Whether the body has come to its end, written or not.
    pub(crate) fn is_body_done(&self) -> bool {
        self.is_body_done
    }

    pub(crate) fn may_write(&self) -> bool {
        !self.unwritten().is_empty() && !self.is_deaf
    }

    /// Bounds memory: a piece of the body is taken when the last one has left.
    pub(crate) fn may_take_body(&self) -> bool {
        self.unwritten().is_empty() && !self.is_body_done
    }

    /// Whether all that will ever be written has been.
    pub(crate) fn is_through(&self) -> bool {
        self.is_deaf || (self.is_body_done && self.unwritten().is_empty())
    }

    /// BEGIN_REQUEST and PARAMS.
    pub(crate) fn begin(&mut self, connection: &mut Connection, params: &[Variable]) -> Result<()> {
        let (id, out) = (self.id, &mut self.out);
        connection.begin_request(id, Role::Responder, true, out)?;
        match self.cut {
            Cut::Whole => {
                let pairs = params.iter().map(|(name, value)| (name.as_bytes(), value.as_slice()));
                connection.params(id, pairs, out)
            }
            Cut::Every(size) => {
                let mut stream = Vec::new();
                for (name, value) in params {
                    encode_pair(name.as_bytes(), value, &mut stream);
                }
                for piece in stream.chunks(size.max(1)) {
                    connection.params_piece(id, piece, Padding::Align8, out)?;
                }
                connection.end_params(id, out)
            }
        }
    }

    /// A piece of the body.
    pub(crate) fn body(&mut self, connection: &mut Connection, data: &[u8]) -> Result<()> {
        self.reuse_room();
        let (size, padding) = match self.cut {
            Cut::Whole => (data.len(), Padding::None),
            Cut::Every(size) => (size.max(1), Padding::Align8),
        };
        data.chunks(size)
            .try_for_each(|part| connection.stdin(self.id, part, padding, &mut self.out))
    }

    /// The end of the body.
    pub(crate) fn end_body(&mut self, connection: &mut Connection) -> Result<()> {
        if self.is_body_done {
            return Ok(());
        }
        self.reuse_room();
        self.is_body_done = true;
        connection.end_stdin(self.id, &mut self.out)
    }

    /// FCGI_ABORT_REQUEST. No more of the body follows it.
    pub(crate) fn abort(&mut self, connection: &mut Connection) -> Result<()> {
        self.reuse_room();
        self.is_body_done = true;
        connection.abort(self.id, &mut self.out)
    }

    /// After END_REQUEST: a body that was not wanted to its end still has to end, at a record's
    /// border, before the next request can begin.
    pub(crate) fn end_unwanted_body(&mut self) {
        if !self.is_body_done {
            let end = RecordHeader::new(RecordType::Stdin, self.id.get(), 0);
            self.out.extend_from_slice(&end.encode());
        }
    }

    fn reuse_room(&mut self) {
        if self.unwritten().is_empty() {
            self.out.clear();
            self.written = 0;
        }
    }
}
