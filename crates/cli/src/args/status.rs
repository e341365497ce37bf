//! Owns the flags of `iisgate status`.
//!
//! Does not own what is told (`gate::status`).

use super::form::OutputForm;
use std::path::PathBuf;

/// Shows what runs: sites, their workers and gates, helpers, and what dead ones left behind
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate status
  iisgate status C:\\sites\\shop             one site
  iisgate status -o json | jq '.workers[].requests'

Shown is what runs as the user who asks: sites that IIS serves run as their app pool's identity, so
ask as that. Workers behind --listen belong to their supervisor and are not shown.

Exit status: 0 something runs, 1 nothing does.")]
pub(crate) struct StatusArgs {
    /// The folder of one site [default: all sites]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// How to print it
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = OutputForm::Text)]
    pub(crate) output: OutputForm,
}
