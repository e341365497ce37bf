//! Owns the flags of `iisgate package install`, `rollback` and `post-install`.
//!
//! Does not own what they do (`commands::package`).

use super::ConsentArgs;
use super::app::seconds;
use std::path::PathBuf;
use std::time::Duration;

/// Where a site is in a web server's configuration.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SpotArgs {
    /// The site application in IIS that is switched to the release: Shop, or "Default Web Site/shop"
    #[arg(long, value_name = "NAME[/APP]")]
    pub(crate) site: Option<String>,
    /// IIS Express of this user, instead of IIS
    #[arg(long, requires = "site", conflicts_with = "apphostconfig")]
    pub(crate) express: bool,
    /// Edit this applicationHost.config, on any system
    #[arg(long, value_name = "FILE", requires = "site")]
    pub(crate) apphostconfig: Option<PathBuf>,
}

/// What the release's Python is.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct EnvironmentArgs {
    /// The Python to make the release's environment with [default: this one's, else that of PATH]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// Let the environment see the packages of that Python
    #[arg(long)]
    pub(crate) system_site_packages: bool,
    /// Use this environment or interpreter as it is, and install nothing into it
    #[arg(long, value_name = "PATH", conflicts_with_all = ["python", "system_site_packages"])]
    pub(crate) environment: Option<PathBuf>,
}

/// The page that a new release is asked for.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct HealthArgs {
    /// The page that the release must answer before it goes live
    #[arg(long, value_name = "PATH", default_value = "/")]
    pub(crate) health: String,
    /// Seconds that this page may take
    #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub(crate) health_timeout: Duration,
}

/// Installs a package as a new release beside the live one, and switches to it once it answers
///
/// What happens, step by step: parameters are asked for or given; the package's files become
/// DIR/releases/N; values are put into them; web.config is made to fit this server; a Python
/// environment is made (by uv where it is; from the package's own wheels without any network); what
/// the app writes is linked from DIR/data; the package's commands run; the release answers a page;
/// the site is switched to it; old releases go. If anything fails, the release goes, and what was
/// served is served still. After a power cut, the same command once more completes it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate package install shop-1.2.zip --to C:\\sites\\shop --site Shop
  iisgate package install shop-1.2.zip --to C:\\sites\\shop --set \"Admin=ada\" --yes
  iisgate package install shop-1.2.zip --to C:\\sites\\shop --set-file SetParameters.xml --dry-run
  iisgate package install shop-1.2.zip --to /srv/shop            then: iisgate serve /srv/shop
  iisgate package install shop-1.2.zip --site Shop --with-msdeploy

Exit status: 0 installed, 1 not installed: the package, a parameter or the folder is not right, or not
agreed to, 2 it could not be done: a step failed. Nothing that serves has changed then.")]
pub(crate) struct PackageInstallArgs {
    /// The package
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The folder for releases and data [default: that of the site named by --site]
    #[arg(long, value_name = "DIR", required_unless_present = "site")]
    pub(crate) to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) spot: SpotArgs,
    /// A parameter's value (may be repeated)
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) set: Vec<(String, String)>,
    /// A SetParameters.xml with values; --set goes before
    #[arg(long, value_name = "FILE")]
    pub(crate) set_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) environment: EnvironmentArgs,
    #[command(flatten)]
    pub(crate) health: HealthArgs,
    /// Releases that stay, with the live one
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) keep: u16,
    /// Let Web Deploy's msdeploy.exe install it, where that is
    #[arg(long, requires = "site", conflicts_with_all = ["to", "apphostconfig", "express"])]
    pub(crate) with_msdeploy: bool,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
    /// What the feed that it comes from calls it, with its version.
    #[arg(skip)]
    pub(crate) product: Option<String>,
}

/// Switches a site back to an earlier release
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate package rollback C:\\sites\\shop            the release before the live one
  iisgate package rollback C:\\sites\\shop --to 3     forward again, or further back

Data stays as it is: migrations that the newer release has made are not undone.

Exit status: 0 switched, 1 there is no such release, 2 it could not be done; what was served is served
still.")]
pub(crate) struct PackageRollbackArgs {
    /// The folder that package install was told
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    /// The release's number [default: the one before the live one]
    #[arg(long, value_name = "N")]
    pub(crate) to: Option<u32>,
    /// Switch without asking the release for a page first
    #[arg(long)]
    pub(crate) unasked: bool,
    #[command(flatten)]
    pub(crate) health: HealthArgs,
}

/// Makes a site of what msdeploy or IIS Manager has unpacked: run by a package's runCommand
///
/// Makes the environment in the application's own folder, installs what it requires, makes web.config
/// fit this server, tells IIS of it, runs the framework's hooks (Django's migrations and static
/// files, buildout), and asks the site for a page. All that is said goes to logs\\post-install.log in the
/// application's folder, too.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate package post-install --app \"Default Web Site/shop\"
  iisgate package post-install --dir C:\\inetpub\\wwwroot\\shop
  iisgate package post-install --stamp            the folder that has an iis_install.stamp

Exit status: 0 the site answers, 1 the application is not found, 2 a step failed.")]
pub(crate) struct PackagePostInstallArgs {
    /// The application as IIS names it: a package's parameter hands it over
    #[arg(long, value_name = "NAME[/APP]", conflicts_with_all = ["dir", "stamp"])]
    pub(crate) app: Option<String>,
    /// The application's folder [default: APPL_PHYSICAL_PATH, else the one that has a stamp]
    #[arg(long, value_name = "DIR", conflicts_with = "stamp")]
    pub(crate) dir: Option<PathBuf>,
    /// Look through IIS's applications, the newest first, for one with an iis_install.stamp
    #[arg(long)]
    pub(crate) stamp: bool,
    /// With --stamp: only a project of this name
    #[arg(long, value_name = "NAME", requires = "stamp")]
    pub(crate) project: Option<String>,
    /// IIS Express of this user, instead of IIS
    #[arg(long, conflicts_with = "apphostconfig")]
    pub(crate) express: bool,
    /// Read and edit this applicationHost.config
    #[arg(long, value_name = "FILE")]
    pub(crate) apphostconfig: Option<PathBuf>,
    /// Do not tell IIS of the site
    #[arg(long)]
    pub(crate) no_register: bool,
    #[command(flatten)]
    pub(crate) environment: EnvironmentArgs,
    #[command(flatten)]
    pub(crate) health: HealthArgs,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it NAME=VALUE".to_owned()),
    }
}
