//! Owns the flags of the hidden `iisgate keep`.
//!
//! Does not own how it is started (`gate::helpers`).

use platform::log_file::LogForm;
use std::path::PathBuf;

/// Keeps the helpers of a site: gates start this
#[derive(Debug, clap::Args)]
pub(crate) struct KeepArgs {
    /// The site's folder
    #[arg(long, value_name = "DIR")]
    pub(crate) site: PathBuf,
    /// The log file, or - for standard error
    #[arg(long, value_name = "FILE")]
    pub(crate) log: PathBuf,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogForm,
}
