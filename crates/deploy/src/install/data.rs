//! Owns what the app writes: it lies in the target's data folder, each release has links to it.
//!
//! Does not own which folders those are in a given project (`layout`), nor what a package brings for them
//! (`seeding`).

use super::checkpoint::checkpoint;
use super::rehearsal::REHEARSAL;
use super::seeding::SEEDING;
use super::{Error, link};
use crate::package::names;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Something that the app writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its path below the site's folder, with forward slashes.
    pub(super) path: String,
    /// Whether it is a folder, if nothing of that name is there yet.
    pub(super) is_folder: bool,
}

impl Entry {
    /// Reads one as it is written in `[tool.iisgate.package] data`.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let text = &text.replace('\\', "/");
        let parts = Path::new(text).components().map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        });
        let path = parts.collect::<Option<Vec<_>>>().unwrap_or_default().join("/");
        if path.is_empty() || path.contains(':') {
            let message = format!("not a path within the site: data = {text:?}");
            return Err(Error::refused(message, "write it like var, db.sqlite3 or media/uploads"));
        }
        let name = path.rsplit('/').next().unwrap_or(&path);
        // `Data.fs` is a file, `var` a folder.
        let is_folder = text.ends_with('/') || !name.trim_start_matches('.').contains('.');
        Ok(Entry { path, is_folder })
    }
}

/// Refuses places of which one lies in another: removing the one from a release would go through the link
/// to the other, into what the live release uses.
pub(super) fn refuse_overlap(entries: &[Entry]) -> Result<(), Error> {
    let paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    let Some((outer, inner)) = names::overlap(&paths) else { return Ok(()) };
    let message = format!("data names {outer} and {inner}, which lies in it");
    let hint = format!(
        "take {inner} out of [tool.iisgate.package] data in pyproject.toml, for all of {outer} is \
         data already, and build the package anew"
    );
    Err(Error::refused(message, hint))
}

/// Links all into the release. What it has there itself goes.
pub(super) fn connect(data: &Path, site: &Path, entries: &[Entry]) -> Result<(), Error> {
    remove_leftovers(data)?;
    for entry in entries {
        let (kept, used) = (data.join(&entry.path), site.join(&entry.path));
        if let Some((above, _)) = entry.path.rsplit_once('/')
            && let Some(link) = link_on(site, above)
        {
            let message = format!("{} is behind a link: {}", used.display(), link.display());
            let hint =
                "name folders and files of the site itself under [tool.iisgate.package] data";
            return Err(Error::refused(message, hint));
        }
        let is_folder = if kept.exists() { kept.is_dir() } else { entry.is_folder };
        let folder = if is_folder { &kept } else { kept.parent().unwrap_or(data) };
        std::fs::create_dir_all(folder).map_err(Error::io("make", folder))?;
        // One that is as it must be stays: to make one anew may take rights that nobody has now.
        if link::leads(&used, &kept) {
            continue;
        }
        remove(&used).map_err(Error::io("remove", &used))?;
        let above = used.parent().unwrap_or(site);
        std::fs::create_dir_all(above).map_err(Error::io("make", above))?;
        link::make(&kept, &used, is_folder).map_err(|error| cannot_link(&kept, &used, &error))?;
        checkpoint();
    }
    Ok(())
}

/// The first link on the way from a folder to what lies below it, or which that is itself.
pub(super) fn link_on(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut at = folder.to_owned();
    path.split('/').find_map(|part| {
        at.push(part);
        let found = std::fs::symlink_metadata(&at).ok()?;
        link::is_link(&at, &found).then(|| at.clone())
    })
}

/// Removes what a seed or a rehearsal has left.
pub(super) fn remove_leftovers(data: &Path) -> Result<(), Error> {
    for name in [SEEDING, REHEARSAL] {
        let leftover = data.join(name);
        remove(&leftover).map_err(Error::io("remove", &leftover))?;
    }
    Ok(())
}

/// Whether nothing is there, or a folder without anything.
pub(super) fn is_empty(path: &Path) -> bool {
    match std::fs::symlink_metadata(path) {
        Err(_) => true,
        Ok(found) if found.is_dir() => {
            std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
        }
        Ok(_) => false,
    }
}

/// Removes a file, a link or a folder; never what a link leads to. That it is gone is no error.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let done = match std::fs::symlink_metadata(path) {
        Ok(found) if link::is_link(path, &found) => link::remove(path, &found),
        Ok(found) if found.is_dir() => remove_folder(path),
        Ok(_) => remove_file(path),
        Err(error) => Err(error),
    };
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// `remove_dir_all` of std follows no links either, but knows nothing of files that are read-only.
fn remove_folder(path: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(path)? {
        remove(&entry?.path())?;
    }
    std::fs::remove_dir(path)
}

fn remove_file(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => {
            let mut rights = std::fs::metadata(path)?.permissions();
            #[allow(clippy::permissions_set_readonly_false)]
            rights.set_readonly(false);
            std::fs::set_permissions(path, rights)?;
            std::fs::remove_file(path)
        }
        other => other,
    }
}

/// Why there is no link, and what would help.
pub(super) fn cannot_link(kept: &Path, used: &Path, error: &io::Error) -> Error {
    let (to, from): (PathBuf, PathBuf) = (kept.to_owned(), used.to_owned());
    let message = format!("cannot link {} to {}: {error}", from.display(), to.display());
    let hint = if cfg!(windows) {
        "the folder must be on a volume with NTFS; links to files, such as a SQLite database, take an \
         administrator's console: or let the app keep the file in a folder of its own, and name that \
         under [tool.iisgate.package] data"
    } else {
        "the folder must be on a file system with symbolic links"
    };
    Error::refused(message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_paths_within_the_site() {
        for (text, expected) in [
            ("var", Some(("var", true))),
            ("db.sqlite3", Some(("db.sqlite3", false))),
            ("my.data/", Some(("my.data", true))),
            (".cache", Some((".cache", true))),
            ("media/uploads", Some(("media/uploads", true))),
            ("", None),
            ("..", None),
            ("a/../..", None),
            ("/etc", None),
            ("C:\\x", None),
            ("a\\b", Some(("a/b", true))),
            ("a//./b/", Some(("a/b", true))),
        ] {
            let found = Entry::parse(text).ok().map(|it| (it.path, it.is_folder));
            let expected = expected.map(|(path, is_folder)| (path.to_owned(), is_folder));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn places_of_which_one_lies_in_another_are_refused() {
        for (data, expected) in [
            (&["var", "various", "var.db", "media/a", "media/b"][..], None),
            (&["var", "var/blobs"], Some("data names var and var/blobs, which lies in it")),
            (&["Var//Blobs", "var"], Some("data names var and Var/Blobs, which lies in it")),
            (&["x", "a/./b/c/", "A\\b"], Some("data names A/b and a/b/c, which lies in it")),
            (&["var", "VAR"], Some("data names var and VAR, which lies in it")),
        ] {
            let entries: Vec<Entry> = data.iter().map(|it| Entry::parse(it).unwrap()).collect();
            let found = refuse_overlap(&entries).err().map(|error| error.to_string());
            assert_eq!(found.as_deref(), expected, "{data:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_removed_behind_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (data, site) = (folder.path().join("data"), folder.path().join("site"));
        std::fs::create_dir_all(data.join("var/blobs")).unwrap();
        std::fs::write(data.join("var/blobs/1"), "data").unwrap();
        std::fs::create_dir(&site).unwrap();
        let entries = ["var", "var/blobs"].map(|it| Entry::parse(it).unwrap());
        let error = connect(&data, &site, &entries).unwrap_err();
        assert!(error.to_string().contains("site/var/blobs is behind a link: "), "{error}");
        assert!(data.join("var/blobs/1").is_file());
        remove(&site).unwrap();
        assert!(data.join("var/blobs/1").is_file(), "links are removed, not what they lead to");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_to_the_data_again_after_a_rehearsal() {
        let folder = tempfile::tempdir().unwrap();
        let (data, site) = (folder.path().join("data"), folder.path().join("site"));
        std::fs::create_dir_all(data.join("var")).unwrap();
        std::fs::create_dir(&site).unwrap();
        for (name, text) in [("Data.fs", "db"), ("Data.fs.lock", ""), ("2.blob", "blob")] {
            std::fs::write(data.join("var").join(name), text).unwrap();
        }
        let entries = [Entry::parse("var").unwrap()];
        connect(&data, &site, &entries).unwrap();
        assert!(crate::install::rehearsal::rehearse(&data, &site, &entries).unwrap());
        std::fs::write(site.join("var/Data.fs"), "tried").unwrap();
        assert!(!site.join("var/Data.fs.lock").exists() && site.join("var/2.blob").is_file());
        connect(&data, &site, &entries).unwrap();
        assert_eq!(std::fs::read_to_string(site.join("var/Data.fs")).unwrap(), "db");
        assert!(!data.join(REHEARSAL).exists());
    }
}
