//! Owns a target folder: where things are in it, and that one installation at a time works there.
//!
//! Does not own what is installed.

use super::Error;
use super::content::below;
use super::state::{Release, State};
use platform::lock::{Lock, lock_unless};
use std::path::{Path, PathBuf};

const STATE: &str = "releases.toml";
const RELEASES: &str = "releases";
const DATA: &str = "data";
const LOCK: &str = ".lock";
const LOG: &str = "install.log";
const CURRENT: &str = "current";

/// A target folder.
#[derive(Debug, Clone)]
pub struct Target {
    folder: PathBuf,
}

impl Target {
    /// A folder that is a target, or may become one.
    ///
    /// # Errors
    /// When its path cannot be had.
    pub fn new(folder: &Path) -> Result<Self, Error> {
        let absolute = std::path::absolute(folder).map_err(Error::io("find", folder))?;
        let folder = dunce::canonicalize(&absolute).unwrap_or(absolute);
        Ok(Target { folder })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is known of it.
    ///
    /// # Errors
    /// When `releases.toml` cannot be read.
    pub fn state(&self) -> Result<State, Error> {
        State::load(&self.state_path())
    }

    pub(super) fn state_path(&self) -> PathBuf {
        self.folder.join(STATE)
    }

    pub(super) fn releases(&self) -> PathBuf {
        self.folder.join(RELEASES)
    }

    /// The folder of a release.
    pub fn release(&self, number: u32) -> PathBuf {
        self.releases().join(number.to_string())
    }

    /// What the app writes.
    pub fn data(&self) -> PathBuf {
        self.folder.join(DATA)
    }

    /// What commands have said.
    pub fn log(&self) -> PathBuf {
        self.folder.join(LOG)
    }

    /// The folder of the live site: where its `web.config` is.
    ///
    /// # Errors
    /// When `releases.toml` cannot be read.
    pub fn live(&self) -> Result<Option<PathBuf>, Error> {
        let state = self.state()?;
        let site = |release: &Release| below(&self.release(release.number), &release.site);
        Ok(state.live_release().map(site))
    }

    /// Whether somebody has made it a target, or it is empty, or not there: anything else is not ours
    /// to fill.
    pub(super) fn is_ours(&self) -> Result<bool, Error> {
        if self.state_path().is_file() {
            return Ok(true);
        }
        match std::fs::read_dir(&self.folder) {
            // What a first run leaves that was killed before its first note.
            Ok(mut entries) => Ok(entries.all(|entry| {
                entry.is_ok_and(|entry| {
                    [RELEASES, "releases.toml.new"].iter().any(|name| entry.file_name() == *name)
                })
            })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(true),
            Err(error) => Err(Error::io("read", &self.folder)(error)),
        }
    }

    /// Makes the folder, and keeps others from working there meanwhile.
    pub(super) fn lock(&self) -> Result<Lock, Error> {
        let releases = self.releases();
        std::fs::create_dir_all(&releases).map_err(Error::io("make", &releases))?;
        let file = releases.join(LOCK);
        let lock = lock_unless(&file, || true).map_err(Error::io("lock", &file))?;
        lock.ok_or_else(|| {
            let message = format!("another installation is at work in {}", self.folder.display());
            Error::refused(message, "wait until it is done")
        })
    }

    /// Lets `current` lead to a release, where links can be had by anybody.
    pub(super) fn point_current(&self, number: u32) -> Result<(), Error> {
        #[cfg(unix)]
        {
            let (beside, link) = (self.folder.join("current.new"), self.folder.join(CURRENT));
            // What a killed run left.
            let _ = std::fs::remove_file(&beside);
            let to = Path::new(RELEASES).join(number.to_string());
            std::os::unix::fs::symlink(&to, &beside).map_err(Error::io("make", &beside))?;
            std::fs::rename(&beside, &link).map_err(Error::io("replace", &link))?;
        }
        #[cfg(not(unix))]
        let _ = (number, CURRENT);
        Ok(())
    }

    /// Folders of releases that nobody knows of.
    pub(super) fn strays(&self, state: &State) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.releases()) else { return Vec::new() };
        let under_way = state.unfinished.as_ref().map(|unfinished| unfinished.release.number);
        let is_known = |name: &str| {
            name.parse().is_ok_and(|number: u32| {
                under_way == Some(number) || state.numbered(number).is_some()
            })
        };
        let folders = entries.flatten().filter(|entry| {
            entry.file_name().to_str().is_some_and(|name| name != LOCK && !is_known(name))
        });
        folders.map(|entry| entry.path()).collect()
    }
}

/// The folder that is served when somebody names a target folder; `None` for other folders.
pub fn live_folder(folder: &Path) -> Option<PathBuf> {
    let target = Target::new(folder).ok().filter(|target| target.state_path().is_file())?;
    target.live().ok()?
}
