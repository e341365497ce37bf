//! Owns the bounds on what is read: each with its reason.
//!
//! Does not own what happens beyond them: an [`Error`](crate::Error) that tells the bound.

/// The largest file, in bytes. The `applicationHost.config` of a crowded shared host takes a few MB;
/// IIS itself refuses a `web.config` beyond 250 KB (`MaxWebConfigFileSizeInKB`).
pub const DOCUMENT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The most elements in one file: far above what 16 MB of real settings hold, and few enough that
/// their places take no more than some ten times the file.
pub const ELEMENTS_MAX: usize = 1_000_000;

/// The most attributes of one element. The richest elements that IIS knows have about 50; each new
/// attribute is compared with those before it, so there must be an end.
pub const ATTRIBUTES_MAX: usize = 256;

/// The deepest nesting. IIS's own schema needs 9.
pub const DEPTH_MAX: usize = 64;

/// How many bytes may hold the XML declaration. It is pure ASCII and about 60 bytes long.
pub const DECLARATION_BYTES_MAX: usize = 200;
