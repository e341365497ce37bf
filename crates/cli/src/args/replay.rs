//! Owns the flags of `iisgate replay`.
//!
//! Does not own recording (`fcgi`).

use super::app::seconds;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// Asks an app again what a recording asked (see iisgate fcgi --record), and compares the answers
///
/// Starts a FastCGI program as IIS does and sends it what the web server sent, in the same pieces
/// and order; each next request waits until those are answered that had been answered. Compared are
/// status, headers and the body's length; dates and what is masked are not. An app may answer
/// masked requests differently: a recording made with --record-secrets is asked to the letter.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate replay wire.txt --show                    the conversation, for reading
  iisgate replay wire.txt app:app --site examples/flask
  iisgate replay wire.txt -- C:\\Python\\python.exe C:\\Python\\wfastcgi.py   another program

Exit status: 0 the same answers, 1 others, 2 it could not be tried.")]
pub(crate) struct ReplayArgs {
    /// The recording
    pub(crate) file: PathBuf,
    /// The app, as iisgate fcgi takes it [default: detected]
    pub(crate) target: Option<String>,
    /// The site's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) site: PathBuf,
    /// The interpreter, or a virtual environment [default: the site's .venv, then this one's]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// Seconds that an answer may take [default: 60]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) timeout: Option<Duration>,
    /// Only print what was said, record by record
    #[arg(long)]
    pub(crate) show: bool,
    /// Start this program instead of iisgate fcgi
    #[arg(last = true, conflicts_with_all = ["target", "python"])]
    pub(crate) command: Vec<OsString>,
}
