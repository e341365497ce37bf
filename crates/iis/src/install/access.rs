//! Owns the rights that the identity of an IIS app pool needs on folders, as commands of `icacls`.
//!
//! Does not look for the folders.

use std::path::PathBuf;

use super::appcmd::Command;

/// The folders of a site.
#[derive(Debug, Clone, Default)]
pub struct Folders {
    /// To be read: the site, the virtual environment, the base Python, iisgate's own.
    pub read: Vec<PathBuf>,
    /// To be written: logs, temporary files.
    pub written: Vec<PathBuf>,
}

/// One command for each folder. Files below inherit it; nothing else that is granted changes.
pub fn commands(pool: &str, folders: &Folders) -> Vec<Command> {
    let grant = |folder: &PathBuf, right: &str| Command {
        program: "icacls".to_owned(),
        arguments: vec![
            folder.display().to_string(),
            "/grant".to_owned(),
            format!("IIS AppPool\\{pool}:(OI)(CI)({right})"),
        ],
    };
    let read = folders.read.iter().map(|folder| grant(folder, "RX"));
    read.chain(folders.written.iter().map(|folder| grant(folder, "M"))).collect()
}
