//! Owns the way of a URL path down a site: which folders it passes, and what their `web.config`s and
//! the server's file say for it together.
//!
//! Does not merge (`inherit`, `effective`). A folder that is not on this machine says nothing: files
//! written for a server are read elsewhere, too.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::Element;
use crate::error::Error;
use crate::inherit::{FolderDocument, Inheritance, segments};
use crate::site;
use crate::sites::{ConfiguredSite, SiteApplication, VirtualDirectory};

/// What was found on the way.
#[derive(Debug, Clone)]
pub struct Way {
    /// What counts for the path.
    pub inheritance: Inheritance,
    /// The `web.config`s that were passed, outermost first.
    pub files: Vec<PathBuf>,
    /// Folders that the path should lead through and that are not there.
    pub missing: Vec<PathBuf>,
}

/// The way below a folder that is the root of a site.
///
/// # Errors
/// When a `web.config` cannot be read.
pub fn below_folder(root: &Path, url_path: &str) -> Result<Way, Error> {
    let segments = segments(url_path);
    let folder = |depth: usize| Some((join(root, &segments[..depth]), true));
    follow(None, &segments, 0, folder)
}

/// The way down a site of an `applicationHost.config`.
///
/// # Errors
/// When a `web.config` cannot be read.
pub fn of_site(server: &Arc<Element>, site: &ConfiguredSite, url_path: &str) -> Result<Way, Error> {
    let segments = segments(url_path);
    let application_depth = application(site, &segments).map_or(0, |(_, depth)| depth);
    let folder = |depth: usize| {
        let passed = &segments[..depth];
        let (application, at) = application(site, passed)?;
        let (directory, within) = virtual_directory(application, &passed[at..])?;
        let rest = &passed[at + within..];
        let may_speak = rest.is_empty() || directory.allows_sub_dir_config;
        Some((join(&directory.physical_path, rest), may_speak))
    };
    follow(Some((server, site.name.as_str())), &segments, application_depth, folder)
}

/// Reads the `web.config` of the folder of each step; `folder` also tells whether it may have one.
fn follow(
    server: Option<(&Arc<Element>, &str)>,
    segments: &[String],
    application_depth: usize,
    folder: impl Fn(usize) -> Option<(PathBuf, bool)>,
) -> Result<Way, Error> {
    let (mut documents, mut files, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for depth in 0..=segments.len() {
        let Some((folder, may_speak)) = folder(depth) else { continue };
        if !folder.is_dir() {
            // The last step may well be a file, or nothing but a URL.
            if depth < segments.len() || depth == 0 {
                missing.push(folder);
            }
            continue;
        }
        let root = if may_speak { site::load_web_config(&folder)? } else { None };
        if let Some(root) = root {
            files.push(root.path().to_owned());
            documents.push(FolderDocument { depth, root });
        }
    }
    let inheritance = Inheritance::defaults().at(server, &documents, segments, application_depth);
    Ok(Way { inheritance, files, missing })
}

/// The application with the longest path that a URL path begins with, and that path's segments.
fn application<'a>(
    site: &'a ConfiguredSite,
    passed: &[String],
) -> Option<(&'a SiteApplication, usize)> {
    let found = site.applications.iter().filter_map(|one| Some((one, mounted(&one.path, passed)?)));
    found.max_by_key(|(_, depth)| *depth)
}

fn virtual_directory<'a>(
    application: &'a SiteApplication,
    passed: &[String],
) -> Option<(&'a VirtualDirectory, usize)> {
    let all = application.virtual_directories.iter();
    all.filter_map(|one| Some((one, mounted(&one.path, passed)?))).max_by_key(|(_, depth)| *depth)
}

/// How many segments a path has, if the way leads there. Case says nothing, as on Windows.
fn mounted(path: &str, passed: &[String]) -> Option<usize> {
    let own = segments(path);
    let begins = own.len() <= passed.len()
        && own.iter().zip(passed).all(|(a, b)| crate::letter_case::alike(a, b));
    begins.then_some(own.len())
}

fn join(root: &Path, segments: &[String]) -> PathBuf {
    segments.iter().fold(root.to_owned(), |path, segment| path.join(segment))
}
