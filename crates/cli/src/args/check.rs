//! Owns the flags of `iisgate check`.
//!
//! Does not own the rules (`iis::checks`).

use std::path::PathBuf;

/// Looks for what is wrong, or will go wrong, in a site's files. Needs no IIS
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate check                                   this folder
  iisgate check C:\\sites\\shop --config applicationHost.config --site shop
  iisgate check --fix --dry-run                   what could be mended, as a diff
  iisgate check --identity \"IIS AppPool\\Shop\"    what that user may not do
  iisgate check --rule handler-buffers --rule mime-type-missing
  iisgate check -o sarif > findings.sarif         for code scanning
  iisgate explain handler-buffers                 why it is a finding

Exit status: 0 nothing worse than notes, 1 warnings or errors, 2 it could not look.")]
pub(crate) struct CheckArgs {
    /// The site's folder [default: this one]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Also look at this applicationHost.config: locked sections, the FastCGI application, its limits
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The site's name in the applicationHost.config [default: the first]
    #[arg(long, value_name = "NAME", requires = "config")]
    pub(crate) site: Option<String>,
    /// Also look whether this user may read and write what the site needs, as IIS AppPool\\Shop
    #[arg(long, value_name = "USER")]
    pub(crate) identity: Option<String>,
    /// Look for this alone (may be repeated)
    #[arg(long = "rule", value_name = "CODE")]
    pub(crate) rules: Vec<String>,
    /// Mend in web.config what can be mended safely; the old file stays beside it
    #[arg(long)]
    pub(crate) fix: bool,
    /// With --fix: show the diff and write nothing
    #[arg(long, requires = "fix")]
    pub(crate) dry_run: bool,
    /// How to print the findings
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = FindingForm::Text)]
    pub(crate) output: FindingForm,
}

/// For whom findings are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FindingForm {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub's workflows
    Github,
}
