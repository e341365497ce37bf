//! Owns what a connection reports, and the words for its two sides.
//!
//! Does not own when it is reported: see `connection`.

use crate::error::{Error, Result};
use crate::name_value::{Pairs, pairs};
use crate::record::{EndRequest, RecordType, RequestId};

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
