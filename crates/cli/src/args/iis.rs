//! Owns the commands of `iisgate iis` and their flags.
//!
//! Does not own what they do (`commands::iis`).

use super::ConsentArgs;
use clap::Subcommand;
use std::path::PathBuf;

/// Which server's configuration, and which site in it.
#[derive(Debug, clap::Args)]
pub(crate) struct HostArgs {
    /// The site's folder [default: this folder]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// The site's name [default: the one whose folder it is]
    #[arg(long, value_name = "NAME")]
    pub(crate) site: Option<String>,
    /// The path of the application in the site [default: the one whose folder it is, else /]
    #[arg(long, value_name = "/PATH", requires = "site")]
    pub(crate) app: Option<String>,
    /// IIS Express of this user, instead of IIS
    #[arg(long, conflicts_with = "apphostconfig")]
    pub(crate) express: bool,
    /// Edit this applicationHost.config, on any system
    #[arg(long, value_name = "FILE")]
    pub(crate) apphostconfig: Option<PathBuf>,
}

/// Tells IIS of a site: the <fastCgi> entry of its handler, unlocked sections, rights of its app pool
///
/// Shows what would change and asks. Files are edited to the byte, with a copy of the old one beside;
/// where IIS is, appcmd does it. A second run changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate iis install C:\\sites\\shop
  iisgate iis install --dry-run                      what would be done
  iisgate iis install --site Shop --app /api --yes
  iisgate iis install --express                      for IIS Express
  iisgate iis install --warm-up /ready               Python starts before the first visitor asks
  iisgate iis install --apphostconfig applicationHost.config

For IIS it takes an administrator's rights: in a plain console Windows is asked for them, if you agree.
With --yes nobody is asked anything. For IIS Express none are needed.

Exit status: 0 installed, 1 not done: the site is not found, its web.config is wrong, or not agreed
to, 2 it could not be done, as when appcmd failed, 3 the rights are missing or were refused.")]
pub(crate) struct InstallArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    /// Most requests at a time [default: by processors and memory]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_instances: Option<u32>,
    /// An environment variable for the gates (may be repeated)
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub(crate) environment: Vec<(String, String)>,
    /// Start Python with IIS and after a recycle, by asking for a page of the site [default page: /]
    #[arg(long, value_name = "PAGE", num_args = 0..=1, default_missing_value = "/", value_parser = page)]
    pub(crate) warm_up: Option<String>,
    /// Have IIS send names and paths as UTF-8 (registry; for all sites of the machine)
    #[arg(long)]
    pub(crate) utf8: bool,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
}

fn page(text: &str) -> Result<String, String> {
    if text.starts_with('/') { Ok(text.to_owned()) } else { Err("write it /PAGE".to_owned()) }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it NAME=VALUE".to_owned()),
    }
}

/// Takes out what install has put in, and nothing else
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate iis uninstall C:\\sites\\shop
  iisgate iis uninstall --apphostconfig applicationHost.config --yes

If nobody has changed the file since, it has its old bytes again.

Exit status: 0 removed, or there was nothing, 1 not done, 2 it could not be done, 3 the rights are
missing or were refused.")]
pub(crate) struct UninstallArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
}

/// Tells whether IIS knows a site: whether handler and <fastCgi> entry match to the letter
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate iis status C:\\sites\\shop
  iisgate iis status --apphostconfig applicationHost.config

Exit status: 0 they match, 1 they do not, 2 a file cannot be read, 3 the rights for it are missing.")]
pub(crate) struct IisStatusArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
}

/// What concerns a site under IIS
#[derive(Debug, clap::Args)]
pub(crate) struct IisArgs {
    #[command(subcommand)]
    pub(crate) command: IisCommand,
    /// This program was started in a window of its own, which closes with it
    #[arg(long, hide = true, global = true)]
    pub(crate) own_window: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IisCommand {
    Install(InstallArgs),
    Uninstall(UninstallArgs),
    Status(IisStatusArgs),
    Recycle(RecycleArgs),
    /// Starts a site and its app pool
    Start(RunningArgs),
    /// Stops a site, and its app pool if no other site needs it
    Stop(RunningArgs),
}

/// What is started or stopped.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate iis stop C:\\sites\\shop
  iisgate iis start --site Shop --app /api
  iisgate iis stop --dry-run

What is so already stays so. Python ends with the app pool; one that other sites need goes on. Visitors
of a stopped site get 503 or no answer: to replace Python without that, iisgate iis recycle.

Exit status: 0 started or stopped, 1 not done: the site is not found, or there is no IIS, 2 appcmd
failed, 3 the rights are missing or were refused.")]
pub(crate) struct RunningArgs {
    #[command(flatten)]
    pub(crate) host: HostArgs,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
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
