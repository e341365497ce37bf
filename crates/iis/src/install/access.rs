//! Owns the rights that the identity of an IIS app pool needs on folders, as commands of `icacls`.
//!
//! Does not look for the folders.

use std::path::PathBuf;

use super::appcmd::Command;
use crate::document::Element;

/// The folders of a site.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// To be read: the site, the virtual environment, the base Python, iisgate's own.
    pub read: Vec<PathBuf>,
    /// To be written: logs, temporary files.
    pub written: Vec<PathBuf>,
}

/// Who the processes of an app pool are, as `icacls` names them; `None` for LocalSystem, which may do
/// everything already.
pub fn identity(server: &Element, pool: &str) -> Option<String> {
    let pools = server.descendant("system.applicationHost/applicationPools");
    let is_it = |item: &&Element| {
        item.name() == "add"
            && item.attribute("name").is_some_and(|name| name.eq_ignore_ascii_case(pool))
    };
    let item = pools.and_then(|pools| pools.children().find(is_it));
    let defaults = pools.and_then(|pools| pools.child("applicationPoolDefaults"));
    let told = |name: &str| {
        let of = |element: Option<&Element>| {
            Some(element?.child("processModel")?.attribute(name)?.to_owned())
        };
        of(item).or_else(|| of(defaults)).unwrap_or_default()
    };
    match told("identityType").to_lowercase().as_str() {
        "localsystem" => None,
        "localservice" => Some(r"NT AUTHORITY\LOCAL SERVICE".to_owned()),
        "networkservice" => Some(r"NT AUTHORITY\NETWORK SERVICE".to_owned()),
        "specificuser" => Some(told("userName")).filter(|name| !name.is_empty()),
        _ => Some(format!(r"IIS AppPool\{pool}")),
    }
}

/// One command for each folder. Files below inherit it; nothing else that is granted changes.
pub fn commands(identity: &str, folders: &Folders) -> Vec<Command> {
    let grant = |folder: &PathBuf, right: &str| Command {
        program: "icacls".to_owned(),
        arguments: vec![
            folder.display().to_string(),
            "/grant".to_owned(),
            format!("{identity}:(OI)(CI)({right})"),
        ],
    };
    let read = folders.read.iter().map(|folder| grant(folder, "RX"));
    read.chain(folders.written.iter().map(|folder| grant(folder, "M"))).collect()
}
