//! Owns telling which files below a folder change where the system does not tell it: by looking.
//!
//! Does not own what is done about it (`iisgate.worker`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// The shortest pause between two looks: a developer waits for it after saving a file.
const PAUSE_MIN: Duration = Duration::from_secs(1);

/// The pause in times of what a look takes, so that a large site costs 5 % of a processor at most.
const PAUSE_FACTOR: u32 = 20;

/// By what a file's change is known. (Most pollers compare whole seconds and only later ones; but a
/// file may be saved twice in one, and a deployment may bring back an older file.)
type Stamp = (Option<SystemTime>, u64);

/// Looks at a folder again and again.
#[derive(Debug)]
pub(crate) struct Polling {
    folder: PathBuf,
    seen: HashMap<PathBuf, Stamp>,
    pause: Duration,
}

impl Polling {
    /// Begins: what changes from here on is told.
    pub(crate) fn new(folder: PathBuf) -> Self {
        let mut polling = Self { folder, seen: HashMap::new(), pause: PAUSE_MIN };
        polling.look();
        polling
    }

    /// Waits until files have been written, made or removed, and names them.
    pub(crate) fn wait(&mut self) -> Vec<PathBuf> {
        loop {
            std::thread::sleep(self.pause);
            let changed = self.look();
            if !changed.is_empty() {
                return changed;
            }
        }
    }

    /// Names the files that differ from the last look.
    fn look(&mut self) -> Vec<PathBuf> {
        let begun = Instant::now();
        let mut now = HashMap::with_capacity(self.seen.len());
        scan(&self.folder, &mut now);
        let mut changed: Vec<PathBuf> = now
            .iter()
            .filter(|(path, stamp)| self.seen.get(*path) != Some(*stamp))
            .map(|(path, _)| path.clone())
            .collect();
        changed.extend(self.seen.keys().filter(|path| !now.contains_key(*path)).cloned());
        self.seen = now;
        self.pause = (begun.elapsed() * PAUSE_FACTOR).max(PAUSE_MIN);
        changed
    }
}

/// Takes the stamps of all files. What cannot be read, or vanishes meanwhile, is not there. Links to
/// folders are not followed, so that none leads in circles.
fn scan(folder: &Path, found: &mut HashMap<PathBuf, Stamp>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => scan(&path, found),
            Ok(kind) => {
                let file = if kind.is_symlink() { path.metadata() } else { entry.metadata() };
                if let Ok(file) = file {
                    found.insert(path, (file.modified().ok(), file.len()));
                }
            }
            Err(_) => {}
        }
    }
}
