//! Owns the judgement whether a lock file, a pid file or a socket was left by a dead process.
//!
//! Does not choose the files, and removes none.

use crate::system::process;
use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::Path;
use std::time::Duration;

/// Most bytes of such a file that are read: an id, perhaps a host's name.
const READ_BYTES_MAX: u64 = 256;

/// By how much a file may seem older than the process that wrote it: clocks of files and processes
/// are coarse.
const CLOCK_SLACK: Duration = Duration::from_secs(2);

/// What a file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Whoever made it is no more; its id, if the file tells one.
    Stale(Option<u32>),
    /// It is in use: by that process, in words, if that can be told.
    InUse(Option<String>),
    /// Nothing that we understand: not ours to touch.
    Unknown,
}

/// Judges a file.
pub fn judge(path: &Path) -> Judgement {
    if let Some(answers) = process::answers(path) {
        return if answers { Judgement::InUse(None) } else { Judgement::Stale(None) };
    }
    let is_file = std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    let Ok(file) = File::options().read(true).write(true).open(path) else {
        return Judgement::Unknown;
    };
    if !is_file {
        return Judgement::Unknown;
    }
    let is_locked = matches!(file.try_lock(), Err(TryLockError::WouldBlock));
    let id = owner(&file);
    // A process that was started after the file was written only has the id of the one who wrote it.
    let written = file.metadata().and_then(|metadata| metadata.modified()).ok();
    let living = id.and_then(process::look_up).filter(|living| {
        let times = living.started.zip(written);
        times.is_none_or(|(started, written)| started <= written + CLOCK_SLACK)
    });
    let named = id.zip(living).map(|(id, living)| format!("process {id} ({})", living.name));
    match (is_locked, named, id) {
        (true, named, _) | (false, named @ Some(_), _) => Judgement::InUse(named),
        (false, None, Some(id)) => Judgement::Stale(Some(id)),
        (false, None, None) => Judgement::Unknown,
    }
}

/// The id in a file whose first word is one.
fn owner(file: &File) -> Option<u32> {
    let mut text = String::new();
    file.take(READ_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.split_whitespace().next()?.parse().ok().filter(|id| *id != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More than any system gives.
    const NOBODY: u32 = 0x7FFF_FFFE;

    #[test]
    fn files_are_judged_by_lock_and_owner() {
        #[cfg(unix)]
        let _no_fork = crate::FORKING.read();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.lock");
        let me = std::process::id();
        let held = |judgement: Judgement| matches!(judgement, Judgement::InUse(Some(who)) if who.contains(&me.to_string()));
        assert_eq!(judge(&path), Judgement::Unknown);
        for (text, expected) in [
            (format!(" {NOBODY}\n"), Judgement::Stale(Some(NOBODY))),
            (format!("{NOBODY} host"), Judgement::Stale(Some(NOBODY))),
            (String::new(), Judgement::Unknown),
            ("version = 1\n".to_owned(), Judgement::Unknown),
            ("0\n".to_owned(), Judgement::Unknown),
        ] {
            std::fs::write(&path, &text).expect("written");
            assert_eq!(judge(&path), expected, "{text:?}");
        }
        std::fs::write(&path, format!("{me}\n")).expect("written");
        assert!(held(judge(&path)));
        let file = File::options().write(true).open(&path).expect("opened");
        // We were started after that: only the id is ours.
        let old = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        file.set_modified(old).expect("set");
        assert_eq!(judge(&path), Judgement::Stale(Some(me)));
        file.lock().expect("locked");
        assert!(matches!(judge(&path), Judgement::InUse(_)));
        assert_eq!(judge(folder.path()), Judgement::Unknown);
    }
}
