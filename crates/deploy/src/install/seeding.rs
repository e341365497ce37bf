//! Owns what a package brings for data: it is put where nothing is yet, and taken out again when its
//! release never goes live.
//!
//! Does not own the links to data (`data`). A place that the live release uses is never filled and never
//! emptied: it may be written to at any time.

use super::checkpoint::checkpoint;
use super::data::{Entry, is_empty, link_on, remove, remove_leftovers};
use super::{Error, content};
use crate::package::names;
use std::io;
use std::path::{Path, PathBuf};

/// Where a seed is copied before it takes its place at once.
pub(super) const SEEDING: &str = ".seeding";

/// The site of the live release, and what it calls data.
pub(super) type Live<'a> = (&'a Path, &'a [Entry]);

/// The places that are this release's to fill, below the data folder. Of an empty folder, which somebody
/// has made with the rights that it needs, only what is in it: its name ends with a slash.
pub(super) fn plan(data: &Path, live: Option<Live<'_>>, entries: &[Entry]) -> Vec<String> {
    let is_used = |entry: &Entry| {
        live.is_some_and(|(site, used)| {
            let meets = |other: &Entry| names::overlap(&[&other.path, &entry.path]).is_some();
            used.iter().any(meets) || link_on(site, &entry.path).is_some()
        })
    };
    let free = entries.iter().filter(|entry| !is_used(entry));
    let place = |entry: &Entry| {
        let kept = data.join(&entry.path);
        if std::fs::symlink_metadata(&kept).is_err() {
            return Some(entry.path.clone());
        }
        is_empty(&kept).then(|| format!("{}/", entry.path))
    };
    free.filter_map(place).collect()
}

/// What is in a folder; nothing in one that is not there.
fn within(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}

/// Fills them, as far as the package brings something.
pub(super) fn seed(data: &Path, site: &Path, places: &[String]) -> Result<(), Error> {
    remove_leftovers(data)?;
    for place in places {
        let (from, to) = (content::below(site, place), content::below(data, place));
        if !place.ends_with('/') {
            fill(data, &from, &to)?;
            continue;
        }
        for from in within(&from) {
            fill(data, &from, &to.join(from.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

/// Copies one file or folder to its place at once, if it is there.
fn fill(data: &Path, from: &Path, to: &Path) -> Result<(), Error> {
    if std::fs::symlink_metadata(from).is_err() {
        return Ok(());
    }
    let above = to.parent().unwrap_or(data);
    std::fs::create_dir_all(above).map_err(Error::io("make", above))?;
    let beside = data.join(SEEDING);
    copy(from, &beside).map_err(Error::io("copy", from))?;
    checkpoint();
    std::fs::rename(&beside, to).map_err(Error::io("seed", to))?;
    checkpoint();
    Ok(())
}

/// Takes out again what is there now, of a release that never went live.
pub(super) fn unseed(data: &Path, places: &[String]) -> Result<(), Error> {
    remove_leftovers(data)?;
    for place in places {
        let path = content::below(data, place);
        let gone = if place.ends_with('/') { within(&path).collect() } else { vec![path] };
        for path in gone {
            remove(&path).map_err(Error::io("remove", &path))?;
        }
    }
    // It stays if there is anything in it.
    let _ = std::fs::remove_dir(data);
    Ok(())
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return std::fs::copy(from, to).map(drop);
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::install::data::connect;

    struct Fixture {
        folder: tempfile::TempDir,
        entries: Vec<Entry>,
    }

    impl Fixture {
        fn new() -> Self {
            let entries = ["var", "db.sqlite3", "media"].map(|it| Entry::parse(it).unwrap()).into();
            Self { folder: tempfile::tempdir().unwrap(), entries }
        }

        fn data(&self) -> PathBuf {
            self.folder.path().join("data")
        }

        /// A release's site, with these files.
        fn site(&self, name: &str, files: &[&str]) -> PathBuf {
            let site = self.folder.path().join(name);
            for file in files {
                write(&site.join(file), name);
            }
            site
        }

        /// Connects a release as an installation does; gives what it filled.
        fn install(&self, site: &Path, live: Option<&Path>) -> Vec<String> {
            let live = live.map(|live| (live, &self.entries[..]));
            let places = plan(&self.data(), live, &self.entries);
            seed(&self.data(), site, &places).unwrap();
            connect(&self.data(), site, &self.entries).unwrap();
            places
        }
    }

    fn write(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap_or_default()
    }

    #[test]
    fn seeds_go_into_empty_places_only() {
        let fixture = Fixture::new();
        let data = fixture.data();
        let one = fixture.site("one", &["var/blobs/1", "db.sqlite3"]);
        assert_eq!(fixture.install(&one, None), ["var", "db.sqlite3", "media"]);
        let two = fixture.site("two", &["var/blobs/1", "db.sqlite3", "media/logo"]);
        assert!(fixture.install(&two, Some(&one)).is_empty());
        for path in ["var/blobs/1", "db.sqlite3"] {
            assert_eq!(read(&two.join(path)), "one", "{path}");
        }
        assert!(data.join("media").is_dir() && !data.join(SEEDING).exists());
    }

    #[test]
    fn a_place_that_the_live_release_uses_is_left_alone_by_one_that_fails() {
        let fixture = Fixture::new();
        let data = fixture.data();
        let one = fixture.site("one", &["var/notes"]);
        fixture.install(&one, None);
        // Folders that nobody has written to yet, and a file that the live release is to make.
        assert!(!data.join("db.sqlite3").exists() && is_empty(&data.join("media")));
        let two = fixture.site("two", &["media/logo", "db.sqlite3"]);
        let places = fixture.install(&two, Some(&one));
        write(&one.join("media/upload"), "of a visitor");
        std::fs::write(one.join("db.sqlite3"), "of the live release").unwrap();
        unseed(&data, &places).unwrap();
        assert_eq!(read(&one.join("media/upload")), "of a visitor");
        assert_eq!(read(&one.join("db.sqlite3")), "of the live release");
        assert!(!data.join("media/logo").exists());
        // What lies within a folder that it uses is the live release's, too.
        let within = [Entry::parse("var/blobs").unwrap()];
        assert!(plan(&data, Some((&one, &[])), &within).is_empty());
        // And so is a folder in which it uses something.
        let (around, used) = (["other", "various"], ["Other/db.sqlite3"]);
        let around = around.map(|it| Entry::parse(it).unwrap());
        let used = used.map(|it| Entry::parse(it).unwrap());
        assert_eq!(plan(&data, Some((&one, &used)), &around), ["various"]);
    }

    #[test]
    fn a_first_release_that_fails_takes_out_what_is_its_own_and_no_folder_of_others() {
        let fixture = Fixture::new();
        let data = fixture.data();
        std::fs::create_dir_all(data.join("media")).unwrap();
        let one = fixture.site("one", &["var/notes", "media/logo", "media/icons/1"]);
        let mut places = fixture.install(&one, None);
        places.sort();
        assert_eq!(places, ["db.sqlite3", "media/", "var"]);
        assert_eq!(read(&one.join("media/icons/1")), "one");
        // Written while it was tried.
        write(&one.join("media/cache"), "one");
        unseed(&data, &places).unwrap();
        assert!(is_empty(&data.join("media")) && data.join("media").is_dir());
        assert!(!data.join("var").exists());
        // Where nobody had made anything nothing is left.
        std::fs::remove_dir(data.join("media")).unwrap();
        let two = fixture.site("two", &["var/notes"]);
        let places = fixture.install(&two, None);
        unseed(&data, &places).unwrap();
        assert!(!data.exists());
    }
}
