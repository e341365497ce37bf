//! Owns the fixed shapes of §3.3 and §5: record header, types, roles, BEGIN and END bodies.
//!
//! Does not own what may follow what: see `state`.

use core::fmt;
use core::num::NonZeroU16;

/// The only protocol version there is (FCGI_VERSION_1).
pub const VERSION_1: u8 = 1;

/// Bytes of a record header (FCGI_HEADER_LEN).
pub const HEADER_LEN: usize = 8;

/// The id of a request: never 0, which marks management records (§3.3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(NonZeroU16);

impl RequestId {
    /// The id that management records carry, FCGI_NULL_REQUEST_ID.
    pub const MANAGEMENT: u16 = 0;

    /// Makes an id; `None` for 0.
    pub const fn new(id: u16) -> Option<Self> {
        match NonZeroU16::new(id) {
            Some(id) => Some(Self(id)),
            None => None,
        }
    }

    /// The id as it stands on the wire.
    pub const fn get(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The type of a record (§8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordType {
    /// FCGI_BEGIN_REQUEST, 1.
    BeginRequest,
    /// FCGI_ABORT_REQUEST, 2.
    AbortRequest,
    /// FCGI_END_REQUEST, 3.
    EndRequest,
    /// FCGI_PARAMS, 4.
    Params,
    /// FCGI_STDIN, 5.
    Stdin,
    /// FCGI_STDOUT, 6.
    Stdout,
    /// FCGI_STDERR, 7.
    Stderr,
    /// FCGI_DATA, 8.
    Data,
    /// FCGI_GET_VALUES, 9.
    GetValues,
    /// FCGI_GET_VALUES_RESULT, 10.
    GetValuesResult,
    /// FCGI_UNKNOWN_TYPE, 11.
    UnknownType,
    /// Any other number: a type this version does not know.
    Other(u8),
}

impl RecordType {
    /// The type of a number on the wire.
    pub const fn decode(number: u8) -> Self {
        match number {
            1 => Self::BeginRequest,
            2 => Self::AbortRequest,
            3 => Self::EndRequest,
            4 => Self::Params,
            5 => Self::Stdin,
            6 => Self::Stdout,
            7 => Self::Stderr,
            8 => Self::Data,
            9 => Self::GetValues,
            10 => Self::GetValuesResult,
            11 => Self::UnknownType,
            other => Self::Other(other),
        }
    }

    /// The number on the wire.
    pub const fn encode(self) -> u8 {
        match self {
            Self::BeginRequest => 1,
            Self::AbortRequest => 2,
            Self::EndRequest => 3,
            Self::Params => 4,
            Self::Stdin => 5,
            Self::Stdout => 6,
            Self::Stderr => 7,
            Self::Data => 8,
            Self::GetValues => 9,
            Self::GetValuesResult => 10,
            Self::UnknownType => 11,
            Self::Other(number) => number,
        }
    }
}

/// The eight bytes before each record's content (§3.3). Numbers are big-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordHeader {
    /// The version byte; anything but 1 is an error.
    pub version: u8,
    /// What kind of record follows.
    pub record_type: RecordType,
    /// The request's id, 0 for management records.
    pub request_id: u16,
    /// Bytes of content that follow the header.
    pub content_length: u16,
    /// Bytes to skip after the content.
    pub padding_length: u8,
}

impl RecordHeader {
    /// A header of version 1 without padding.
    pub const fn new(record_type: RecordType, request_id: u16, content_length: u16) -> Self {
        Self { version: VERSION_1, record_type, request_id, content_length, padding_length: 0 }
    }

    /// Reads a header; any eight bytes are one.
    pub const fn decode(bytes: [u8; HEADER_LEN]) -> Self {
        Self {
            version: bytes[0],
            record_type: RecordType::decode(bytes[1]),
            request_id: u16::from_be_bytes([bytes[2], bytes[3]]),
            content_length: u16::from_be_bytes([bytes[4], bytes[5]]),
            padding_length: bytes[6],
        }
    }

    /// The header as it stands on the wire.
    pub const fn encode(self) -> [u8; HEADER_LEN] {
        let id = self.request_id.to_be_bytes();
        let length = self.content_length.to_be_bytes();
        let number = self.record_type.encode();
        [self.version, number, id[0], id[1], length[0], length[1], self.padding_length, 0]
    }
}

/// What the web server wants of the application (§6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// FCGI_RESPONDER: answer an HTTP request. The only role we fill.
    Responder,
    /// FCGI_AUTHORIZER: decide whether a request may pass.
    Authorizer,
    /// FCGI_FILTER: answer from a file that the web server sends along.
    Filter,
    /// A number the specification does not know.
    Other(u16),
}

impl Role {
    /// The number on the wire.
    pub const fn encode(self) -> u16 {
        match self {
            Self::Responder => 1,
            Self::Authorizer => 2,
            Self::Filter => 3,
            Self::Other(number) => number,
        }
    }

    /// The role of a number on the wire.
    pub const fn decode(number: u16) -> Self {
        match number {
            1 => Self::Responder,
            2 => Self::Authorizer,
            3 => Self::Filter,
            other => Self::Other(other),
        }
    }
}

/// FCGI_KEEP_CONN: bit 0 of BEGIN_REQUEST's flags.
const KEEP_CONN: u8 = 1;

/// The content of a BEGIN_REQUEST record (§5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeginRequest {
    /// What the web server wants.
    pub role: Role,
    /// Whether the application leaves the connection open after the response.
    pub keep_connection: bool,
}

impl BeginRequest {
    /// Reads the content of a BEGIN_REQUEST record; reserved bytes are not looked at.
    pub const fn decode(content: [u8; 8]) -> Self {
        Self {
            role: Role::decode(u16::from_be_bytes([content[0], content[1]])),
            keep_connection: content[2] & KEEP_CONN != 0,
        }
    }

    /// The content as it stands on the wire.
    pub const fn encode(self) -> [u8; 8] {
        let role = self.role.encode().to_be_bytes();
        [role[0], role[1], if self.keep_connection { KEEP_CONN } else { 0 }, 0, 0, 0, 0, 0]
    }
}

/// How the protocol sees the end of a request (§5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProtocolStatus {
    /// FCGI_REQUEST_COMPLETE: the normal end.
    RequestComplete,
    /// FCGI_CANT_MPX_CONN: refused, one request at a time per connection.
    CantMpxConn,
    /// FCGI_OVERLOADED: refused, out of some resource.
    Overloaded,
    /// FCGI_UNKNOWN_ROLE: refused, the application does not fill that role.
    UnknownRole,
    /// A number the specification does not know.
    Other(u8),
}

impl ProtocolStatus {
    /// The number on the wire.
    pub const fn encode(self) -> u8 {
        match self {
            Self::RequestComplete => 0,
            Self::CantMpxConn => 1,
            Self::Overloaded => 2,
            Self::UnknownRole => 3,
            Self::Other(number) => number,
        }
    }

    /// The status of a number on the wire.
    pub const fn decode(number: u8) -> Self {
        match number {
            0 => Self::RequestComplete,
            1 => Self::CantMpxConn,
            2 => Self::Overloaded,
            3 => Self::UnknownRole,
            other => Self::Other(other),
        }
    }
}

/// The content of an END_REQUEST record (§5.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndRequest {
    /// The application's exit status, as a CGI program would have had; 0 is success.
    pub app_status: u32,
    /// How the protocol sees it.
    pub protocol_status: ProtocolStatus,
}

impl EndRequest {
    /// The normal end: status 0, complete.
    pub const COMPLETE: Self =
        Self { app_status: 0, protocol_status: ProtocolStatus::RequestComplete };

    /// Reads the content of an END_REQUEST record.
    pub const fn decode(content: [u8; 8]) -> Self {
        Self {
            app_status: u32::from_be_bytes([content[0], content[1], content[2], content[3]]),
            protocol_status: ProtocolStatus::decode(content[4]),
        }
    }

    /// The content as it stands on the wire.
    pub const fn encode(self) -> [u8; 8] {
        let status = self.app_status.to_be_bytes();
        let protocol = self.protocol_status.encode();
        [status[0], status[1], status[2], status[3], protocol, 0, 0, 0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_round_trips_for_every_type() {
        for number in 0..=255u8 {
            let bytes = [1, number, 0x12, 0x34, 0xAB, 0xCD, 7, 0];
            let header = RecordHeader::decode(bytes);
            assert_eq!(header.record_type.encode(), number);
            assert_eq!(header.encode(), bytes);
        }
    }

    #[test]
    fn bodies_round_trip() {
        let begin = BeginRequest { role: Role::Filter, keep_connection: true };
        assert_eq!(BeginRequest::decode(begin.encode()), begin);
        for number in 0..=5u8 {
            let end = EndRequest {
                app_status: 0xDEAD_BEEF,
                protocol_status: ProtocolStatus::decode(number),
            };
            assert_eq!(EndRequest::decode(end.encode()), end);
        }
    }
}
