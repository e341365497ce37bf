//! Owns which files of a site's folder are looked at: names, and the texts of those that may tell
//! which app it is.
//!
//! Does not judge them (`detect` does).

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// So deep below the site's folder an app is looked for: `src/shop/web/wsgi.py` is the deepest that
/// people have.
const DEPTH_MAX: usize = 3;

/// So many names are taken in; a site with more has its app among the first of each folder.
const FILES_MAX: usize = 10_000;

/// So many texts are read: modules of an app that is a folder of hundreds.
const TEXTS_MAX: usize = 1_000;

/// A file beyond this size is data.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// Folders that hold other people's code.
const FOREIGN: [&str; 8] =
    ["venv", "env", "node_modules", "__pycache__", "site-packages", "build", "dist", "parts"];

/// Files and folders by their path below the site's folder, with `/`; folders end with one.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    files: BTreeMap<String, String>,
}

impl Listing {
    /// Makes one of paths and texts.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        Listing { files: files.collect() }
    }

    /// Looks at a folder. What cannot be read below it is left out: the app is not there.
    ///
    /// # Errors
    /// When the folder itself cannot be read.
    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut listing = Listing::default();
        let mut texts = 0;
        std::fs::read_dir(folder)?;
        listing.enter(folder, "", 0, &mut texts);
        Ok(listing)
    }

    fn enter(&mut self, folder: &Path, prefix: &str, depth: usize, texts: &mut usize) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut entries: Vec<_> = entries.flatten().collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') || self.files.len() >= FILES_MAX {
                continue;
            }
            let path = format!("{prefix}{name}");
            if entry.path().is_dir() {
                let is_foreign = FOREIGN.contains(&name.as_str());
                if is_foreign || entry.path().join("pyvenv.cfg").is_file() {
                    continue;
                }
                self.files.insert(format!("{path}/"), String::new());
                if depth < DEPTH_MAX {
                    self.enter(&entry.path(), &format!("{path}/"), depth + 1, texts);
                }
                continue;
            }
            let is_telling = path.ends_with(".py") || path.ends_with(".ini");
            let is_small = entry.metadata().is_ok_and(|it| it.len() <= TEXT_BYTES_MAX);
            let mut text = String::new();
            if is_telling && is_small && *texts < TEXTS_MAX {
                *texts += 1;
                let bytes = std::fs::read(entry.path()).unwrap_or_default();
                text = String::from_utf8_lossy(&bytes).into_owned();
            }
            self.files.insert(path, text);
        }
    }

    /// Whether there is such a file, or a folder if the path ends with `/`.
    pub fn has(&self, path: &str) -> bool {
        let is_below = |other: &String| other.starts_with(path);
        self.files.contains_key(path) || (path.ends_with('/') && self.files.keys().any(is_below))
    }

    /// The text of a file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// All paths with their texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }
}
