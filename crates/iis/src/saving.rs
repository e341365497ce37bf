//! Owns putting a changed configuration file in the old one's place: whole or not at all, with a copy of
//! the old one beside it, and not over what somebody else wrote meanwhile.
//!
//! Does not own what is written (`editor`), nor how one file is put in another's place: that differs
//! by system, so whoever calls brings it (`platform::successor_file::succeed`, which keeps the access
//! list).

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// So many copies of old files stay in a folder before there is something to tidy up. IIS keeps ten
/// of its own (`configHistory`).
const BACKUPS_MAX: u32 = 100;

/// Why a file was not saved. It is as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SaveError {
    /// Somebody changed it since it was read.
    #[error("{} was changed by somebody else meanwhile; nothing is written, so try again", .0.display())]
    Changed(PathBuf),
    /// There are too many copies.
    #[error("{} has {BACKUPS_MAX} backups beside it; delete those that nobody needs", .0.display())]
    Backups(PathBuf),
    /// A file could not be read or written.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saved {
    /// Nothing: the file has these bytes.
    Unchanged,
    /// There was no file.
    Created,
    /// The old one is kept here.
    Replaced {
        /// The copy of the old file.
        backup: PathBuf,
    },
}

/// Saves bytes in a file that had `original` when it was read (`None`: there was none). `replace` puts
/// its first path in the second one's place.
///
/// The copy of `web.config` is `web.backup-1.config` or a higher number: IIS serves no `.config` file.
/// One that is there already with the same bytes is taken for it.
///
/// # Errors
/// When the file was changed meanwhile, or something cannot be written. The file is untouched then.
pub fn save(
    path: &Path,
    original: Option<&[u8]>,
    fresh: &[u8],
    replace: impl Fn(&Path, &Path) -> io::Result<()>,
) -> Result<Saved, SaveError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| SaveError::Io { path, source }
    };
    // A link stays one: what it leads to is replaced.
    let path = &path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let current = match std::fs::read(path) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(path)(error)),
    };
    if current.as_deref() != original {
        return Err(SaveError::Changed(path.clone()));
    }
    if original == Some(fresh) {
        return Ok(Saved::Unchanged);
    }
    let saved = match original {
        Some(original) => Saved::Replaced { backup: backup(path, original)? },
        None => Saved::Created,
    };
    let beside = named(path, "iisgate-new");
    let written = write_new(&beside, fresh)
        .and_then(|()| if original.is_some() { keep_rights(path, &beside) } else { Ok(()) })
        .and_then(|()| replace(&beside, path));
    if let Err(error) = written {
        // It is of no use to anybody; that it may stay is no second fault.
        let _ = std::fs::remove_file(&beside);
        return Err(failed(path)(error));
    }
    Ok(saved)
}

/// Makes the copy, unless there is one.
fn backup(path: &Path, original: &[u8]) -> Result<PathBuf, SaveError> {
    for number in 1..=BACKUPS_MAX {
        let copy = named(path, &format!("backup-{number}"));
        let made = write_new(&copy, original).and_then(|()| keep_rights(path, &copy));
        match made {
            Ok(()) => return Ok(copy),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if std::fs::read(&copy).is_ok_and(|bytes| bytes == original) {
                    return Ok(copy);
                }
            }
            Err(source) => return Err(SaveError::Io { path: copy, source }),
        }
    }
    Err(SaveError::Backups(path.to_owned()))
}

/// `web.config` → `web.WORD.config`.
fn named(path: &Path, word: &str) -> PathBuf {
    let part =
        |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    path.with_file_name(format!("{}.{word}.{}", part(path.file_stem()), part(path.extension())))
}

/// Writes a file that must not be there, down to the disk.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    // What it may hold is not for everybody until it has the old one's rights.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a file the rights of another. On Windows it has those of its folder, as a `web.config` mostly
/// has, too.
fn keep_rights(of: &Path, to: &Path) -> io::Result<()> {
    let old = std::fs::metadata(of)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};
        // Only root may give a file away; then it stays ours.
        let _ = chown(to, Some(old.uid()), Some(old.gid()));
    }
    std::fs::set_permissions(to, old.permissions())
}

#[cfg(test)]
mod tests {
    use super::{SaveError, Saved, save};
    use std::fs;
    use std::io;
    use std::path::Path;

    fn rename(fresh: &Path, path: &Path) -> io::Result<()> {
        fs::rename(fresh, path)
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_old_file_stays_beside_the_new_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.config");
        assert_eq!(save(&path, None, b"1", rename).unwrap(), Saved::Created);
        assert_eq!(save(&path, Some(b"1"), b"1", rename).unwrap(), Saved::Unchanged);
        for (old, new, number) in [("1", "2", 1), ("2", "3", 2), ("3", "1", 3), ("1", "4", 1)] {
            let saved = save(&path, Some(old.as_bytes()), new.as_bytes(), rename).unwrap();
            let Saved::Replaced { backup } = saved else { panic!("{saved:?}") };
            assert!(backup.ends_with(format!("web.backup-{number}.config")), "{backup:?}");
            assert_eq!(fs::read_to_string(backup).unwrap(), old);
            assert_eq!(fs::read_to_string(&path).unwrap(), new);
        }
        let expected =
            ["web.backup-1.config", "web.backup-2.config", "web.backup-3.config", "web.config"];
        assert_eq!(names(folder.path()), expected);
    }

    #[test]
    fn what_somebody_else_wrote_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.config");
        fs::write(&path, "theirs").unwrap();
        for original in [None, Some(&b"mine"[..])] {
            let error = save(&path, original, b"new", rename).unwrap_err();
            assert!(matches!(error, SaveError::Changed(_)), "{error}");
        }
        assert_eq!(names(folder.path()), ["web.config"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
    }

    #[test]
    fn a_file_that_cannot_be_replaced_is_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("web.config");
        fs::write(&path, "old").unwrap();
        let refuse = |fresh: &Path, _: &Path| {
            assert_eq!(fs::read_to_string(fresh).unwrap(), "new", "it was whole");
            Err(io::Error::from(io::ErrorKind::PermissionDenied))
        };
        let error = save(&path, Some(b"old"), b"new", refuse).unwrap_err();
        assert!(error.to_string().starts_with("cannot write "), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(folder.path()), ["web.backup-1.config", "web.config"]);
    }

    #[cfg(unix)]
    #[test]
    fn rights_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("real.config"), folder.path().join("web.config"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        save(&link, Some(b"old"), b"new", rename).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o640);
        assert_eq!(mode(&folder.path().join("real.backup-1.config")), 0o640);
    }
}
