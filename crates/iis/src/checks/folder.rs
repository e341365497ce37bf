//! Owns reading what rules look at from a folder.
//!
//! Does not judge it.

use std::path::Path;

use super::subject::{BelowFile, Files, NeighbourFile, RawFile};
use crate::error::Error;
use crate::{document, external, site, sites};

/// Below this depth nothing is looked for: what a web server serves by accident lies near its root.
const DEPTH_MAX: usize = 6;
/// A folder with more names is no site; what is beyond is not looked at.
const NAMES_MAX: usize = 20_000;
/// So many folders below a site have a `web.config` of their own before it is a server of sites.
const BELOW_MAX: usize = 200;
/// So many applications of a server are compared with the site.
const NEIGHBOURS_MAX: usize = 1_000;
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
    let below = below(folder, &listing, raw)?;
    let server = server.map(raw).transpose()?;
    let own = web_config.iter().chain(&server).chain(below.iter().map(|below| &below.file));
    let sources = own.flat_map(|file| sources(file, raw)).collect();
    let neighbours = server.iter().flat_map(|server| neighbours(server, folder)).collect();
    Ok(Files {
        folder: folder.to_owned(),
        web_config,
        server,
        site: site.map(str::to_owned),
        pyproject,
        listing,
        sources,
        below,
        neighbours,
    })
}

/// The `web.config`s of the folders below; a folder's comes before those of its folders.
fn below(
    folder: &Path,
    listing: &[String],
    raw: impl Fn(&Path) -> Result<RawFile, Error>,
) -> Result<Vec<BelowFile>, Error> {
    let mut found: Vec<(&str, &str)> = listing
        .iter()
        .filter_map(|name| name.rsplit_once('/'))
        .filter(|(_, name)| name.eq_ignore_ascii_case(site::WEB_CONFIG))
        .collect();
    found.sort_by_key(|(folder, _)| (folder.matches('/').count(), *folder));
    let read = |(path, name): (&str, &str)| {
        let file = raw(&folder.join(path).join(name))?;
        Ok(BelowFile { folder: format!("{path}/"), file })
    };
    found.into_iter().take(BELOW_MAX).map(read).collect()
}

/// The files that sections of a file stand in; one that cannot be read is found missing by a rule.
fn sources(file: &RawFile, raw: impl Fn(&Path) -> Result<RawFile, Error>) -> Vec<RawFile> {
    let Ok(root) = document::decode(&file.path, &file.bytes) else { return Vec::new() };
    external::sources(&root).iter().filter_map(|(_, path)| raw(path).ok()).collect()
}

/// The `web.config`s of the server's other applications, as far as they can be read here.
fn neighbours(server: &RawFile, folder: &Path) -> Vec<NeighbourFile> {
    let root = document::decode(&server.path, &server.bytes).ok();
    let sites = root.and_then(|root| sites::read(&root).ok()).unwrap_or_default();
    let ours = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let mut found = Vec::new();
    for site in &sites {
        for application in &site.applications {
            let roots = application.virtual_directories.iter().filter(|it| it.path == "/");
            let root = roots.map(|it| it.physical_path.canonicalize()).find_map(Result::ok);
            let Some(root) = root.filter(|root| *root != ours) else { continue };
            let Some(path) = site::find_web_config(&root).ok().flatten() else { continue };
            let Ok(bytes) = std::fs::read(&path) else { continue };
            found.push(NeighbourFile {
                name: format!("{}{}", site.name, application.path.trim_end_matches('/')),
                pool: application.application_pool.clone(),
                file: RawFile { path, bytes },
            });
        }
    }
    found.truncate(NEIGHBOURS_MAX);
    found
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
