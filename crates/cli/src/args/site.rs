//! Owns the flags of the commands that stand in for IIS.
//!
//! Does not own what they mean (`front::Settings`).

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use front::{WAYS, Way};
use std::path::PathBuf;

/// Where a site is described, for the commands that stand in for IIS.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SiteArgs {
    /// Take the site from this applicationHost.config instead of a folder
    #[arg(long, value_name = "FILE", conflicts_with = "dir")]
    pub(crate) config: Option<PathBuf>,
    /// The site's name in the applicationHost.config [default: the first]
    #[arg(long = "site", value_name = "NAME", requires = "config")]
    pub(crate) name: Option<String>,
    /// Most instances of each FastCGI application, over what the configuration says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) max_instances: Option<u32>,
    /// The interpreter for instances that are ours [default: the site's .venv, then this one's]
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
    /// Answer errors with the developer's page: traceback, environ, last log lines
    #[arg(long)]
    pub(crate) debug: bool,
    /// Behave as IIS may in places where nobody has documented what it does
    ///
    /// Several ways may be named, with commas between them or one flag for each.
    #[arg(long, value_name = "WAY", value_delimiter = ',', value_parser = ways(), hide_short_help = true)]
    pub(crate) as_iis: Vec<&'static Way>,
}

/// Takes the name of a way; help and errors list them all.
fn ways() -> impl TypedValueParser<Value = &'static Way> {
    let names = WAYS.iter().map(|way| PossibleValue::new(way.name).help(way.sentence));
    PossibleValuesParser::new(names)
        .try_map(|name| Way::named(&name).ok_or_else(|| format!("there is no way {name}")))
}
