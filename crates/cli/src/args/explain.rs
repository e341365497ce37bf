//! Owns the flags of `iisgate explain`.
//!
//! Does not own the codes (`gate::codes`, `iis::codes`, `iis::checks`).

use super::form::OutputForm;

/// Explains a code such as IG050: what happened, why, and what mends it. Without one, lists all
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate explain IG050
  iisgate explain handler-buffers   what iisgate check has found
  iisgate explain machine-no-cgi    what iisgate doctor has found
  iisgate explain 404.11         a status of IIS; 500 tells all of its kinds
  iisgate explain 0x80070021     a result that IIS shows beside a status
  iisgate explain                what codes there are
  iisgate explain 0xC0000135     how Windows says that a process has ended
  iisgate explain -o json        for programs

Exit status: 0 explained, 1 there is no such code.")]
pub(crate) struct ExplainArgs {
    /// The code, as pages and logs show it, or a Windows status
    #[arg(allow_negative_numbers = true)]
    pub(crate) code: Option<String>,
    /// How to print it
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = OutputForm::Text)]
    pub(crate) output: OutputForm,
}
