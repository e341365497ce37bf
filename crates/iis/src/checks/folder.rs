//! Owns reading what rules look at from a folder.
//!
//! Does not judge it.

use std::path::Path;

use super::subject::{Files, RawFile};
use crate::error::Error;
use crate::site;

/// Below this depth nothing is looked for: what a web server serves by accident lies near its root.
const DEPTH_MAX: usize = 6;
/// A folder with more names is no site; what is beyond is not looked at.
const NAMES_MAX: usize = 20_000;
/// Folders of which the name is enough.
const CLOSED: [&str; 6] = [".git", ".hg", ".svn", "node_modules", "__pycache__", "site-packages"];

/// Reads a site's folder and, if one is named, the server's file.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn load(folder: &Path, server: Option<&Path>, site: Option<&str>) -> Result<Files, Error> {
    let raw = |path: &Path| -> Result<RawFile, Error> {
        Ok(RawFile { path: path.to_owned(), bytes: std::fs::read(path).map_err(Error::io(path))? })
    };
    let web_config = site::find_web_config(folder)?.map(|path| raw(&path)).transpose()?;
    let pyproject = folder.join(site::PYPROJECT);
    let pyproject = pyproject.is_file().then(|| raw(&pyproject)).transpose()?;
    let mut listing = Vec::new();
    list(folder, "", 0, &mut listing)?;
    listing.sort();
    Ok(Files {
        folder: folder.to_owned(),
        web_config,
        server: server.map(raw).transpose()?,
        site: site.map(str::to_owned),
        pyproject,
        listing,
    })
}

/// Names relative to the site's folder, with `/`; folders end with one.
fn list(folder: &Path, prefix: &str, depth: usize, names: &mut Vec<String>) -> Result<(), Error> {
    for entry in std::fs::read_dir(folder).map_err(Error::io(folder))? {
        let entry = entry.map_err(Error::io(folder))?;
        if names.len() >= NAMES_MAX {
            return Ok(());
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        // Links are not followed: they may lead round in circles.
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            names.push(format!("{prefix}{name}"));
            continue;
        }
        names.push(format!("{prefix}{name}/"));
        if depth < DEPTH_MAX && !CLOSED.contains(&name.as_str()) {
            // A folder that is closed to us is closed to the web server's user mostly, too.
            let _ = list(&entry.path(), &format!("{prefix}{name}/"), depth + 1, names);
        }
    }
    Ok(())
}
