//! Owns the flags of `iisgate doctor`.
//!
//! Does not own the rules (`iis::doctor`).

use super::check::FindingForm;
use std::path::PathBuf;

/// Looks for what is wrong with this machine: IIS, rights, Python, DLLs, ports, recent failures
///
/// It also looks at the site's files, as iisgate check does, with the server's own configuration. What
/// cannot be looked at here is told in one line. Nothing is changed; the app is imported once.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate doctor                                   this folder's site
  iisgate doctor C:\\sites\\shop --site Shop
  iisgate doctor --express                         for IIS Express
  iisgate doctor --apphostconfig applicationHost.config   a server's file, on any system
  iisgate doctor --identity \"IIS AppPool\\Shop\"     what that account may do to the site's files
  iisgate doctor --report bug.zip                  findings, versions, files and logs, without secrets
  iisgate explain machine-no-cgi                   why it is a finding

Exit status: 0 nothing worse than notes, 1 warnings or errors, 2 it could not look.")]
pub(crate) struct DoctorArgs {
    /// The site's folder [default: this one]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// The site's name in IIS [default: the one whose folder it is]
    #[arg(long, value_name = "NAME")]
    pub(crate) site: Option<String>,
    /// The path of the application in the site [default: the one whose folder it is, else /]
    #[arg(long, value_name = "/PATH", requires = "site")]
    pub(crate) app: Option<String>,
    /// IIS Express of this user, instead of IIS
    #[arg(long, conflicts_with = "apphostconfig")]
    pub(crate) express: bool,
    /// Look at this applicationHost.config, instead of the machine's
    #[arg(long, value_name = "FILE")]
    pub(crate) apphostconfig: Option<PathBuf>,
    /// Whose access to the site's files is looked at [default: the IIS app pool's identity]
    #[arg(long, value_name = "USER")]
    pub(crate) identity: Option<String>,
    /// Do not import the app and its packages
    #[arg(long)]
    pub(crate) no_import: bool,
    /// Write a bundle for a bug report, without secrets: read it before you send it
    #[arg(long, value_name = "FILE.zip")]
    pub(crate) report: Option<PathBuf>,
    /// How to print the findings
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = FindingForm::Text)]
    pub(crate) output: FindingForm,
}
