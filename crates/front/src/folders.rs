//! Owns what the configuration says for each URL path: read when it is first asked for, kept until
//! one of its files changes, as IIS does.
//!
//! Does not find the folders that a path passes (`site` does). The server's own file is read once:
//! its changes take effect with the next start of the stand-in.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use iis::authentication::Authentication;
use iis::authorization::Authorization;
use iis::directories::{DefaultDocuments, DirectoryBrowse};
use iis::handlers::Handlers;
use iis::http_errors::HttpErrors;
use iis::http_protocol::HttpProtocol;
use iis::http_redirect::HttpRedirect;
use iis::inherit::{FolderDocument, LevelName};
use iis::request_filtering::RequestFiltering;
use iis::rewrite::Rewriting;
use iis::static_content::{ClientCache, MimeMap};
use iis::{Element, Inheritance};

use crate::file_state::FileState;

/// What the configuration says for a URL path.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) handlers: Handlers,
    pub(crate) mime_map: MimeMap,
    pub(crate) client_cache: ClientCache,
    pub(crate) filtering: RequestFiltering,
    pub(crate) errors: HttpErrors,
    pub(crate) default_documents: DefaultDocuments,
    pub(crate) browse: DirectoryBrowse,
    pub(crate) protocol: HttpProtocol,
    pub(crate) redirect: Option<HttpRedirect>,
    pub(crate) rewriting: Rewriting,
    pub(crate) authentication: Authentication,
    pub(crate) authorization: Authorization,
}

/// The sections that a folder is made of.
const SECTIONS: [&str; 18] = [
    "system.webServer/handlers",
    "system.webServer/staticContent",
    "system.webServer/security/requestFiltering",
    "system.webServer/httpErrors",
    "system.webServer/defaultDocument",
    "system.webServer/directoryBrowse",
    "system.webServer/httpProtocol",
    "system.webServer/httpRedirect",
    "system.webServer/rewrite/globalRules",
    "system.webServer/rewrite/rules",
    "system.webServer/rewrite/rewriteMaps",
    "system.webServer/security/authentication/anonymousAuthentication",
    "system.webServer/security/authentication/windowsAuthentication",
    "system.webServer/security/authentication/basicAuthentication",
    "system.webServer/security/authentication/digestAuthentication",
    "system.webServer/security/authentication/clientCertificateMappingAuthentication",
    "system.webServer/security/authentication/iisClientCertificateMappingAuthentication",
    AUTHORIZATION,
];

const AUTHORIZATION: &str = "system.webServer/security/authorization";

impl Folder {
    fn read(chain: &Inheritance) -> Result<Self, iis::Error> {
        chain.check_locks(&SECTIONS)?;
        Ok(Folder {
            handlers: chain.handlers()?,
            mime_map: chain.static_content()?,
            client_cache: chain.client_cache()?,
            filtering: chain.request_filtering()?,
            errors: chain.http_errors()?,
            default_documents: chain.default_documents()?,
            browse: chain.directory_browse()?,
            protocol: chain.http_protocol()?,
            redirect: chain.http_redirect()?,
            rewriting: chain.rewriting()?,
            authentication: iis::authentication::read(chain)?,
            authorization: iis::authorization::read(&chain.sections(AUTHORIZATION))?,
        })
    }
}

/// A URL path with the folders that may say something about it.
#[derive(Debug)]
pub(crate) struct Way {
    pub(crate) segments: Vec<String>,
    /// How many segments the path of its site application has.
    pub(crate) application_depth: usize,
    pub(crate) directories: Directories,
}

/// Folders that exist, each with how many segments lead to it.
pub(crate) type Directories = Vec<(usize, PathBuf)>;

/// A file as it was when it was read.
#[derive(Debug)]
struct Stamp {
    path: PathBuf,
    state: FileState,
}

impl Stamp {
    fn take(path: PathBuf) -> Self {
        Stamp { state: FileState::of(&path), path }
    }

    fn is_current(&self) -> bool {
        FileState::of(&self.path) == self.state
    }
}

/// The `web.config`s on the way to a folder, and what they come to for the paths in it.
#[derive(Debug)]
struct Documents {
    documents: Vec<FolderDocument>,
    /// The files that they were read from, or would have been.
    files: Vec<Stamp>,
    folders: Mutex<HashMap<Vec<LevelName>, Arc<Folder>>>,
}

impl Documents {
    fn load(directories: &[(usize, PathBuf)]) -> Result<Self, iis::Error> {
        let (mut documents, mut files) = (Vec::new(), Vec::new());
        for (depth, directory) in directories {
            let found = iis::site::find_web_config(directory)?;
            // Stamped before it is read: a change meanwhile is noticed with the next request.
            files.push(Stamp::take(found.unwrap_or_else(|| directory.join(iis::site::WEB_CONFIG))));
            if let Some(root) = iis::site::load_web_config(directory)? {
                documents.push(FolderDocument { depth: *depth, root });
            }
        }
        Ok(Documents { documents, files, folders: Mutex::default() })
    }
}

/// All that was read so far. As many entries as there are folders and `<location>`s, however many
/// URLs are asked for.
#[derive(Debug)]
pub(crate) struct Folders {
    shipped: Inheritance,
    /// The `applicationHost.config` and the site's name in it.
    server: Option<(Arc<Element>, String)>,
    documents: Mutex<HashMap<Directories, Arc<Documents>>>,
}

impl Folders {
    pub(crate) fn new(server: Option<(Arc<Element>, String)>) -> Self {
        Folders { shipped: Inheritance::defaults(), server, documents: Mutex::default() }
    }

    /// The `applicationHost.config`, if there is one, and the site's name in it.
    pub(crate) fn server(&self) -> Option<(&Element, &str)> {
        self.server.as_ref().map(|(root, site)| (&**root, site.as_str()))
    }

    /// What is said about a path.
    pub(crate) fn of(&self, way: Way) -> Result<Arc<Folder>, iis::Error> {
        let documents = self.documents(way.directories)?;
        let server = self.server.as_ref().map(|(root, site)| (root, site.as_str()));
        let chain =
            self.shipped.at(server, &documents.documents, &way.segments, way.application_depth);
        let mut folders = documents.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let names = chain.level_names();
        if let Some(folder) = folders.get(&names) {
            return Ok(Arc::clone(folder));
        }
        let folder = Arc::new(Folder::read(&chain)?);
        folders.insert(names, Arc::clone(&folder));
        Ok(folder)
    }

    fn documents(&self, directories: Directories) -> Result<Arc<Documents>, iis::Error> {
        let mut known = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(documents) = known.get(&directories)
            && documents.files.iter().all(Stamp::is_current)
        {
            return Ok(Arc::clone(documents));
        }
        let documents = Arc::new(Documents::load(&directories)?);
        known.insert(directories, Arc::clone(&documents));
        Ok(documents)
    }
}
