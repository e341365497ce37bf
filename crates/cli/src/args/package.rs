//! Owns the commands of `iisgate package` and the flags of those about a package's file.
//!
//! Does not own what they do (`commands::package`), nor the flags of installing (`package_install`).

use super::package_channels::ChannelArgs;
use super::package_install::{PackageInstallArgs, PackagePostInstallArgs, PackageRollbackArgs};
use super::{FindingForm, OutputForm};
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

/// Makes a site one file that Web Deploy, IIS Manager or iisgate installs
#[derive(Debug, clap::Args)]
pub(crate) struct PackageArgs {
    #[command(subcommand)]
    pub(crate) command: PackageCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PackageCommand {
    Build(PackageBuildArgs),
    List(PackageListArgs),
    Params(PackageParamsArgs),
    Extract(PackageExtractArgs),
    Verify(PackageVerifyArgs),
    Install(Box<PackageInstallArgs>),
    Rollback(PackageRollbackArgs),
    PostInstall(PackagePostInstallArgs),
}

/// Makes a package of a site's folder
///
/// What goes into it, what it asks for and what it runs is told in [tool.iisgate.package] of
/// pyproject.toml; without it all files that a source distribution would have go in. The same input
/// gives the same bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate package build                              dist/NAME-VERSION.zip of this folder
  iisgate package build examples/flask --out shop.zip
  iisgate package build --vendor wheels --python 3.12
                                                     the server then needs no Internet
  iisgate package build --list                       what would go in, and what not, and why
  iisgate package build --msi shop.msi --winget winget --msi-url https://example.org/shop.msi
                                                     an MSI and a winget manifest of it, too

Exit status: 0 built, 1 not built: something in the folder or in pyproject.toml is wrong, 2 it could
not be built: a file cannot be read or written, or a program failed.")]
pub(crate) struct PackageBuildArgs {
    /// The folder to be packaged [default: this folder]
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// The package [default: dist/NAME-VERSION.zip in the folder]
    #[arg(short = 'f', long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The version [default: that of the project]
    #[arg(long, value_name = "VERSION")]
    pub(crate) release: Option<String>,
    /// Put what the site requires into the package
    #[arg(long, value_name = "WHAT")]
    pub(crate) vendor: Option<VendorKind>,
    /// With --vendor: the server's Python
    #[arg(long, value_name = "3.N", requires = "vendor")]
    pub(crate) python: Option<String>,
    /// With --vendor: the server's processor
    #[arg(long, value_name = "NAME", requires = "vendor", default_value = "x64")]
    pub(crate) architecture: Architecture,
    /// With --vendor: a folder of wheels to look into before the Internet (may be repeated)
    #[arg(long, value_name = "DIR", requires = "vendor")]
    pub(crate) find_links: Vec<PathBuf>,
    /// With --vendor: look nowhere but in the folders of --find-links
    #[arg(long, requires = "find_links")]
    pub(crate) offline: bool,
    /// Do not build: list the files, and what is left out and why
    #[arg(long)]
    pub(crate) list: bool,
    #[command(flatten)]
    pub(crate) channels: ChannelArgs,
    /// How to print what was built
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = OutputForm::Text)]
    pub(crate) output: OutputForm,
}

/// What can be put into a package beside the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum VendorKind {
    /// Wheels of all requirements, for Windows
    Wheels,
}

/// Windows' processors, as wheels name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Architecture {
    /// 64 bits, Intel and AMD
    X64,
    /// 32 bits
    X86,
    /// 64 bits, ARM
    Arm64,
}

impl Architecture {
    /// As wheels name it.
    pub(crate) fn platform(self) -> &'static str {
        match self {
            Self::X64 => "win_amd64",
            Self::X86 => "win32",
            Self::Arm64 => "win_arm64",
        }
    }
}

/// Tells what is in a package: what it does on the server, and its files
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate package list shop.zip
  iisgate package list shop.zip -o json

Exit status: 0 listed, 1 it is no sound package, 2 it cannot be read.")]
pub(crate) struct PackageListArgs {
    /// The package, or a folder with the same in it
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How to print it
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = OutputForm::Text)]
    pub(crate) output: OutputForm,
}

/// Tells what a package asks for, and what each value is put into
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate package params shop.zip
  iisgate package params shop.zip -o set > SetParameters.xml     to be filled in
  iisgate package params shop.zip --set-file SetParameters.xml --set \"Application Path=Shop/\"
                                                     whether these values are accepted

Exit status: 0 told, 1 a value is refused or it is no sound package, 2 something cannot be read.")]
pub(crate) struct PackageParamsArgs {
    /// The package, or a folder with the same in it
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// A parameter's value (may be repeated)
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    pub(crate) set: Vec<(String, String)>,
    /// A file with parameters' values, as msdeploy's -setParamFile takes it
    #[arg(long, value_name = "FILE")]
    pub(crate) set_file: Option<PathBuf>,
    /// How to print them
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = ParameterForm::Text)]
    pub(crate) output: ParameterForm,
}

/// `NAME=VALUE` of a parameter.
pub(crate) fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it NAME=VALUE".to_owned()),
    }
}

/// Unpacks a package; nothing is written outside of the folder, and nothing overwritten
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate package extract shop.zip --to shop
  iisgate package extract shop.zip --to shop --app   the application's folder alone

Exit status: 0 unpacked, 1 it is no sound package, 2 something cannot be read or written.")]
pub(crate) struct PackageExtractArgs {
    /// The package
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Where to; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// The application's files alone, without the folder around them
    #[arg(long)]
    pub(crate) app: bool,
}

/// Looks for what is wrong, or will go wrong, with a package: ours or anyone's
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate package verify shop.zip
  iisgate package verify shop.zip -o json
  iisgate explain package-name-escapes               why it is a finding

Exit status: 0 nothing worse than notes, 1 warnings or errors, 2 it cannot be read.")]
pub(crate) struct PackageVerifyArgs {
    /// The package, or a folder with the same in it
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// How to print the findings
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = FindingForm::Text)]
    pub(crate) output: FindingForm,
}

/// In which form parameters are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ParameterForm {
    /// For people
    Text,
    /// For programs
    Json,
    /// As Parameters.xml
    Xml,
    /// As SetParameters.xml, to be filled in
    Set,
}
