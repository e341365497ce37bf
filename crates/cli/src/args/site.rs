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
    /// Act as if this user signed on with Windows, where the configuration asks for it
    ///
    /// Where the configuration says nothing about authentication, everyone is this user. What
    /// groups the user is in is not simulated: rules for roles match nobody.
    #[arg(long = "as", value_name = r"DOMAIN\USER", value_parser = user)]
    pub(crate) user: Option<String>,
    /// Answer errors with the developer's page: traceback, environ, last log lines
    #[arg(long)]
    pub(crate) debug: bool,
    /// Who sees that page: local (this machine), an IP address, or anyone [default: local]
    #[arg(long, value_name = "WHO", requires = "debug")]
    pub(crate) debug_for: Option<gate::debug::Viewers>,
    /// Behave as IIS may in places where nobody has documented what it does
    ///
    /// Several ways may be named, with commas between them or one flag for each.
    #[arg(long, value_name = "WAY", value_delimiter = ',', value_parser = ways(), hide_short_help = true)]
    pub(crate) as_iis: Vec<&'static Way>,
}

/// A user as IIS tells them: the domain, or the machine, comes first.
fn user(text: &str) -> Result<String, String> {
    match text.split_once('\\') {
        Some((domain, name)) if !domain.is_empty() && !name.is_empty() && !name.contains('\\') => {
            Ok(text.to_owned())
        }
        _ => {
            Err(r"write it DOMAIN\user (quote the backslash in a shell: 'DOMAIN\user')".to_owned())
        }
    }
}

/// Takes the name of a way; help and errors list them all.
fn ways() -> impl TypedValueParser<Value = &'static Way> {
    let names = WAYS.iter().map(|way| PossibleValue::new(way.name).help(way.sentence));
    PossibleValuesParser::new(names)
        .try_map(|name| Way::named(&name).ok_or_else(|| format!("there is no way {name}")))
}
