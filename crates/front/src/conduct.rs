//! Owns how the stand-in behaves where nobody has documented what IIS does, or where IIS's versions
//! differ: an application must bear all of it.
//!
//! Does not own the names by which someone asks for it: `ways` does.

pub use platform::launch::Manner;

/// How request params and bodies are cut into records: IIS's way is not documented, so no
/// application may depend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Cut {
    /// Pairs whole within a record, records as large as they may be.
    #[default]
    Whole,
    /// Records of at most this many content bytes, cut anywhere.
    Every(usize),
}

/// What becomes of an instance whose client goes in the middle of a request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientGone {
    /// It is ended.
    #[default]
    EndsInstance,
    /// It serves on once its response was read to its end and thrown away.
    ReadsOn,
    /// It gets FCGI_ABORT_REQUEST, and serves on if it ends the request soon.
    Aborts,
}

/// How the stand-in behaves where it may choose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Conduct {
    /// How instances are started.
    pub manner: Manner,
    /// How records are cut.
    pub cut: Cut,
    /// Every request has id 1; otherwise ids rotate, from a start that differs from run to run.
    pub has_fixed_id: bool,
    /// Decoded text in server variables comes in code page 1252; otherwise as UTF-8.
    pub is_ansi: bool,
    /// The response is read only after the whole body was sent; otherwise both go on at once.
    pub reads_after_body: bool,
    /// A response leaves when it is complete or `responseBufferLimit` bytes are there; otherwise
    /// as it comes.
    pub buffers_response: bool,
    /// What becomes of an instance whose client goes.
    pub client_gone: ClientGone,
    /// All handler mappings behave as with `allowPathInfo="true"`.
    pub allows_path_info: bool,
    /// What a FastCGI application leaves out has the default of IIS 7.0, not of 10.
    pub has_old_defaults: bool,
}
