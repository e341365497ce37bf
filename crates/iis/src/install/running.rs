//! Owns starting and stopping a site where IIS is: the site and its app pool, as appcmd says they are.
//!
//! Does not own the site's worker (`gate` replaces it without IIS).

use super::Spot;
use super::appcmd::{Appcmd, Command, Run};
use crate::sites::ConfiguredSite;

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// It answers.
    Started,
    /// It does not, and its processes are gone.
    Stopped,
}

impl Wanted {
    /// The state, as appcmd prints it.
    pub fn state(self) -> &'static str {
        match self {
            Wanted::Started => "Started",
            Wanted::Stopped => "Stopped",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Wanted::Started => "start",
            Wanted::Stopped => "stop",
        }
    }
}

/// Something that starts and stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// `site` or `apppool`.
    kind: &'static str,
    /// Its name.
    pub name: String,
}

impl Item {
    /// In words.
    pub fn words(&self) -> String {
        let kind = if self.kind == "site" { "site" } else { "app pool" };
        format!("{kind} {}", self.name)
    }
}

/// Other applications of the server that run in an app pool: who stops that, stops them.
pub fn others(sites: &[ConfiguredSite], spot: &Spot, pool: &str) -> Vec<String> {
    let mut others = Vec::new();
    for site in sites {
        // Whoever stops a site's own application, stops the whole site.
        let is_ours = |path: &str| {
            site.name.eq_ignore_ascii_case(&spot.site) && (spot.app == "/" || path == spot.app)
        };
        let applications = site.applications.iter().filter(|application| {
            application.application_pool.eq_ignore_ascii_case(pool) && !is_ours(&application.path)
        });
        others.extend(applications.map(|application| format!("{}{}", site.name, application.path)));
    }
    others
}

/// What is to be started or stopped, in this order. An app pool that others need is left alone; nothing
/// is left to stop when it is not the site's own application either.
pub fn items(wanted: Wanted, spot: &Spot, pool: &str, is_shared: bool) -> Vec<Item> {
    let site = Item { kind: "site", name: spot.site.clone() };
    let pool = Item { kind: "apppool", name: pool.to_owned() };
    let site = Some(site).filter(|_| spot.app == "/");
    match wanted {
        // Its processes end with the app pool, not with the site.
        Wanted::Stopped => site.into_iter().chain(Some(pool).filter(|_| !is_shared)).collect(),
        Wanted::Started => Some(pool).into_iter().chain(site).collect(),
    }
}

impl Appcmd {
    /// What asks for the state of something.
    pub fn state(&self, item: &Item) -> Command {
        self.command(&["list", item.kind, &item.name, "/text:state"])
    }

    /// What starts or stops it.
    pub fn change(&self, item: &Item, wanted: Wanted) -> Command {
        self.command(&[wanted.verb(), item.kind, &item.name])
    }
}

/// The commands for those that are not so already.
///
/// # Errors
/// When appcmd does not tell their state.
pub fn commands(
    appcmd: &Appcmd,
    items: &[Item],
    wanted: Wanted,
    runner: &mut dyn Run,
) -> Result<Vec<Command>, String> {
    let mut commands = Vec::new();
    for item in items {
        let asked = appcmd.state(item);
        let outcome = runner.run(&asked).map_err(|error| format!("{asked}: {error}"))?;
        if outcome.status != 0 {
            let said = outcome.output.trim();
            return Err(format!("{asked}\nended with status {}: {said}", outcome.status));
        }
        if !outcome.output.trim().eq_ignore_ascii_case(wanted.state()) {
            commands.push(appcmd.change(item, wanted));
        }
    }
    Ok(commands)
}
