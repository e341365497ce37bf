//! Owns the flags of `iisgate debug`.
//!
//! Does not own what debug mode is (`gate::debug`).

use gate::debug;
use std::net::IpAddr;
use std::path::PathBuf;

/// Debug mode of a site that runs: on, off; and why it fails under the web server alone
#[derive(Debug, clap::Args)]
pub(crate) struct DebugArgs {
    #[command(subcommand)]
    pub(crate) action: DebugAction,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum DebugAction {
    On(DebugOnArgs),
    Off(DebugOffArgs),
    Compare(DebugCompareArgs),
}

/// From the next request on: the developer's page, a log of every step, no time limit
///
/// A worker that runs is replaced without losing a request; the new one shows the developer's page
/// to the address that is told and to nobody else, logs at level debug, has no time limit of its
/// own and runs with PYTHONDEVMODE=1. It ends by itself. No file of yours is changed: a hidden file
/// in the site's folder says that it is on. Requests that come through a reverse proxy never see the
/// page. The web server's own limits (IIS: activityTimeout, requestTimeout) go on.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate debug on                                    the site in this folder, for 30 minutes
  iisgate debug on C:\\inetpub\\shop --minutes 5
  iisgate debug on C:\\inetpub\\shop --address 10.0.0.5   you sit at another machine
  iisgate debug on --wait-for-debugger                attach your editor at 127.0.0.1:5678

Exit status: 0 it is on; 1 it is on but the new worker does not start, or asked for something wrong;
2 it could not be turned on.")]
pub(crate) struct DebugOnArgs {
    /// The site's folder
    #[arg(value_name = "SITE", default_value = ".")]
    pub(crate) site: PathBuf,
    /// Minutes until it ends by itself
    #[arg(long, value_name = "N", default_value_t = debug::MINUTES,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(debug::MINUTES_MAX)))]
    pub(crate) minutes: u32,
    /// The address that the web server sees you at; it alone sees the page [default: this machine]
    #[arg(long, value_name = "ADDR")]
    pub(crate) address: Option<IpAddr>,
    /// The new worker waits for a debugger at this port of this machine before it loads the app.
    /// The app's environment needs debugpy [default port: 5678]
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "5678",
        value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) wait_for_debugger: Option<u16>,
    /// The app's interpreter, where it is looked for debugpy [default: as iisgate fcgi finds it]
    #[arg(long, value_name = "PATH", requires = "wait_for_debugger")]
    pub(crate) python: Option<PathBuf>,
}

/// Why a site fails under the web server alone: what differs there, and what mends it
///
/// Each start of a site under a web server is noted beside its log: identity, folder, interpreter,
/// PATH and Python's variables, the names of the others without their values. That is compared with
/// this console.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate debug compare                    in the console where the site works
  iisgate debug compare C:\\inetpub\\shop
  iisgate debug compare --file C:\\logs\\iisgate.log.start

Exit status: 0 nothing differs, 1 something does, 2 nothing was noted or it cannot be read.")]
pub(crate) struct DebugCompareArgs {
    /// The site's folder
    #[arg(value_name = "SITE", default_value = ".")]
    pub(crate) site: PathBuf,
    /// What was noted, where it is not found
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// Ends debug mode: an ordinary worker takes over
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate debug off
  iisgate debug off C:\\inetpub\\shop

Exit status: 0 it is off; 1 it is off but the ordinary worker does not start; 2 it could not be
turned off.")]
pub(crate) struct DebugOffArgs {
    /// The site's folder
    #[arg(value_name = "SITE", default_value = ".")]
    pub(crate) site: PathBuf,
}
