//! Owns every bound of the protocol core, each with its reason.
//!
//! Owns no policy: what happens past a bound is told where the bound is applied.

/// Most content bytes in one record: the length field has 16 bits (§3.3).
pub const CONTENT_BYTES_MAX: usize = 65_535;

/// Content bytes per record we send. A multiple of 8, as §3.3 advises; PHP uses the same figure.
pub const CONTENT_BYTES_SENT: usize = 65_528;

/// Most bytes of PARAMS in one request. HTTP.sys allows up to 16 MiB of headers by registry, its
/// default is 16 KiB; nginx allows 4 × 8 KiB, Apache 100 × 8 KiB. 1 MiB holds any sign-on cookie
/// seen in the wild and cannot hurt a server.
pub const PARAMS_BYTES_MAX: usize = 1024 * 1024;

/// Most name–value pairs in one request. IIS sends 41 and one per header; Apache allows 100
/// headers, nginx about 1,000 within its buffers.
pub const PARAMS_COUNT_MAX: usize = 10_000;

/// Most requests open at once on one connection. No web server known to us opens two; the bound
/// keeps a peer from making us remember 65,535.
pub const REQUESTS_PER_CONNECTION_MAX: usize = 64;

/// Most content bytes of a record that must be read whole (BEGIN_REQUEST, END_REQUEST and the
/// management records). GET_VALUES with the three names of §4.1 takes 50.
pub const CONTROL_BYTES_MAX: usize = 4096;

/// Bytes of the read buffer of a connection. Holds BEGIN, PARAMS and a small body of an ordinary
/// request in one read, and is at least a record of the size that peers send when streaming.
pub const INPUT_BUFFER_BYTES: usize = 64 * 1024;

/// Most bytes of replies that wait to be sent (GET_VALUES_RESULT, UNKNOWN_TYPE, refusals). A peer
/// that asks without reading answers is cut off rather than remembered.
pub const REPLY_BYTES_MAX: usize = 64 * 1024;

/// Most bytes of a CGI response head. IIS's own response header limit is 64 KiB by default; many
/// `Set-Cookie` lines of a few KiB each fit into 256 KiB.
pub const HEAD_BYTES_MAX: usize = 256 * 1024;

/// Most header lines in a CGI response head.
pub const HEAD_LINES_MAX: usize = 1_000;
