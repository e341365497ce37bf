//! Owns what the user set for gate and workers, after flags and environment were read.
//!
//! Does not own reading them (`cli`), nor what the site's files say (`plan`).

use crate::debug::Viewers;
use platform::log_file::LogForm;
use std::path::PathBuf;
use std::time::Duration;

/// What was set. `None` means: ask the site's files, then the default.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The app.
    pub target: Option<String>,
    /// The site's folder; without it, IIS's first request tells (`APPL_PHYSICAL_PATH`).
    pub site: Option<PathBuf>,
    /// `APPL_PHYSICAL_PATH` as IIS sent it, when the site was learnt from it: the worker serves no
    /// other.
    pub bound_to: Option<String>,
    /// Whether the app works in the site's folder where nothing else is said, as people expect of a
    /// server that they start there (`--listen`).
    pub works_in_site: bool,
    /// The interpreter.
    pub python: Option<PathBuf>,
    /// Threads per worker.
    pub threads: Option<u32>,
    /// Workers that share the load.
    pub workers: Option<u32>,
    /// The log file, or `-` for standard error.
    pub log: Option<String>,
    /// How it is written.
    pub log_format: Option<LogForm>,
    /// The developer's page.
    pub debug: bool,
    /// For whom that page is [default: who asks from this machine].
    pub debug_for: Option<Viewers>,
    /// Whether the web server answers this machine alone, as our stand-in does: then why an app
    /// does not start is shown in full even without `debug`.
    pub is_local: bool,
    /// The mount.
    pub script_name: Option<String>,
    /// Whether to believe a client's `X-Original-URL`.
    pub trust_original_url: bool,
    /// Whether to replace the worker when the code changes.
    pub reload: bool,
    /// How long a request may take.
    pub timeout: Option<Duration>,
    /// Requests after which a worker is replaced.
    pub max_requests: Option<u32>,
    /// MiB of memory beyond which a worker is replaced.
    pub max_memory_mib: Option<u32>,
    /// How old a worker becomes.
    pub max_age: Option<Duration>,
    /// Whether bytes are passed on instead of handing the pipe over, as for a worker that may not
    /// fetch it.
    pub relay: bool,
    /// How long a worker stays after its last gate.
    pub grace: Option<Duration>,
}
