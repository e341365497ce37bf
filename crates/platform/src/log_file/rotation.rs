//! Owns how a log stays small: when it is full it gets another name, and the oldest of those go.
//!
//! Does not own writing. Several processes write one log: who finds it full takes a lock that
//! nobody waits for, and the others notice that the name leads to another file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How large logs become.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// With so many bytes a log is full.
    pub(super) file_bytes: u64,
    /// Full logs together keep no more than so many bytes, the newest of them.
    pub(super) kept_bytes: u64,
}

/// A full log opens in any editor and goes into a mail; what is kept holds some 200,000 lines, which
/// is days of a talkative app, and no disk that serves anything notices it.
pub(super) const BOUNDS: Bounds =
    Bounds { file_bytes: 8 * 1024 * 1024, kept_bytes: 32 * 1024 * 1024 };

/// Gives a full log another name, unless somebody else is just doing so. `true`: its name is free.
///
/// # Errors
/// When the folder does not let us.
pub(super) fn rotate(path: &Path, is_still_full: impl Fn() -> bool, kept: u64) -> io::Result<bool> {
    let Some(_lock) = lock(path)? else { return Ok(false) };
    // Who held the lock before may have done it.
    if !is_still_full() {
        return Ok(false);
    }
    let mut when = SystemTime::now();
    let full = loop {
        let full = path.with_file_name(full_name(path, when));
        if !full.exists() {
            break full;
        }
        // A coarse clock: the order is what counts.
        when += Duration::from_micros(1);
    };
    std::fs::rename(path, full)?;
    prune(path, kept);
    Ok(true)
}

/// A lock beside the log: on Windows a locked log could not be written.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.with_file_name(name))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The name of a log that was full then: its ending stays, for web servers refuse to serve it.
fn full_name(path: &Path, when: SystemTime) -> String {
    let (stem, ending) = parts(path);
    // No colons: Windows has no such names.
    let time = humantime::format_rfc3339_micros(when).to_string().replace([':', '.'], "-");
    format!("{stem}.{time}{ending}")
}

/// A log's name in two parts; the second with its dot, or empty.
fn parts(path: &Path) -> (String, String) {
    let text = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into();
    let ending: String = text(path.extension());
    (text(path.file_stem()), if ending.is_empty() { ending } else { format!(".{ending}") })
}

/// Full logs of a log, the oldest first.
pub fn full_logs(path: &Path) -> Vec<PathBuf> {
    let (stem, ending) = parts(path);
    let is_full = |name: &str| {
        let time = name
            .strip_prefix(&stem)
            .and_then(|rest| rest.strip_prefix('.')?.strip_suffix(ending.as_str()));
        time.is_some_and(is_time)
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = std::fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        return Vec::new();
    };
    let names = entries.flatten().map(|entry| entry.path());
    let mut found: Vec<_> = names
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_full))
        .collect();
    found.sort();
    found
}

/// Whether a text is a time as [`full_name`] writes it: no file of anybody else's is to go.
fn is_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00-00-00-000000Z";
    text.len() == FORM.len()
        && text.bytes().zip(FORM).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == *other,
        })
}

/// Removes the oldest full logs beyond what is kept.
fn prune(path: &Path, kept: u64) {
    let mut bytes = 0;
    for full in full_logs(path).into_iter().rev() {
        bytes += std::fs::metadata(&full).map_or(0, |metadata| metadata.len());
        if bytes > kept {
            // One that cannot go now goes the next time.
            let _ = std::fs::remove_file(full);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_logs_are_full_logs() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.log");
        let hour = |hours: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(3600 * hours);
        let names = [full_name(&path, hour(1)), full_name(&path, hour(30))];
        assert_eq!(names[0], "site.1970-01-01T01-00-00-000000Z.log");
        let others =
            ["site.log", "site.old.log", "site.log.lock", "other.1970-01-01T01-00-00-000000Z.log"];
        for name in names.iter().map(String::as_str).chain(others) {
            std::fs::write(folder.path().join(name), "x").expect("written");
        }
        let found = full_logs(&path);
        assert_eq!(found, names.map(|name| folder.path().join(name)));
        prune(&path, 1);
        assert_eq!(full_logs(&path), found[1..]);
        prune(&path, 0);
        assert_eq!(full_logs(&path), Vec::<PathBuf>::new());
        assert!(others.iter().all(|name| folder.path().join(name).exists()));
        // A log without an ending has full logs without one.
        assert_eq!(full_name(Path::new("log"), hour(0)), "log.1970-01-01T00-00-00-000000Z");
    }

    #[test]
    fn nobody_waits_for_the_lock() {
        #[cfg(unix)]
        let _no_fork = crate::FORKING.read();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.log");
        std::fs::write(&path, "full").expect("written");
        let held = lock(&path).expect("had").expect("free");
        assert!(!rotate(&path, || true, 10).expect("no failure"));
        drop(held);
        assert!(!rotate(&path, || false, 10).expect("no failure"));
        assert!(path.exists());
        assert!(rotate(&path, || true, 10).expect("no failure"));
        assert!(!path.exists());
        assert_eq!(full_logs(&path).len(), 1);
    }
}
