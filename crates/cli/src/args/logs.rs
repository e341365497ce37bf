//! Owns the flags of `iisgate logs`.
//!
//! Does not own where logs lie (`gate::log_places`).

use super::form::OutputForm;
use std::path::PathBuf;

/// Shows the last lines of a site's log, and where it is
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate logs                              the site in this folder
  iisgate logs C:\\sites\\shop -f             go on as lines come
  iisgate logs --request 6f1c02aa-17        all about a request, by the number on its error page
  iisgate logs app.log -n 200 -o json       a file by its name, for programs

The log is the first of these that can be written: what --log, IISGATE_LOG, [tool.iisgate] log or
WSGI_LOG names; the site's logs folder, if there is one; Logs\\iisgate in IIS_USER_HOME;
iisgate\\logs in ProgramData; the private folder of the web server's user among the temporary ones,
which that user alone can read. A full log (8 MiB) is kept beside the log under the time when it was
full, 32 MiB of them.

Exit status: 0 shown, 1 there is no log.")]
pub(crate) struct LogsArgs {
    /// The site's folder, or a log file [default: this folder]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Go on and show lines as they come, until Ctrl-C
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// Show what concerns this request alone, from all that is kept
    #[arg(long, value_name = "ID")]
    pub(crate) request: Option<String>,
    /// Begin so many lines before the end [default: 30, with --request all]
    #[arg(short = 'n', long, value_name = "LINES")]
    pub(crate) lines: Option<usize>,
    /// How to print them
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = OutputForm::Text)]
    pub(crate) output: OutputForm,
}
