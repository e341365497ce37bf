//! Owns the crate's one error type: who broke which rule, and where in the stream.
//!
//! Owns no recovery: errors of [`Error::Peer`] kind end the connection, the caller closes it.

use crate::record::{RecordType, RequestId};
use alloc::string::String;

/// The crate's result.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// What went wrong. `Peer…` means the other end broke the protocol and the connection cannot go
/// on; `Usage…` means the caller of this crate did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The version byte is not 1 (§3.3): most likely the peer does not speak FastCGI at all.
    #[error("record at byte {at}: version is not 1: {version}")]
    PeerVersion {
        /// Offset of the record's first byte in the stream.
        at: u64,
        /// The version byte found.
        version: u8,
    },
    /// A record came that its request's state does not allow.
    #[error("record at byte {at}: {record_type:?} is out of order for request {id}: {why}")]
    PeerOutOfOrder {
        /// Offset of the record's first byte in the stream.
        at: u64,
        /// The offending record's type.
        record_type: RecordType,
        /// The request it names.
        id: u16,
        /// The rule that it breaks.
        why: &'static str,
    },
    /// A record's content has the wrong size for its type.
    #[error(
        "record at byte {at}: {record_type:?} has a content length of {length}, expected {expected}"
    )]
    PeerContentLength {
        /// Offset of the record's first byte in the stream.
        at: u64,
        /// The offending record's type.
        record_type: RecordType,
        /// The length found.
        length: usize,
        /// What would have been right.
        expected: &'static str,
    },
    /// The name–value stream is cut short or claims lengths past its end.
    #[error(
        "name-value pair {index} at byte {at} of the params claims {claimed} bytes, {left} are left"
    )]
    PeerNameValue {
        /// Which pair, from 0.
        index: usize,
        /// Offset of the pair in the stream of pairs.
        at: usize,
        /// Bytes that name and value would take.
        claimed: u64,
        /// Bytes that are there.
        left: usize,
    },
    /// A bound of [`crate::limits`] is overstepped.
    #[error("record at byte {at}: {what} is over its limit: {limit}")]
    PeerLimit {
        /// Offset of the record's first byte in the stream.
        at: u64,
        /// What is too large or too many.
        what: &'static str,
        /// The bound.
        limit: usize,
    },
    /// A CGI response head is malformed.
    #[error("response head, line {line}: {why}: {text}")]
    PeerHead {
        /// Line number from 1.
        line: usize,
        /// The rule that it breaks.
        why: &'static str,
        /// The line, cut to a readable length.
        text: String,
    },
    /// The caller sent something that the request's state does not allow.
    #[error("cannot send {record_type:?} for request {id:?}: {why}")]
    Usage {
        /// What was to be sent.
        record_type: RecordType,
        /// For which request.
        id: RequestId,
        /// The rule against it.
        why: &'static str,
    },
}
