//! Owns the site being served: its applications and virtual directories, and which of them a URL path
//! belongs to.
//!
//! Does not choose handlers (`mapping` does), does not read folders' configuration (`folders` does)
//! and starts nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use iis::fastcgi::FastCgiApplication;
use iis::letter_case::alike;
use iis::sites::{ConfiguredSite, DEFAULT_APPLICATION_POOL};
use iis::{Element, Inheritance};

use crate::error::Error;
use crate::folders::{Folder, Folders, Way};
use crate::settings::SiteSource;
use crate::{url, windows_names};

/// The site's name when a folder is served without an `applicationHost.config`.
const DIRECTORY_SITE: &str = "Default Web Site";

/// A site with everything that its requests need.
#[derive(Debug)]
pub(crate) struct ServedSite {
    pub(crate) name: String,
    pub(crate) id: u32,
    /// Host and port of the first http binding.
    pub(crate) binding: Option<(String, u16)>,
    /// Host and port of the first https binding.
    pub(crate) https_binding: Option<(String, u16)>,
    /// The host names of all http and https bindings; empty when one of them takes any.
    pub(crate) host_names: Vec<String>,
    /// The host names that bindings name.
    pub(crate) binding_hosts: Vec<String>,
    /// Longest path first.
    pub(crate) applications: Vec<ServedApplication>,
    /// `None` without an `applicationHost.config`: then any script processor is taken.
    pub(crate) fastcgi: Option<Vec<FastCgiApplication>>,
    folders: Folders,
}

/// A site application.
#[derive(Debug)]
pub(crate) struct ServedApplication {
    /// `/` or `/app`.
    pub(crate) path: String,
    pub(crate) pool_name: String,
    /// Longest path first; the root is last.
    pub(crate) directories: Vec<ServedDirectory>,
}

/// A virtual directory.
#[derive(Debug)]
pub(crate) struct ServedDirectory {
    /// Its path below the application.
    pub(crate) path: String,
    /// Its folder; canonical.
    pub(crate) root: PathBuf,
    /// Whether folders below it may have a `web.config`.
    pub(crate) allows_sub_dir_config: bool,
}

/// A URL path's place in the site.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Located<'site, 'path> {
    pub(crate) application: &'site ServedApplication,
    /// The folder of the virtual directory.
    pub(crate) root: &'site Path,
    /// What is left of the path below that folder: no slash in front.
    pub(crate) rest: &'path str,
    allows_sub_dir_config: bool,
}

impl ServedSite {
    pub(crate) fn load(source: &SiteSource) -> Result<Self, Error> {
        let site = match source {
            SiteSource::Directory(directory) => Self::of_directory(directory)?,
            SiteSource::ApplicationHost { file, site } => {
                Self::of_application_host(file, site.as_deref())?
            }
        };
        // What is wrong with them is told before the first request.
        for application in &site.applications {
            site.folder(&application.path)?;
        }
        Ok(site)
    }

    fn of_directory(directory: &Path) -> Result<Self, Error> {
        let directory = existing(directory)?;
        let directory =
            ServedDirectory { path: "/".to_owned(), root: directory, allows_sub_dir_config: true };
        let application = ServedApplication {
            path: "/".to_owned(),
            pool_name: DEFAULT_APPLICATION_POOL.to_owned(),
            directories: vec![directory],
        };
        Ok(ServedSite {
            name: DIRECTORY_SITE.to_owned(),
            id: 1,
            binding: None,
            https_binding: None,
            host_names: Vec::new(),
            binding_hosts: Vec::new(),
            applications: vec![application],
            fastcgi: None,
            folders: Folders::new(None),
        })
    }

    fn of_application_host(file: &Path, name: Option<&str>) -> Result<Self, Error> {
        let root = iis::site::load_configuration(file)?;
        let sites = iis::sites::read(&root)?;
        let chosen = match name {
            Some(name) => sites.iter().find(|site| site.name.eq_ignore_ascii_case(name)),
            None => sites.first(),
        };
        let Some(site) = chosen else {
            return Err(Error::NoSuchSite {
                path: file.to_owned(),
                name: name.unwrap_or("(any)").to_owned(),
                known: sites.into_iter().map(|site| site.name).collect(),
            });
        };
        let fastcgi = Inheritance::server(&root, &site.name, "").fastcgi()?;
        let bindings = || site.bindings.iter().filter(|binding| binding.port.is_some());
        let mut host_names: Vec<String> =
            bindings().map(|binding| binding.host.to_lowercase()).collect();
        let binding_hosts = host_names.iter().filter(|name| !name.is_empty()).cloned().collect();
        if host_names.iter().any(String::is_empty) {
            host_names.clear();
        }
        let first = |protocol: &str| {
            let binding = bindings().find(|binding| binding.protocol == protocol)?;
            Some((listen_host(&binding.address), binding.port?))
        };
        Ok(ServedSite {
            name: site.name.clone(),
            id: site.id,
            binding: first("http"),
            https_binding: first("https"),
            host_names,
            binding_hosts,
            applications: served_applications(site)?,
            fastcgi: Some(fastcgi),
            folders: Folders::new(Some((Arc::clone(&root), site.name.clone()))),
        })
    }

    /// The application whose path is the longest that a URL path starts with, and the virtual
    /// directory likewise. Letters match in either case, as on Windows.
    pub(crate) fn locate<'site, 'path>(
        &'site self,
        path: &'path str,
    ) -> Option<Located<'site, 'path>> {
        let below = |application: &'site ServedApplication| {
            Some((application, strip_mount(path, &application.path)?))
        };
        let (application, inner) = self.applications.iter().find_map(below)?;
        let (directory, rest) = application
            .directories
            .iter()
            .find_map(|directory| Some((directory, strip_mount(inner, &directory.path)?)))?;
        Some(Located {
            application,
            root: &directory.root,
            rest: rest.trim_start_matches('/'),
            allows_sub_dir_config: directory.allows_sub_dir_config,
        })
    }

    /// The `applicationHost.config`, if there is one, and the site's name in it.
    pub(crate) fn server(&self) -> Option<(&Element, &str)> {
        self.folders.server()
    }

    /// The folder of the site's root.
    pub(crate) fn root(&self) -> &Path {
        self.applications.last().map_or(Path::new(""), |application| application.root())
    }

    /// The effective configuration for a URL path: each existing folder on the way down may have a
    /// `web.config`, whichever application or virtual directory it belongs to.
    pub(crate) fn folder(&self, path: &str) -> Result<Arc<Folder>, iis::Error> {
        let segments = iis::inherit::segments(path);
        let application = self.locate(path).map(|located| located.application);
        let application_depth =
            application.map_or(0, |application| iis::inherit::segments(&application.path).len());
        let mut directories = Vec::new();
        // Below a folder that is not there is nothing, until another root begins.
        let mut missing_below: Option<&Path> = None;
        let mut step = String::with_capacity(path.len() + 1);
        for depth in 0..=segments.len() {
            if depth != 1 {
                step.push('/');
            }
            step.push_str(depth.checked_sub(1).map_or("", |last| &segments[last]));
            let Some(located) = self.locate(&step) else { continue };
            let is_silent = !located.rest.is_empty() && !located.allows_sub_dir_config;
            if is_silent || missing_below == Some(located.root) {
                continue;
            }
            let directory = url::below(located.root, located.rest);
            let can_be = !windows_names::has_impossible(located.rest);
            if can_be && directory.is_dir() {
                directories.push((depth, directory));
            } else {
                missing_below = Some(located.root);
            }
        }
        self.folders.of(Way { segments, application_depth, directories })
    }
}

impl ServedApplication {
    /// The application's own folder.
    pub(crate) fn root(&self) -> &Path {
        self.directories.last().map_or(Path::new(""), |directory| &directory.root)
    }
}

fn served_applications(site: &ConfiguredSite) -> Result<Vec<ServedApplication>, Error> {
    let mut served = Vec::new();
    for application in &site.applications {
        let mut directories = Vec::new();
        for directory in &application.virtual_directories {
            directories.push(ServedDirectory {
                path: directory.path.clone(),
                root: existing(&directory.physical_path)?,
                allows_sub_dir_config: directory.allows_sub_dir_config,
            });
        }
        directories.sort_by_key(|directory| std::cmp::Reverse(directory.path.len()));
        served.push(ServedApplication {
            path: application.path.clone(),
            pool_name: application.application_pool.clone(),
            directories,
        });
    }
    served.sort_by_key(|application| std::cmp::Reverse(application.path.len()));
    Ok(served)
}

/// A folder's absolute path; it must exist.
fn existing(path: &Path) -> Result<PathBuf, Error> {
    let no_folder = || Error::NoFolder { path: path.to_owned() };
    let absolute = dunce::canonicalize(path).map_err(|_| no_folder())?;
    if absolute.is_dir() { Ok(absolute) } else { Err(no_folder()) }
}

/// The host to listen at for a binding: its address, or this machine alone when it takes all. A
/// developer's machine is not a server to the network unless `--host` says so.
fn listen_host(address: &str) -> String {
    let any = address.is_empty() || address == "*";
    (if any { crate::settings::HOST_DEFAULT } else { address }).to_owned()
}

/// What is left of a path below a mount; `None` when it lies elsewhere.
fn strip_mount<'a>(path: &'a str, mount: &str) -> Option<&'a str> {
    let mount = mount.trim_end_matches('/');
    let (head, rest) = (path.get(..mount.len())?, path.get(mount.len()..)?);
    let is_below = alike(head, mount);
    (is_below && (rest.is_empty() || rest.starts_with('/'))).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::strip_mount;

    #[test]
    fn mounts() {
        for (path, mount, expected) in [
            ("/a/b", "/", Some("/a/b")),
            ("/App/b", "/app", Some("/b")),
            ("/app", "/app", Some("")),
            ("/apple", "/app", None),
            ("/", "/app", None),
            ("/é", "/e", None),
        ] {
            assert_eq!(strip_mount(path, mount), expected, "{path} at {mount}");
        }
    }
}
