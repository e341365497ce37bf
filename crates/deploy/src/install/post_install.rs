//! Owns making a site, in its own place, of what Web Deploy or IIS Manager has unpacked.
//!
//! Does not own finding the place (`stamp`). Unlike an installation as releases it works where the site
//! is served from, so nothing is taken back when a step fails: a second run goes on from there.

use super::environment::{self, Environment, interpreter_in};
use super::health::{self, Health};
use super::host::Host;
use super::layout::Layout;
use super::server::Destination;
use super::stamp::STAMP;
use super::state::Binding;
use super::{Error, Step, configuration, hooks};
use std::path::{Path, PathBuf};

/// How it is to be done.
#[derive(Debug, Clone)]
pub struct InPlace {
    /// The environment.
    pub environment: Environment,
    /// How `web.config` names this program.
    pub program: String,
    /// The page that the site is asked for.
    pub health: Health,
    /// The site application to tell IIS of.
    pub server: Option<Binding>,
}

/// Does it; gives the site's folder and the status of its page.
///
/// # Errors
/// When a step fails.
pub fn post_install(
    folder: &Path,
    settings: &InPlace,
    host: &mut dyn Host,
) -> Result<(PathBuf, u16), Error> {
    if let Some(server) = &settings.server {
        server.check()?;
    }
    let stamp = folder.join(STAMP);
    if stamp.is_file() {
        // Whatever comes of it, nobody shall take this one for new again.
        std::fs::remove_file(&stamp).map_err(Error::io("remove", &stamp))?;
    }
    host.begin(Step::Configuration);
    let layout = Layout::of(folder)?;
    let told = match &settings.environment {
        Environment::Existing(path) => Some(interpreter_in(path)),
        Environment::Make { .. } => None,
    };
    let processors = configuration::fit(&layout.site, &settings.program, told.as_deref())?;
    host.begin(Step::Environment);
    let named = environment::make(&settings.environment, folder, &layout.site, host)?;
    let python = named.unwrap_or_else(|| interpreter_in(&layout.site.join(environment::FOLDER)));
    host.begin(Step::Commands);
    hooks::run_all(&layout, &python, host)?;
    if let Some(server) = &settings.server {
        host.begin(Step::Switch);
        let data = layout.site.join("var");
        let to = Destination { site: &layout.site, processors, obsolete: Vec::new(), data: &data };
        server.lead(&to, host)?;
    }
    host.begin(Step::Health);
    let status = health::ask(&settings.health, &layout.site, host)?;
    host.say(&format!("GET {}: {status}", settings.health.path));
    Ok((layout.site, status))
}
