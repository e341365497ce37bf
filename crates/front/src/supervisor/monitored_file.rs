//! Owns noticing that the file of `monitorChangesTo` was changed, made or removed.
//!
//! Does not own which file that is, nor what follows.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use crate::file_state::FileState;

/// Watches as long as it is alive.
#[derive(Debug)]
pub(super) struct MonitoredFile {
    _watcher: RecommendedWatcher,
}

impl MonitoredFile {
    /// Calls `changed`, on a thread of its own, after each change. The file's folder is watched,
    /// since editors replace files.
    pub(super) fn watch(
        path: PathBuf,
        changed: impl Fn() + Send + 'static,
    ) -> notify::Result<MonitoredFile> {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut known = FileState::of(&path);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<_>| {
            // What cannot be told may have been a change.
            let concerns = event.as_ref().is_ok_and(|event| concerns(event, &path));
            let now = if concerns || event.is_err() { FileState::of(&path) } else { known };
            if now != known {
                known = now;
                changed();
            }
        })?;
        watcher.watch(&folder, RecursiveMode::NonRecursive)?;
        Ok(MonitoredFile { _watcher: watcher })
    }
}

/// Whether an event names the file; letters match in either case, as on Windows.
fn concerns(event: &notify::Event, path: &Path) -> bool {
    let name = |path: &Path| path.file_name().map(OsStr::to_ascii_lowercase);
    event.paths.is_empty() || event.paths.iter().any(|other| name(other) == name(path))
}

#[cfg(test)]
mod tests {
    use super::MonitoredFile;
    use std::fs;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn changes_are_noticed_and_neighbours_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("php.ini");
        fs::write(&path, "one").unwrap();
        let (sender, changes) = channel();
        // Nobody is told after the end.
        let tell = move || sender.send(()).unwrap_or_default();
        let watched = MonitoredFile::watch(path.clone(), tell).unwrap();
        // Read here alone: on Windows a file that is just being read cannot be replaced.
        let text = || fs::read_to_string(&path).unwrap_or_default();
        // Each change is told after it was made; a file that is being written is seen empty, too.
        let told = |expected: &str| {
            loop {
                changes.recv_timeout(Duration::from_secs(20)).expect(expected);
                if text() == expected {
                    return;
                }
            }
        };
        fs::write(folder.path().join("other.ini"), "other").unwrap();
        assert_eq!(text(), "one");
        // As long as a wrong notice would take to come.
        let notice = changes.recv_timeout(Duration::from_millis(200));
        assert!(notice.is_err(), "told without a change");
        fs::write(&path, "one, two").unwrap();
        told("one, two");
        let beside = folder.path().join("php.ini.new");
        fs::write(&beside, "replaced, as editors do").unwrap();
        fs::rename(&beside, &path).unwrap();
        told("replaced, as editors do");
        fs::remove_file(&path).unwrap();
        told("");
        fs::write(&path, "made anew").unwrap();
        told("made anew");
        drop(watched);
    }
}
