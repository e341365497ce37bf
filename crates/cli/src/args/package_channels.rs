//! Owns the flags of `iisgate package build` about other channels: an MSI, a winget manifest.
//!
//! Does not own what they do (`commands::package::channels`).

use std::path::PathBuf;

/// What is made of the package besides.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ChannelArgs {
    /// Also make an MSI, which brings the package and iisgate.exe onto a machine and installs the site
    #[arg(long, value_name = "FILE", help_heading = "Other channels", conflicts_with = "list")]
    pub(crate) msi: Option<PathBuf>,
    /// With --msi: iisgate.exe for Windows on x64 [default: this program, on Windows]
    #[arg(long, value_name = "FILE", help_heading = "Other channels", requires = "msi")]
    pub(crate) iisgate_exe: Option<PathBuf>,
    /// With --msi: who makes the site [default: the project's first author]
    #[arg(long, value_name = "NAME", help_heading = "Other channels", requires = "msi")]
    pub(crate) publisher: Option<String>,
    /// With --msi: also write a winget manifest of it into this folder
    #[arg(
        long,
        value_name = "DIR",
        help_heading = "Other channels",
        requires = "msi",
        requires = "msi_url"
    )]
    pub(crate) winget: Option<PathBuf>,
    /// With --winget: where the MSI will be downloaded from (https)
    #[arg(long, value_name = "URL", help_heading = "Other channels", requires = "winget")]
    pub(crate) msi_url: Option<String>,
    /// With --winget: the identifier [default: Publisher.Name]
    #[arg(long, value_name = "ID", help_heading = "Other channels", requires = "winget")]
    pub(crate) winget_id: Option<String>,
}
