//! Owns the flags of `iisgate service`.
//!
//! Does not own what they mean (`gate::service`).

use std::path::PathBuf;

/// Run a helper of the site as a Windows service instead of with the app
///
/// A helper is what [tool.iisgate.helpers.NAME] in the site's pyproject.toml defines. With
/// start = "service" there, the app waits until the service is ready, and neither starts nor ends it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate service add zeo --site C:\\sites\\shop --dry-run    what would be made
  iisgate service add zeo --site C:\\sites\\shop --writable C:\\sites\\shop\\var
  iisgate service start zeo --site C:\\sites\\shop
  iisgate service status zeo --site C:\\sites\\shop
  iisgate service add zeo --dry-run > /etc/systemd/system/shop-zeo.service    on Linux

The service is called iisgate-SITE-NAME, where SITE is the folder's name with some digits that tell
it from other folders of that name; service = \"...\" in the helper's table or --service-name say
otherwise.

Exit status: 0 done, or it runs; 1 it does not run, or was asked for something wrong; 2 could not do
it: no administrator's rights, or no Windows.")]
pub(crate) struct ServiceArgs {
    #[command(subcommand)]
    pub(crate) action: ServiceAction,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum ServiceAction {
    /// Make the service: it starts with the machine, and again when it fails
    Add(AddArgs),
    /// Stop the service and remove it
    Remove(NamedArgs),
    /// Start the service and wait until the helper is ready
    Start(NamedArgs),
    /// Stop the service and wait until it has
    Stop(NamedArgs),
    /// Stop the service and start it again
    Restart(NamedArgs),
    /// Tell how the service stands
    Status(NamedArgs),
    /// Be the service: the system starts this. At a console the helper runs in the foreground
    Run(RunArgs),
}

/// Which service.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct NamedArgs {
    /// The helper's name in [tool.iisgate.helpers.NAME]
    #[arg(value_name = "NAME")]
    pub(crate) helper: String,
    /// The site's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) site: PathBuf,
    /// The service's name, whatever pyproject.toml says
    #[arg(long, value_name = "SERVICE")]
    pub(crate) service_name: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct AddArgs {
    #[command(flatten)]
    pub(crate) named: NamedArgs,
    /// The account it runs as [default: NT SERVICE\SERVICE, an account of its own without a password]
    ///
    /// What such an account may write, no other service may. Others: "NT AUTHORITY\LocalService",
    /// which many services share; a group managed account, DOMAIN\name$; a user, with
    /// --password-stdin; LocalSystem, which may do anything.
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Read the account's password from standard input, one line
    #[arg(long, requires = "account")]
    pub(crate) password_stdin: bool,
    /// Let the account write to this folder; may be given again
    #[arg(long, value_name = "DIR")]
    pub(crate) writable: Vec<PathBuf>,
    /// The interpreter, or a virtual environment [default: the site's .venv, then this one's]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// The log file [default: the site's]
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Print what would be made, and make nothing; where there is systemd, a unit file
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) named: NamedArgs,
    /// The interpreter, or a virtual environment [default: the site's .venv, then this one's]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// The log file [default: the site's; at a console standard error]
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
}
