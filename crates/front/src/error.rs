//! Owns what keeps the stand-in from starting or a one-off request from being answered.
//!
//! Does not own what goes wrong with a request under way: that becomes an HTTP response.

use std::io;
use std::path::PathBuf;

/// Why the front could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A configuration file could not be understood.
    #[error(transparent)]
    Configuration(#[from] iis::Error),
    /// The `applicationHost.config` has no such site.
    #[error("{} has no site: {name} (it has {})", path.display(), known.join(", "))]
    NoSuchSite {
        /// The file.
        path: PathBuf,
        /// The site asked for.
        name: String,
        /// The sites it has.
        known: Vec<String>,
    },
    /// A site's folder is not there.
    #[error("the site's folder does not exist: {}", path.display())]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// Host and port.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The system refused something else.
    #[error("{what}: {source}")]
    Io {
        /// What was to be done.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A certificate cannot be used or made.
    #[error("HTTPS needs another certificate: {0}")]
    Certificate(String),
    /// A one-off request is malformed.
    #[error("not a request that HTTP can carry: {0}")]
    UsageRequest(String),
    /// The response to a one-off request ended before it was complete.
    #[error("the response is incomplete: {0}")]
    Truncated(String),
}
