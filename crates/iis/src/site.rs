//! Owns the convenience of reading a site's own folder: `web.config` and `pyproject.toml`.
//!
//! Does not read `applicationHost.config` (`sites` and `inherit` do) and merges nothing inherited.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::app_settings::{self, AppSettings};
use crate::document::{self, Element};
use crate::error::Error;
use crate::external;
use crate::project::{self, Project};
use sha2::{Digest as _, Sha256};

/// The name under which IIS looks for a folder's configuration, whatever its case on disk.
pub const WEB_CONFIG: &str = "web.config";
/// The file that may hold `[tool.iisgate]`.
pub const PYPROJECT: &str = "pyproject.toml";

/// Of a hash of the two: as much as makes two states differ for sure.
const STAMP_BYTES: usize = 12;

/// What the files in a site's folder say.
#[derive(Debug, Clone)]
pub struct Site {
    /// The folder.
    pub directory: PathBuf,
    /// The root of its `web.config`, when there is one.
    pub web_config: Option<Arc<Element>>,
    /// Its `<appSettings>`.
    pub app_settings: AppSettings,
    /// Its `[tool.iisgate]`; all defaults when there is none.
    pub project: Project,
}

impl Site {
    /// Reads the folder's files. A folder without either is a site that says nothing.
    ///
    /// # Errors
    /// When the folder or one of the files cannot be read or understood.
    pub fn load(directory: &Path) -> Result<Site, Error> {
        let web_config = load_web_config(directory)?;
        let levels: Vec<_> =
            web_config.iter().filter_map(|root| root.descendant("appSettings")).collect();
        let app_settings = app_settings::read(&levels)?;
        let pyproject = directory.join(PYPROJECT);
        let project = if pyproject.is_file() { project::load(&pyproject)? } else { None };
        Ok(Site {
            directory: directory.to_owned(),
            app_settings,
            project: project.unwrap_or_default(),
            web_config,
        })
    }
}

/// What tells one state of a folder's two files from another: a hash of their contents. A file that is
/// not there, or cannot be read, has none.
pub fn stamp(directory: &Path) -> String {
    let mut hash = Sha256::new();
    let web_config = find_web_config(directory).ok().flatten();
    for file in [web_config, Some(directory.join(PYPROJECT))] {
        let contents = file.and_then(|file| std::fs::read(file).ok()).unwrap_or_default();
        hash.update((contents.len() as u64).to_le_bytes());
        hash.update(contents);
    }
    hash.finalize()[..STAMP_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Finds a folder's `web.config` without regard to case; the exact name wins.
///
/// # Errors
/// When the folder cannot be read.
pub fn find_web_config(directory: &Path) -> Result<Option<PathBuf>, Error> {
    let exact = directory.join(WEB_CONFIG);
    if exact.is_file() {
        return Ok(Some(exact));
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(Error::io(directory))? {
        let entry = entry.map_err(Error::io(directory))?;
        let is_it = entry.file_name().to_str().is_some_and(|n| n.eq_ignore_ascii_case(WEB_CONFIG));
        if is_it && entry.path().is_file() {
            found.push(entry.path());
        }
    }
    // Two spellings side by side cannot be on Windows; elsewhere the choice is at least stable.
    found.sort();
    Ok(found.into_iter().next())
}

/// Loads a folder's `web.config`, when there is one.
///
/// # Errors
/// When it cannot be read, or its root is not `<configuration>`.
pub fn load_web_config(directory: &Path) -> Result<Option<Arc<Element>>, Error> {
    find_web_config(directory)?.map(|path| load_configuration(&path)).transpose()
}

/// Loads a `web.config` or `applicationHost.config`, with the sections that `configSource` names.
///
/// # Errors
/// When it cannot be read, or its root is not `<configuration>`.
pub fn load_configuration(path: &Path) -> Result<Arc<Element>, Error> {
    let root = document::load(path)?;
    if root.name() == "configuration" {
        Ok(Arc::new(external::resolved(root)?))
    } else {
        Err(root.error(format!("the root element must be <configuration>: <{}>", root.name())))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Site, stamp};
    use crate::inherit::Inheritance;
    use crate::script_processor::ScriptProcessor;

    #[test]
    fn each_state_of_the_two_files_has_a_stamp_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let mut stamps = vec![stamp(folder.path())];
        for (name, text) in [
            ("Web.Config", "<configuration/>"),
            ("pyproject.toml", ""),
            ("pyproject.toml", "<configuration/>"),
            ("Web.Config", ""),
            ("app.py", "changes nothing"),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
            stamps.push(stamp(folder.path()));
        }
        // An empty file says what none says.
        assert_eq!(stamps[1], stamps[2]);
        assert_eq!(stamps[4], stamps[5]);
        stamps.sort();
        stamps.dedup();
        assert_eq!(stamps.len(), 4);
    }

    #[test]
    fn a_wfastcgi_site() {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/config/wfastcgi");
        let site = Site::load(&fixture).unwrap();
        assert_eq!(site.app_settings.get("WSGI_HANDLER"), Some("shop.wsgi.application"));
        assert_eq!(site.app_settings.get("PYTHONPATH"), Some(r"%HOME%\site;C:\lib"));
        assert_eq!(site.project.target, None);
        let mut chain = Inheritance::defaults();
        chain.push(&site.web_config.unwrap());
        let handlers = chain.handlers().unwrap();
        assert_eq!(handlers.mappings[0].name, "Python FastCGI");
        assert_eq!(
            handlers.mappings[0].script_processor,
            Some(ScriptProcessor {
                full_path: r"C:\Python312\python.exe".to_owned(),
                arguments: r"C:\Python312\Lib\site-packages\wfastcgi.py".to_owned(),
            })
        );
        let mime_map = chain.static_content().unwrap();
        assert_eq!(mime_map.get("app.webmanifest"), Some("application/manifest+json"));
    }

    #[test]
    fn names_in_any_case() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Site::load(folder.path()).unwrap().web_config.is_none());
        std::fs::write(folder.path().join("Web.Config"), "<configuration/>").unwrap();
        std::fs::write(folder.path().join("pyproject.toml"), "[tool.iisgate]\ntarget = 'a:b'")
            .unwrap();
        let site = Site::load(folder.path()).unwrap();
        // Where names have no case, the usual one finds it.
        let found = site.web_config.unwrap().path().to_owned();
        assert!(
            found.file_name().unwrap().eq_ignore_ascii_case("web.config"),
            "{}",
            found.display()
        );
        assert_eq!(site.project.target.as_deref(), Some("a:b"));
        std::fs::write(folder.path().join("Web.Config"), "<config/>").unwrap();
        let message = Site::load(folder.path()).unwrap_err().to_string();
        assert!(
            message.contains("the root element must be <configuration>: <config>"),
            "{message}"
        );
    }
}
