//! Owns the flags of `iisgate serve`.
//!
//! Does not own those that `iisgate request` has, too (`site`).

use super::site::SiteArgs;
use std::path::PathBuf;

/// `front::HTTPS_PORT_DEFAULT`, as it is typed.
const HTTPS_PORT: &str = "8443";

/// The stand-in for IIS: serves a folder's web.config over HTTP, with IIS's process rules
///
/// What IIS Express understands is understood, too: /path:DIR /port:N /config:FILE /site:NAME.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate serve examples/flask
  iisgate serve . --port 8080 --reload --debug
  iisgate serve . --https                              a development certificate, port 8443
  iisgate serve . --as 'CORP\\ann'                     as if she had signed on with Windows
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
    /// Listen for HTTPS, too: at port N, else at 8443 [default: the https binding's, if there is one]
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = HTTPS_PORT)]
    pub(crate) https: Option<u16>,
    /// The certificate for HTTPS, as PEM [default: one for this user alone, made when it is missing]
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The private key of --cert, as PEM
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Replace the worker when the code changes
    #[arg(long)]
    pub(crate) reload: bool,
    /// Print no line for requests that were answered; failures (500 and above) are told
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
