//! Owns the flags of `iisgate config`.
//!
//! Does not own what the configuration means (`iis`).

use super::form::OutputForm;
use std::path::PathBuf;

/// Looks at IIS's configuration as IIS reads it
#[derive(Debug, clap::Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

#[derive(Debug, clap::Subcommand)]
pub(crate) enum ConfigCommand {
    Show(ConfigShowArgs),
}

/// Shows what the configuration says for a folder or a URL, and the file and line of each value
///
/// Without --effective: what each file says, outermost first. With it: what counts in the end, after
/// inheritance, add, remove and clear, and locks.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate config show --effective                    this folder, with its web.config
  iisgate config show --effective site/static        a folder in a site
  iisgate config show --effective /app/x --dir site  a URL of the site in a folder
  iisgate config show --effective /app --config applicationHost.config --site Shop
  iisgate config show --effective --section handlers

Exit status: 0 shown, 1 IIS would refuse the configuration (500.19), 2 a file cannot be read.")]
pub(crate) struct ConfigShowArgs {
    /// A folder [default: this one]; with --dir or --config the path of a URL [default: /]
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,
    /// Show what counts in the end, not what each file says
    #[arg(long)]
    pub(crate) effective: bool,
    /// Show this section alone: system.webServer/handlers, or handlers (may be repeated)
    #[arg(long = "section", value_name = "NAME")]
    pub(crate) sections: Vec<String>,
    /// Show every section, also those that the server's own file alone has
    #[arg(long, conflicts_with = "sections")]
    pub(crate) all: bool,
    /// With --effective: also what the schema says where no file says anything
    #[arg(long, requires = "effective")]
    pub(crate) defaults: bool,
    /// The site's root folder; PATH is then the path of a URL
    #[arg(long, value_name = "DIR", conflicts_with = "config")]
    pub(crate) dir: Option<PathBuf>,
    /// Take the site from this applicationHost.config; PATH is then the path of a URL
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The site's name in the applicationHost.config [default: the first]
    #[arg(long, value_name = "NAME", requires = "config")]
    pub(crate) site: Option<String>,
    /// How to print it
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = OutputForm::Text)]
    pub(crate) output: OutputForm,
}
