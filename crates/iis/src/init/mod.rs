//! Owns what `iisgate init` wants of a site's folder: which app it holds, and how `web.config` and
//! `pyproject.toml` have to read so that IIS serves it.
//!
//! Does not write them (`saving` does) and does not show them.

mod convert;
mod detect;
mod http_platform;
mod listing;
mod project_file;
mod settings;
mod web_config;

use std::path::{Path, PathBuf};

pub use detect::{Found, Framework, detect};
pub use listing::Listing;

use crate::editor::Editor;
use crate::error::Error;
use crate::site::PYPROJECT;

/// Where iisgate is on a server, unless told otherwise: what the examples say, too.
pub const USUAL_PROGRAM: &str = r"C:\Program Files\iisgate\iisgate.exe";

/// What an existing site was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Microsoft's wfastcgi, or its like.
    Wfastcgi,
    /// HttpPlatformHandler with a Python server behind it.
    HttpPlatform,
}

/// What is wanted.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The TARGET, when it is told.
    pub target: Option<String>,
    /// The full path of iisgate on the server.
    pub program: String,
    /// What the site is converted from.
    pub origin: Option<Origin>,
}

/// A file that is to be other than it is.
#[derive(Debug, Clone)]
pub struct FileChange {
    /// The file.
    pub path: PathBuf,
    /// What it is now; `None` when there is none.
    pub original: Option<Vec<u8>>,
    /// What it is to be.
    pub fresh: Vec<u8>,
}

/// Why something is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The element, attribute or key.
    pub what: String,
    /// Why.
    pub why: String,
}

impl Reason {
    pub(crate) fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Reason { what: what.into(), why: why.into() }
    }
}

/// What is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What was found, in words.
    pub found: String,
    /// The app's TARGET.
    pub target: String,
    /// The files that change; none when all is as it should be.
    pub changes: Vec<FileChange>,
    /// Why, in the order of the lines.
    pub reasons: Vec<Reason>,
    /// What somebody still has to do.
    pub notes: Vec<String>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A file of the site says something that cannot be.
    #[error(transparent)]
    Configuration(#[from] Error),
    /// The user has to decide, or to change something first.
    #[error("{message}")]
    Undecided {
        /// What stands in the way, and where.
        message: String,
        /// What mends it.
        hint: String,
    },
}

impl Refusal {
    pub(crate) fn undecided(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Refusal::Undecided { message: message.into(), hint: hint.into() }
    }
}

/// Makes the plan for a site's folder.
///
/// # Errors
/// When no app is found, the one that is found cannot be served, or one of the two files is wrong or
/// means something that nobody but the user may change.
pub fn plan(folder: &Path, listing: &Listing, wish: &Wish) -> Result<Plan, Refusal> {
    let mut editor = Editor::web_config(folder)?;
    let mut project = project_file::ProjectFile::load(&folder.join(PYPROJECT))?;
    let told_before = web_config::told_target(&editor);
    let mut reasons = Vec::new();
    let converted = match wish.origin {
        Some(Origin::Wfastcgi) => Some(convert::wfastcgi(&mut editor, &mut reasons)?),
        Some(Origin::HttpPlatform) => Some(http_platform::convert(&mut editor, &mut reasons)?),
        None => None,
    };
    let begins = editor.original().is_none();
    let told = wish
        .target
        .clone()
        .or(told_before)
        .or_else(|| project.target())
        .or_else(|| converted.as_ref().and_then(|converted| converted.target.clone()));
    let mut found = match told {
        Some(target) => detect::told(listing, target),
        None => detect(listing)?,
    };
    let mut keys = vec![("target", found.target.clone().into())];
    if let Some(converted) = converted {
        keys.extend(converted.settings);
        project.set_environment(&converted.environment);
        found.notes.extend(converted.notes);
    }
    web_config::write(&mut editor, &found, &wish.program, &mut reasons)?;
    project.set(&keys);
    let mut changes = Vec::new();
    if begins || editor.is_changed() {
        changes.push(FileChange {
            path: editor.path().to_owned(),
            original: editor.original().filter(|_| !begins).map(<[u8]>::to_vec),
            fresh: editor.to_bytes(),
        });
    }
    changes.extend(project.change());
    let (target, notes) = (found.target, found.notes);
    Ok(Plan { found: found.words, target, changes, reasons, notes })
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
