//! Owns the commands of `iisgate iis` and their flags.
//!
//! Does not own what they do (`commands::iis`).

use clap::Subcommand;
use std::path::PathBuf;

/// What concerns a site under IIS
#[derive(Debug, clap::Args)]
pub(crate) struct IisArgs {
    #[command(subcommand)]
    pub(crate) command: IisCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IisCommand {
    Recycle(RecycleArgs),
}

/// Replaces a site's worker: a new one is started and ready before the old one goes
///
/// No request is lost: those in flight are finished by the old worker. If the new one cannot start,
/// the old one goes on.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate iis recycle
  iisgate iis recycle C:\\sites\\shop

It has to be called by the user as whom the site runs. Who may write the site's folder can also
touch tmp/restart.txt there.

Exit status: 0 replaced, 1 not replaced, or nothing runs.")]
pub(crate) struct RecycleArgs {
    /// The site's folder [default: this folder]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}
