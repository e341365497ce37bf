//! Owns what rules look at: a machine's facts, with the server's file read and the site found in it.
//!
//! Does not gather facts.

use std::path::Path;
use std::sync::Arc;

use super::machine::Machine;
use crate::checks::RawFile;
use crate::document::{self, Element};
use crate::fastcgi::FastCgiApplication;
use crate::inherit::{FolderDocument, Inheritance};
use crate::sites::{self, ConfiguredSite, SiteApplication};

/// A site application of the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The site's name.
    pub site: String,
    /// Its path in the site.
    pub path: String,
    /// Its IIS app pool.
    pub pool: String,
    /// Who that runs as: `IIS AppPool\NAME`, or an account.
    pub identity: String,
}

/// The site application of a folder: that of the site and path which are named, else the one whose
/// folder it is.
pub fn application(
    server: &Element,
    site: Option<&str>,
    app: Option<&str>,
    is_folder: impl Fn(&Path) -> bool,
) -> Option<Application> {
    let all = sites::read(server).ok()?;
    let named = all.iter().filter(|it| site.is_none_or(|name| it.name.eq_ignore_ascii_case(name)));
    for found in named {
        let one = found.applications.iter().find(|it| match app {
            Some(path) => it.path.trim_end_matches('/') == path.trim_end_matches('/'),
            None => {
                let mut folders = it.virtual_directories.iter();
                folders.any(|folder| folder.path == "/" && is_folder(&folder.physical_path))
            }
        });
        let root = found.applications.iter().find(|it| it.path == "/");
        if let Some(one) = one.or_else(|| root.filter(|_| site.is_some() && app.is_none())) {
            let pool = one.application_pool.clone();
            let identity = identity(server, &pool);
            return Some(Application {
                site: found.name.clone(),
                path: one.path.clone(),
                pool,
                identity,
            });
        }
    }
    None
}

const POOLS: &str = "system.applicationHost/applicationPools";

/// What an app pool says, or the defaults of all.
pub(super) fn pool_setting<'a>(
    server: &'a Element,
    pool: &str,
    child: &str,
    name: &str,
) -> Option<(&'a str, &'a Element)> {
    let pools = server.descendant(POOLS)?;
    let own = pools.children().find(|it| {
        it.name() == "add" && it.attribute("name").is_some_and(|n| n.eq_ignore_ascii_case(pool))
    });
    let levels = own.into_iter().chain(pools.child("applicationPoolDefaults"));
    let mut elements =
        levels.filter_map(|level| if child.is_empty() { Some(level) } else { level.child(child) });
    elements.find_map(|element| Some((element.attribute(name)?, element)))
}

fn identity(server: &Element, pool: &str) -> String {
    let kind = pool_setting(server, pool, "processModel", "identityType");
    match kind.map_or("ApplicationPoolIdentity", |(kind, _)| kind) {
        "LocalSystem" => r"NT AUTHORITY\SYSTEM".to_owned(),
        "LocalService" => r"NT AUTHORITY\LOCAL SERVICE".to_owned(),
        "NetworkService" => r"NT AUTHORITY\NETWORK SERVICE".to_owned(),
        "SpecificUser" => {
            let user = pool_setting(server, pool, "processModel", "userName");
            user.map_or_else(String::new, |(user, _)| user.to_owned())
        }
        _ => format!(r"IIS AppPool\{pool}"),
    }
}

/// Facts, and what the files among them say.
#[derive(Debug)]
pub(super) struct Subject<'a> {
    pub(super) machine: &'a Machine,
    pub(super) server: Option<Arc<Element>>,
    pub(super) site: Option<ConfiguredSite>,
    pub(super) application: Option<SiteApplication>,
    pub(super) chain: Inheritance,
    pub(super) entries: Vec<FastCgiApplication>,
}

impl<'a> Subject<'a> {
    pub(super) fn of(machine: &'a Machine) -> Self {
        let server = machine.files.server.as_ref().and_then(read);
        let web = machine.files.web_config.as_ref().and_then(read);
        let name = machine.files.site.as_deref();
        let all = server.as_ref().and_then(|root| sites::read(root).ok()).unwrap_or_default();
        // Without a name the site is none that this server knows.
        let site = all.into_iter().find(|it| name.is_some_and(|n| it.name.eq_ignore_ascii_case(n)));
        let application = site.as_ref().and_then(|site| {
            let wanted = machine.app.trim_end_matches('/');
            site.applications.iter().find(|it| it.path.trim_end_matches('/') == wanted).cloned()
        });
        let documents: Vec<FolderDocument> =
            web.iter().map(|root| FolderDocument { depth: 0, root: Arc::clone(root) }).collect();
        let site_name = site.as_ref().map_or("", |site| site.name.as_str());
        let level = server.as_ref().map(|root| (root, site_name));
        let chain = Inheritance::defaults().at(level, &documents, &[], 0);
        let own = server.as_ref().map(|root| Inheritance::server(root, site_name, "/"));
        let entries = own.and_then(|own| own.fastcgi().ok()).unwrap_or_default();
        Subject { machine, server, site, application, chain, entries }
    }

    /// Where findings go that are about the machine and nothing in it.
    pub(super) fn here(&self) -> &Path {
        let server = self.machine.files.server.as_ref();
        server.map_or(Path::new("this machine"), |file| &file.path)
    }

    /// The name of the site's IIS app pool.
    pub(super) fn pool(&self) -> Option<&str> {
        self.application.as_ref().map(|it| it.application_pool.as_str())
    }

    /// What the app pool says, with where.
    pub(super) fn setting(&self, child: &str, name: &str) -> Option<(&str, &Element)> {
        pool_setting(self.server.as_ref()?, self.pool()?, child, name)
    }

    /// The element of the app pool.
    pub(super) fn pool_element(&self) -> Option<&Element> {
        let pool = self.pool()?;
        let pools = self.server.as_ref()?.descendant(POOLS)?;
        pools.children().find(|it| {
            it.name() == "add" && it.attribute("name").is_some_and(|n| n.eq_ignore_ascii_case(pool))
        })
    }

    /// Whether a file that was looked for is missing.
    pub(super) fn is_missing(&self, path: &Path) -> bool {
        self.machine.existing.iter().any(|(told, is_there)| told == path && !is_there)
    }
}

fn read(file: &RawFile) -> Option<Arc<Element>> {
    let root = document::decode(&file.path, &file.bytes).ok()?;
    (root.name() == "configuration").then(|| Arc::new(root))
}
