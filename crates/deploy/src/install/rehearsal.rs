//! Owns trying a release on a copy of a database that only one process can open.
//!
//! Does not own the data itself (`data`).

use super::checkpoint::checkpoint;
use super::data::{Entry, cannot_link, is_empty, remove, remove_leftovers};
use super::{Error, link};
use std::io;
use std::path::Path;

/// Where a copy of a database lies that a release tries itself on.
pub(super) const REHEARSAL: &str = ".rehearsal";

/// The file of a ZODB, which one process at a time can open: the live release has it open.
const EXCLUSIVE: &str = "fs";

/// How deep such a file may lie: `var/filestorage/Data.fs`.
const EXCLUSIVE_DEPTH_MAX: usize = 3;

/// Links a release to a copy of the data instead, where that holds a database that only one process can
/// open: it is to show that it works while the live one goes on. Tells whether there is a copy.
///
/// `Data.fs` only grows, so a copy of it is a database as it was a moment ago; blobs never change, so
/// they need no copying.
pub(super) fn rehearse(data: &Path, site: &Path, entries: &[Entry]) -> Result<bool, Error> {
    if !has_exclusive(data, entries) {
        return Ok(false);
    }
    remove_leftovers(data)?;
    for entry in entries.iter().filter(|entry| !is_empty(&data.join(&entry.path))) {
        let (from, used) = (data.join(&entry.path), site.join(&entry.path));
        let copied = data.join(REHEARSAL).join(&entry.path);
        let above = copied.parent().unwrap_or(data);
        std::fs::create_dir_all(above).map_err(Error::io("make", above))?;
        copy_living(&from, &copied).map_err(Error::io("copy", &from))?;
        remove(&used).map_err(Error::io("remove", &used))?;
        let made = link::make(&copied, &used, copied.is_dir());
        made.map_err(|error| cannot_link(&copied, &used, &error))?;
    }
    checkpoint();
    Ok(true)
}

/// Whether the data holds a database that only one process can open.
pub(super) fn has_exclusive(data: &Path, entries: &[Entry]) -> bool {
    entries.iter().any(|entry| is_exclusive(&data.join(&entry.path), EXCLUSIVE_DEPTH_MAX))
}

fn is_exclusive(path: &Path, depth: usize) -> bool {
    if !path.is_dir() {
        return path.extension() == Some(EXCLUSIVE.as_ref());
    }
    let mut entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    // Blobs are many, and never what is looked for.
    depth > 0 && entries.any(|entry| is_exclusive(&entry.path(), depth - 1))
}

/// Copies what a process writes meanwhile. Locks are that process's; what has gone has gone.
fn copy_living(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            copy_living(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    let kind = from.extension().and_then(|it| it.to_str()).unwrap_or_default();
    if ["lock", "pid", "sock", "zopectlsock"].contains(&kind) {
        return Ok(());
    }
    if kind == "blob" && std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    match std::fs::copy(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        copied => copied.map(drop),
    }
}
