//! Owns the folders in which downloads are kept: ours, and WebPI's, which old machines still have.
//!
//! Does not own downloading (`install`).

use std::fs;
use std::path::{Path, PathBuf};

use super::error::Error;
use super::location::safe_name;

/// Where a cache keeps the installers.
const INSTALLERS: &str = "installers";

/// A folder of downloads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Where it is.
    pub folder: PathBuf,
}

impl Cache {
    /// Ours: of this user. `lookup` tells environment variables.
    pub fn ours(lookup: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let folder = if cfg!(windows) {
            PathBuf::from(lookup("LOCALAPPDATA")?)
        } else {
            let own = lookup("XDG_CACHE_HOME").filter(|path| Path::new(path).is_absolute());
            own.map(PathBuf::from)
                .or_else(|| Some(PathBuf::from(lookup("HOME")?).join(".cache")))?
        };
        Some(Cache { folder: folder.join("iisgate").join("feeds") })
    }

    /// WebPI's.
    pub fn of_webpi(lookup: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let local = PathBuf::from(lookup("LOCALAPPDATA")?);
        Some(Cache { folder: local.join("Microsoft").join("Web Platform Installer") })
    }

    /// Where a product's installer is kept.
    pub fn place(&self, product: &str, file_name: &str) -> PathBuf {
        self.folder.join(INSTALLERS).join(safe_name(product)).join(safe_name(file_name))
    }

    /// What would be removed: the installers (of one product, or all), and without a product the copies
    /// of feeds. Logs are no cache.
    pub fn contents(&self, product: Option<&str>) -> Vec<PathBuf> {
        let installers = self.folder.join(INSTALLERS);
        let mut found = match product {
            Some(product) => vec![installers.join(safe_name(product))],
            None => vec![installers],
        };
        if product.is_none() {
            let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
            let is_feed = |path: &PathBuf| {
                path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml"))
            };
            found.extend(files.map(|file| file.path()).filter(is_feed));
        }
        found.retain(|path| path.symlink_metadata().is_ok());
        found.sort();
        found
    }

    /// How many bytes that is.
    pub fn bytes(&self) -> u64 {
        self.contents(None).iter().map(|path| size(path)).sum()
    }

    /// Removes it; gives what was removed.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn clear(&self, product: Option<&str>) -> Result<Vec<PathBuf>, Error> {
        let contents = self.contents(product);
        for path in &contents {
            // What is a link is removed itself, not what it leads to.
            let is_folder = path.symlink_metadata().is_ok_and(|about| about.is_dir());
            let removed = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
            removed.map_err(Error::io(path))?;
        }
        Ok(contents)
    }
}

fn size(path: &Path) -> u64 {
    let Ok(about) = path.symlink_metadata() else { return 0 };
    if !about.is_dir() {
        return about.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_is_cleared_of_one_product_or_all_but_its_logs() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { folder: folder.path().join("cache") };
        let (a, b) = (cache.place("A", "a.zip"), cache.place("../B", "..\\b.zip"));
        assert!(b.starts_with(&cache.folder) && !b.to_string_lossy().contains("/../"), "{b:?}");
        let (feed, log) = (cache.folder.join("x.XML"), cache.folder.join("logs/webpi.txt"));
        for path in [&a, &b, &feed, &log] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "12345").unwrap();
        }
        assert_eq!(cache.bytes(), 15);
        cache.clear(Some("A")).unwrap();
        assert!(!a.exists() && b.exists() && feed.exists());
        cache.clear(None).unwrap();
        assert!(!b.exists() && !feed.exists() && log.exists());
        assert_eq!(cache.clear(None).unwrap(), Vec::<PathBuf>::new());
    }
}
