//! Owns the commands of `iisgate feed` and their flags.
//!
//! Does not own what they do (`commands::feed`).

use super::package::setting;
use super::package_install::{EnvironmentArgs, HealthArgs, SpotArgs};
use super::{ConsentArgs, FindingForm, OutputForm};
use clap::Subcommand;
use std::path::PathBuf;

/// Feeds: catalogues of sites and of what they need, in WebPI's format
///
/// Microsoft's own feed and its reader are retired: this makes such feeds, judges them, and installs
/// from them.
#[derive(Debug, clap::Args)]
pub(crate) struct FeedArgs {
    #[command(subcommand)]
    pub(crate) command: FeedCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FeedCommand {
    Build(FeedBuildArgs),
    Verify(FeedVerifyArgs),
    List(FeedListArgs),
    Search(FeedSearchArgs),
    Install(Box<FeedInstallArgs>),
    Cache(FeedCacheArgs),
}

/// Makes a feed of packages and of what they need
///
/// What it says is told by a description (feed.toml, or [tool.iisgate.feed] of pyproject.toml), by
/// packages on the command line, or both. Sizes and digests are computed; an installer that would ask
/// questions is refused.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate feed build dist/shop-1.2.zip --out feed.xml       for this machine: file:/// addresses
  iisgate feed build dist/*.zip --download-url \"https://example.org/dl/{file}\" --out feed.xml
  iisgate feed build --from feed.toml --out feed.xml
  iisgate feed build --presets                              the prerequisites that are known

Exit status: 0 made, 1 not made: something is missing or would ask questions, 2 it could not be
written.")]
pub(crate) struct FeedBuildArgs {
    /// Packages and installers
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The description [default: feed.toml, else pyproject.toml, where there is one; else none]
    #[arg(long, value_name = "FILE")]
    pub(crate) from: Option<PathBuf>,
    /// Where the feed goes [default: standard output]
    #[arg(short = 'f', long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// The feed's title
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// The feed's own address
    #[arg(long, value_name = "URL")]
    pub(crate) id: Option<String>,
    /// Where files are downloaded from; {file}, {product}, {version} and {letter} are filled in
    /// [default: where they are, as file:///]
    #[arg(long, value_name = "URL")]
    pub(crate) download_url: Option<String>,
    /// A product that each package needs (may be repeated)
    #[arg(long, value_name = "PRODUCT")]
    pub(crate) depends: Vec<String>,
    /// List the prerequisites that are known, and make nothing
    #[arg(long)]
    pub(crate) presets: bool,
}

/// Looks for what is wrong with a feed: ours or anyone's
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate feed verify feed.xml
  iisgate feed verify https://example.org/feed.xml --files dist    digests of the files in dist
  iisgate feed verify feed.xml --online                            whether every address answers
  iisgate explain feed-hash-mismatch                               why it is a finding

Exit status: 0 nothing worse than notes, 1 warnings or errors, 2 it cannot be read.")]
pub(crate) struct FeedVerifyArgs {
    /// The feed: a file or an address
    #[arg(value_name = "FEED")]
    pub(crate) feed: String,
    /// A folder with the files that the feed names
    #[arg(long, value_name = "DIR")]
    pub(crate) files: Option<PathBuf>,
    /// Ask every address whether it is there
    #[arg(long)]
    pub(crate) online: bool,
    /// How to print the findings
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = FindingForm::Text)]
    pub(crate) output: FindingForm,
}

/// Which feeds.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct FeedsArgs {
    /// A feed: a file or an address (may be repeated)
    #[arg(long = "feed", value_name = "FEED", env = "IISGATE_FEED", required = true)]
    pub(crate) feeds: Vec<String>,
}

/// Lists the products of feeds
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate feed list --feed https://example.org/feed.xml
  iisgate feed list --feed feed.xml -o json
  iisgate feed list --feed feed.xml --installed      what is on this machine

Exit status: 0 listed, 2 a feed cannot be read.")]
pub(crate) struct FeedListArgs {
    #[command(flatten)]
    pub(crate) feeds: FeedsArgs,
    /// Only what this machine has
    #[arg(long)]
    pub(crate) installed: bool,
    /// How to print them
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = OutputForm::Text)]
    pub(crate) output: OutputForm,
}

/// Looks for products by words in id, title, summary and keywords
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate feed search wiki --feed https://example.org/feed.xml

Exit status: 0 found, 1 nothing found, 2 a feed cannot be read.")]
pub(crate) struct FeedSearchArgs {
    /// What to look for; all words must be there
    #[arg(value_name = "WORD", required = true)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) feeds: FeedsArgs,
    /// How to print them
    #[arg(short, long, value_name = "FORM", value_enum, default_value_t = OutputForm::Text)]
    pub(crate) output: OutputForm,
}

/// Installs products from feeds, with all that they need
///
/// What is needed is found and put in order; everything is downloaded, and every digest compared,
/// before anything is run. Packages are installed as iisgate package install does it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate feed install Shop --feed https://example.org/feed.xml --to C:\\sites\\shop --site Shop
  iisgate feed install Shop Wiki --feed feed.xml --to C:\\sites     each in a folder of its own
  iisgate feed install Python313 --feed feed.xml --yes
  iisgate feed install Shop --feed feed.xml --to C:\\sites\\shop --dry-run

With --yes, the licences that are told are agreed to.

Exit status: 0 installed, 1 not installed: the feed lacks something, a file is not the right one, or
not agreed to, 2 it could not be done: a file cannot be had, or an installer failed.")]
pub(crate) struct FeedInstallArgs {
    /// The products' ids
    #[arg(value_name = "PRODUCT", required = true)]
    pub(crate) products: Vec<String>,
    #[command(flatten)]
    pub(crate) feeds: FeedsArgs,
    /// The language, where there is a choice
    #[arg(long, value_name = "TAG", default_value = "en")]
    pub(crate) language: String,
    /// For packages: the folder for releases and data; of several, each gets one of its own in it
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) spot: SpotArgs,
    /// For packages: a parameter's value (may be repeated)
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    pub(crate) set: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) environment: EnvironmentArgs,
    #[command(flatten)]
    pub(crate) health: HealthArgs,
    #[command(flatten)]
    pub(crate) consent: ConsentArgs,
}

/// Tells where downloads are kept, or removes them: ours, and those that WebPI has left
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  iisgate feed cache
  iisgate feed cache --clear
  iisgate feed cache --clear --product Shop

WebPI's logs stay.

Exit status: 0 told or removed, 2 something cannot be removed.")]
pub(crate) struct FeedCacheArgs {
    /// Remove what is there
    #[arg(long)]
    pub(crate) clear: bool,
    /// Only the installers of this product
    #[arg(long, value_name = "PRODUCT", requires = "clear")]
    pub(crate) product: Option<String>,
}
