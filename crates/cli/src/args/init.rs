//! Owns the flags of `iisgate init`.
//!
//! Does not own what is written (`iis::init`).

use super::ConsentArgs;
use clap::ValueEnum;
use std::path::PathBuf;

/// Makes a folder a site: finds the app, writes or edits web.config and [tool.iisgate]
///
/// Shows what would change and asks before it writes. What is there stays, comments included; an
/// old file is kept as web.backup-1.config. A second run changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate init                                 this folder
  iisgate init C:\\sites\\shop --yes             without being asked
  iisgate init --target shop.web:create_app()  the app that is not found
  iisgate init --from wfastcgi                 converts a site of wfastcgi
  iisgate init --from httpplatform             converts a site of HttpPlatformHandler

Without a terminal and without --yes the changes are shown and not made.

Exit status: 0 as it should be, 1 nothing written: no app found, a file is wrong, or not agreed to,
2 a file cannot be read or written.")]
pub(crate) struct InitArgs {
    /// The site's folder [default: this folder]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// The app: module:attr, file.py:attr, file.ini … [default: what is found]
    #[arg(long, value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// What the site was made for
    #[arg(long = "from", value_name = "WHAT", value_enum)]
    pub(crate) origin: Option<OriginName>,
    /// The full path of iisgate on the server [default: this program on Windows, else as installed]
    #[arg(long, value_name = "PATH")]
    pub(crate) program: Option<String>,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
}

/// What a site was made for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OriginName {
    /// Microsoft's wfastcgi
    Wfastcgi,
    /// HttpPlatformHandler with waitress or the like
    Httpplatform,
}
