//! Owns the flags of `iisgate serve`.
//!
//! Does not own those that `iisgate request` has, too (`site`).

use super::site::SiteArgs;
use std::path::PathBuf;

/// The stand-in for IIS: serves a folder's web.config over HTTP, with IIS's process rules
///
/// What IIS Express understands is understood, too: /path:DIR /port:N /config:FILE /site:NAME.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate serve examples/flask
  iisgate serve . --port 8080 --reload --debug
  iisgate serve --config applicationHost.config --site Intranet")]
pub(crate) struct ServeArgs {
    /// The site's folder, with its web.config [default: this one]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) site: SiteArgs,
    /// Listen at this host [default: the binding's, else 127.0.0.1]
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// Listen at this port, 0 for any free one [default: the binding's, else 8000]
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    /// Replace the worker when the code changes
    #[arg(long)]
    pub(crate) reload: bool,
}
