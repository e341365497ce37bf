//! Owns the flags of the commands that run an app.
//!
//! Does not own what they mean (`gate::Settings`).

use clap::builder::FalseyValueParser;
use platform::log_file::LogForm;
use std::path::PathBuf;
use std::time::Duration;

/// What the app is and how it is run: common to the commands that run it.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct AppArgs {
    /// The interpreter, or a virtual environment [default: the site's .venv, then this one's]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// Most requests that a worker serves at once [default: 16]
    #[arg(long, value_name = "N", env = "IISGATE_THREADS", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(crate) threads: Option<u32>,
    /// The log file, or - for standard error
    #[arg(long, value_name = "FILE", env = "IISGATE_LOG")]
    pub(crate) log: Option<String>,
    /// How the log is written: text for people; json, one object for each event; plain, for who sits
    /// before it [default: text]
    #[arg(long, value_name = "FORMAT", env = "IISGATE_LOG_FORMAT")]
    pub(crate) log_format: Option<LogForm>,
    /// Answer errors with the developer's page: traceback, environ, last log lines
    #[arg(long, env = "IISGATE_DEBUG", value_parser = FalseyValueParser::new())]
    pub(crate) debug: bool,
    /// Who sees that page: local (this machine), an IP address, or anyone. Requests that a reverse proxy
    /// passes on see it with anyone alone [default: local]
    #[arg(long, value_name = "WHO", env = "IISGATE_DEBUG_FOR")]
    pub(crate) debug_for: Option<gate::debug::Viewers>,
    /// Show why the app does not start, for the web server answers this machine alone
    #[arg(long, hide = true, env = "IISGATE_LOCAL", value_parser = FalseyValueParser::new())]
    pub(crate) local: bool,
    /// The URL path that the app is mounted at
    #[arg(long, value_name = "PATH")]
    pub(crate) script_name: Option<String>,
    /// Believe a client's X-Original-URL header (URL Rewrite's is believed anyway)
    #[arg(long)]
    pub(crate) trust_original_url: bool,
    /// Replace the worker when the code changes
    #[arg(long, env = "IISGATE_RELOAD", value_parser = FalseyValueParser::new())]
    pub(crate) reload: bool,
    /// Seconds that a request may take: then it is answered 504, the log tells where the app was,
    /// and the worker is replaced; 0 for no limit [default: none but the web server's]
    #[arg(long, value_name = "SECONDS", env = "IISGATE_TIMEOUT", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    /// Replace the worker after so many requests, or up to a tenth more
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_requests: Option<u32>,
    /// Replace the worker when it needs more memory
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_memory: Option<u32>,
    /// Replace the worker when it is older, up to a tenth
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) max_age: Option<Duration>,
    /// Seconds that a worker stays after its last gate [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) grace: Option<Duration>,
}

/// A number of seconds.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("not a number of seconds: {text}"))?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
