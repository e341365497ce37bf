//! Owns what a machine has: which products are there, which Windows it is.
//!
//! Does not own what is missing (`resolve`).

use super::limits::NAMES_DEEP_MAX;
use super::model::{Feed, Hint, Installer, System, SystemVersion, Systems};

/// Where Windows Installer's products are told.
const MSI_PRODUCTS: &str =
    "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall";

/// Where Windows tells what it is.
const WINDOWS: &str = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";

/// What can be asked of a machine.
pub trait Machine {
    /// A value in the registry, numbers in decimal; with no `name`, something whenever the key is there.
    fn registry(&self, key: &str, name: Option<&str>) -> Option<String>;

    /// Whether a file is there.
    fn has_file(&self, path: &str) -> bool;

    /// An environment variable.
    fn variable(&self, name: &str) -> Option<String>;

    /// Which Windows it is; `None` where it is none.
    fn windows(&self) -> Option<Windows> {
        let number = |name| self.registry(WINDOWS, Some(name))?.parse().ok();
        Some(Windows {
            major: number("CurrentMajorVersionNumber")?,
            minor: number("CurrentMinorVersionNumber").unwrap_or(0),
            is_server: self
                .registry(WINDOWS, Some("InstallationType"))
                .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("server")),
        })
    }
}

/// A Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// The major version.
    pub major: u32,
    /// The minor version.
    pub minor: u32,
    /// Whether it is a server's.
    pub is_server: bool,
}

/// Whether a hint is met; one that leads to itself is not.
pub fn is_met(hint: &Hint, feed: &Feed, machine: &dyn Machine) -> bool {
    met(hint, feed, machine, 0)
}

fn met(hint: &Hint, feed: &Feed, machine: &dyn Machine, depth: usize) -> bool {
    match hint {
        Hint::Named(name) => {
            depth < NAMES_DEEP_MAX
                && feed.hint(name).is_some_and(|hint| met(hint, feed, machine, depth + 1))
        }
        Hint::Registry { key, name, data } => {
            let found = machine.registry(key, name.as_deref());
            found.is_some_and(|found| {
                data.as_ref().is_none_or(|data| data.eq_ignore_ascii_case(&found))
            })
        }
        Hint::File(path) => machine.has_file(&expanded(path, machine)),
        Hint::MsiProduct(code) => {
            machine.registry(&format!("{MSI_PRODUCTS}\\{code}"), None).is_some()
        }
        // No hint at all says nothing.
        Hint::All(hints) => {
            !hints.is_empty() && hints.iter().all(|hint| met(hint, feed, machine, depth))
        }
        Hint::Any(hints) => hints.iter().any(|hint| met(hint, feed, machine, depth)),
    }
}

/// A text with the machine's environment variables in it.
pub(super) fn expanded(text: &str, machine: &dyn Machine) -> String {
    iis::expand::environment_variables(text, |name| machine.variable(name))
}

/// The installer that fits the machine and the language best: its systems must, its language should.
pub fn fitting<'a>(
    installers: &'a [Installer],
    feed: &Feed,
    language: &str,
    machine: &dyn Machine,
) -> Option<&'a Installer> {
    let windows = machine.windows();
    let fits = |installer: &&Installer| {
        is_for_x64(installer) && windows.is_none_or(|windows| is_for(installer, feed, windows))
    };
    let fitting: Vec<&Installer> = installers.iter().filter(fits).collect();
    let speaks = |wanted: &str| {
        fitting.iter().copied().find(|installer| {
            installer.languages.is_empty()
                || installer.languages.iter().any(|one| one.eq_ignore_ascii_case(wanted))
        })
    };
    let own = feed.languages.iter().find(|one| one.default.is_some()).map(|one| one.id.as_str());
    speaks(language)
        .or_else(|| speaks(language.split('-').next().unwrap_or(language)))
        .or_else(|| speaks(own.unwrap_or("en")))
        .or_else(|| fitting.first().copied())
}

fn is_for_x64(installer: &Installer) -> bool {
    let names = &installer.architectures;
    // What is for x86 alone runs on x64, too.
    names.is_empty() || names.iter().any(|name| ["x64", "x86"].contains(&name.as_str()))
}

fn is_for(installer: &Installer, feed: &Feed, windows: Windows) -> bool {
    let listed: &[System] = match &installer.systems {
        None => return true,
        Some(Systems::Listed(systems)) => systems,
        Some(Systems::Named(name)) => {
            match feed.system_lists.iter().find(|list| list.id == *name) {
                Some(list) => &list.systems,
                // A list that is not there forbids nothing: `verify` tells it.
                None => return true,
            }
        }
    };
    listed.iter().any(|system| {
        let named = system.reference.as_ref();
        let system = named.map_or(Some(system), |name| {
            feed.systems.iter().find(|system| system.id.as_ref() == Some(name))
        });
        system.is_some_and(|system| fits(system, windows))
    })
}

fn fits(system: &System, windows: Windows) -> bool {
    let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<u32>().ok());
    let version = |version: &SystemVersion| (number(&version.major), number(&version.minor));
    let is_new_enough = system.minimum.as_ref().is_none_or(|least| {
        let (major, minor) = version(least);
        (windows.major, windows.minor) >= (major.unwrap_or(0), minor.unwrap_or(0))
    });
    let is_old_enough = system.maximum.as_ref().is_none_or(|most| {
        let (major, minor) = version(most);
        let most = (major.unwrap_or(u32::MAX), minor.unwrap_or(u32::MAX));
        (windows.major, windows.minor) <= most
    });
    let is_of_type = system.types.as_ref().is_none_or(|types| {
        types.is_empty() || types.iter().any(|kind| (kind == "Server") == windows.is_server)
    });
    is_new_enough && is_old_enough && is_of_type
}

#[cfg(test)]
#[path = "discovery_tests.rs"]
pub(super) mod tests;
