//! Owns the flags of `iisgate request`.
//!
//! Does not own those that `iisgate serve` has, too (`site`).

use super::site::SiteArgs;
use std::path::PathBuf;

/// One request through the whole stack, without a socket: the response on stdout
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate request GET /hello
  iisgate request GET '/environ?x=1' --dir examples/flask -v      head and records on stderr, too
  iisgate request POST /sha256 --data @photo.jpg -H 'Content-Type: image/jpeg'

Exit status: 0 for a status below 400, 1 for others, 2 if there was no response.")]
pub(crate) struct RequestArgs {
    /// GET, POST, …
    pub(crate) method: String,
    /// A path with its query, or a whole URL
    pub(crate) url: String,
    /// The site's folder, with its web.config
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) site: SiteArgs,
    /// A header; may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE")]
    pub(crate) headers: Vec<String>,
    /// The body; @FILE takes it from a file
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) data: Option<String>,
    /// Show the response's head and every record, on stderr
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Print the response's head before its body
    #[arg(short, long)]
    pub(crate) include: bool,
}
