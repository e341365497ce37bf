//! Owns the site being served: its applications, virtual directories, and what the configuration
//! says for each folder, from the server's level down to the folder's `web.config`.
//!
//! Does not choose handlers (`mapping` does) and starts nothing. Configuration is read when a folder
//! is first asked for and kept until one of the files changes, as IIS does; a changed
//! `applicationHost.config` takes effect with the next start of the stand-in.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use iis::fastcgi::FastCgiApplication;
use iis::handlers::Handlers;
use iis::request_filtering::RequestFiltering;
use iis::sites::{ConfiguredSite, DEFAULT_APPLICATION_POOL};
use iis::static_content::MimeMap;
use iis::{Element, Inheritance};

use crate::error::Error;
use crate::settings::SiteSource;

/// The site's name when a folder is served without an `applicationHost.config`.
const DIRECTORY_SITE: &str = "Default Web Site";

/// A site with everything that its requests need.
#[derive(Debug)]
pub(crate) struct ServedSite {
    pub(crate) name: String,
    pub(crate) id: u32,
    /// Host and port of the first http binding.
    pub(crate) binding: Option<(String, u16)>,
    /// Longest path first.
    pub(crate) applications: Vec<Arc<ServedApplication>>,
    /// `None` without an `applicationHost.config`: then any script processor is taken.
    pub(crate) fastcgi: Option<Vec<FastCgiApplication>>,
}

/// A site application.
#[derive(Debug)]
pub(crate) struct ServedApplication {
    /// `/` or `/app`.
    pub(crate) path: String,
    pub(crate) pool_name: String,
    /// Path below the application and folder, longest path first; the root is last.
    pub(crate) directories: Vec<(String, PathBuf)>,
    /// Everything above the application's own `web.config`.
    inherited: Inheritance,
    folders: Mutex<HashMap<FolderKey, Arc<Folder>>>,
}

/// A virtual directory's folder, and the existing folders on the way down from it.
type FolderKey = (PathBuf, Vec<String>);

/// What the configuration says for a folder.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) handlers: Handlers,
    pub(crate) mime_map: MimeMap,
    pub(crate) filtering: RequestFiltering,
    /// The `web.config` files that it was made of, or would have been.
    files: Vec<Stamp>,
}

/// A file as it was when it was read.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    path: PathBuf,
    /// When it was changed and its size; `None` if it was not there.
    state: Option<(SystemTime, u64)>,
}

impl Stamp {
    fn take(path: PathBuf) -> Self {
        let metadata = std::fs::metadata(&path).ok();
        let state = metadata.and_then(|file| Some((file.modified().ok()?, file.len())));
        Stamp { path, state }
    }

    fn is_current(&self) -> bool {
        Stamp::take(self.path.clone()) == *self
    }
}

/// A URL path's place in the site.
#[derive(Debug)]
pub(crate) struct Located {
    pub(crate) application: Arc<ServedApplication>,
    /// The folder of the virtual directory.
    pub(crate) root: PathBuf,
    /// What is left of the path below that folder: no slash in front.
    pub(crate) rest: String,
}

impl ServedSite {
    pub(crate) fn load(source: &SiteSource) -> Result<Self, Error> {
        match source {
            SiteSource::Directory(directory) => Self::of_directory(directory),
            SiteSource::ApplicationHost { file, site } => {
                Self::of_application_host(file, site.as_deref())
            }
        }
    }

    fn of_directory(directory: &Path) -> Result<Self, Error> {
        let directory = existing(directory)?;
        let application = ServedApplication {
            path: "/".to_owned(),
            pool_name: DEFAULT_APPLICATION_POOL.to_owned(),
            directories: vec![("/".to_owned(), directory)],
            inherited: Inheritance::defaults(),
            folders: Mutex::default(),
        };
        application.folder(application.root(), "")?;
        Ok(ServedSite {
            name: DIRECTORY_SITE.to_owned(),
            id: 1,
            binding: None,
            applications: vec![Arc::new(application)],
            fastcgi: None,
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
        let binding = site.bindings.iter().find(|binding| binding.protocol == "http");
        Ok(ServedSite {
            name: site.name.clone(),
            id: site.id,
            binding: binding.and_then(|b| Some((listen_host(&b.address), b.port?))),
            applications: served_applications(&root, site)?,
            fastcgi: Some(fastcgi),
        })
    }

    /// The application whose path is the longest that a URL path starts with, and the virtual
    /// directory likewise. Letters match in either case, as on Windows.
    pub(crate) fn locate(&self, path: &str) -> Option<Located> {
        let below =
            |application: &&Arc<ServedApplication>| strip_mount(path, &application.path).is_some();
        let application = self.applications.iter().find(below)?;
        let inner = strip_mount(path, &application.path)?;
        let (root, rest) = application
            .directories
            .iter()
            .find_map(|(at, root)| Some((root.clone(), strip_mount(inner, at)?)))?;
        Some(Located {
            application: Arc::clone(application),
            root,
            rest: rest.trim_start_matches('/').to_owned(),
        })
    }
}

impl ServedApplication {
    /// The application's own folder.
    pub(crate) fn root(&self) -> &Path {
        self.directories.last().map_or(Path::new(""), |(_, root)| root)
    }

    /// The effective configuration for what lies at `rest` below `root`: each existing folder on
    /// the way may have a `web.config`.
    pub(crate) fn folder(&self, root: &Path, rest: &str) -> Result<Arc<Folder>, iis::Error> {
        let mut segments: Vec<String> = Vec::new();
        let mut directory = root.to_owned();
        for segment in rest.split('/').filter(|segment| !segment.is_empty()) {
            directory.push(segment);
            if !directory.is_dir() {
                break;
            }
            segments.push(segment.to_owned());
        }
        let key = (root.to_owned(), segments);
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = folders.get(&key)
            && folder.files.iter().all(Stamp::is_current)
        {
            return Ok(Arc::clone(folder));
        }
        let mut directories = vec![self.root().to_owned()];
        if root != self.root() {
            directories.push(root.to_owned());
        }
        let mut directory = root.to_owned();
        for segment in &key.1 {
            directory.push(segment);
            directories.push(directory.clone());
        }
        let mut chain = self.inherited.clone();
        let mut files = Vec::new();
        for directory in &directories {
            let found = iis::site::find_web_config(directory)?;
            // Stamped before it is read: a change meanwhile is noticed with the next request.
            files.push(Stamp::take(found.unwrap_or_else(|| directory.join(iis::site::WEB_CONFIG))));
            push_web_config(&mut chain, directory)?;
        }
        let folder = Arc::new(Folder {
            handlers: chain.handlers()?,
            mime_map: chain.static_content()?,
            filtering: chain.request_filtering()?,
            files,
        });
        folders.insert(key, Arc::clone(&folder));
        Ok(folder)
    }
}

fn push_web_config(chain: &mut Inheritance, directory: &Path) -> Result<(), iis::Error> {
    if let Some(root) = iis::site::load_web_config(directory)? {
        chain.push(&root);
    }
    Ok(())
}

fn served_applications(
    root: &Arc<Element>,
    site: &ConfiguredSite,
) -> Result<Vec<Arc<ServedApplication>>, Error> {
    let site_root = site
        .applications
        .iter()
        .filter(|application| application.path == "/")
        .flat_map(|application| &application.virtual_directories)
        .find(|directory| directory.path == "/");
    let mut served = Vec::new();
    for application in &site.applications {
        let mut directories = Vec::new();
        for directory in &application.virtual_directories {
            directories.push((directory.path.clone(), existing(&directory.physical_path)?));
        }
        directories.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        let mut inherited = Inheritance::server(root, &site.name, &application.path);
        if let Some(directory) = site_root.filter(|_| application.path != "/") {
            push_web_config(&mut inherited, &directory.physical_path)?;
        }
        let application = ServedApplication {
            path: application.path.clone(),
            pool_name: application.application_pool.clone(),
            directories,
            inherited,
            folders: Mutex::default(),
        };
        application.folder(application.root(), "")?;
        served.push(Arc::new(application));
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
    let is_below = head.to_lowercase() == mount.to_lowercase();
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
