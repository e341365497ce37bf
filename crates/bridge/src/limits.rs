//! Owns the bounds of requests and responses above the protocol, each with its reason.
//!
//! Does not own the protocol's own bounds: see `fastcgi::limits`.

/// Bytes of a request's body held in memory while the app reads behind; what is more is spooled to
/// a temporary file. Django and Werkzeug spool uploads at 2.5 MiB and 500 KB.
pub const BODY_BUFFER_BYTES: usize = 1024 * 1024;

/// Bytes asked of a file at a time by `wsgi.file_wrapper`: one record's worth.
pub const FILE_BLOCK_BYTES: usize = 64 * 1024;

/// Bytes of an app's response head. IIS's own bound is 64 KiB by default; the protocol core of our
/// stand-in reads four times as much.
pub const HEAD_BYTES_MAX: usize = fastcgi::limits::HEAD_BYTES_MAX;
