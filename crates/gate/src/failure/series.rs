//! Owns when an app that did not start is tried again: the first failure is told at once, the next
//! tries come later and later, and one comes at once when a file of the site has changed.
//!
//! Does not start anything. All gates of a site share what is remembered, in one file.

use super::StartFailure;
use crate::limits::{BACK_OFF_MAX, RETRY_AFTER};
use crate::plan::Plan;
use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How soon a changed file is believed: a start that itself changes files would be tried again and
/// again.
const SETTLED: Duration = Duration::from_millis(250);

/// Failures that lie farther apart are no series.
const APART: Duration = Duration::from_secs(60);

/// Most files of a site that are looked at; who has more waits for the next try.
const FILES_MAX: usize = 4000;

/// Files that an app is made of, or that say how it is run. Others change while it runs.
const ENDINGS: [&str; 16] = [
    "cfg", "conf", "config", "dll", "env", "ini", "py", "pyd", "pyw", "so", "toml", "txt", "wsgi",
    "yaml", "yml", "zcml",
];

/// Folders that hold no code of the app's own. (Virtual environments are looked at otherwise.)
const SKIPPED: [&str; 3] = ["__pycache__", "logs", "node_modules"];

/// The failures of a site, one after the other.
#[derive(Debug)]
pub(crate) struct Series {
    /// Where the last one is remembered.
    file: PathBuf,
    site: PathBuf,
    python: PathBuf,
}

/// What is remembered.
struct Last {
    tries: u32,
    state: u64,
    age: Duration,
    failure: StartFailure,
}

impl Last {
    /// When the next try is due.
    fn delay(&self) -> Duration {
        delay(self.tries)
    }
}

/// The pause after so many failures: a second, then twice as long each time.
fn delay(tries: u32) -> Duration {
    RETRY_AFTER.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(BACK_OFF_MAX)
}

impl Series {
    pub(crate) fn new(file: PathBuf, plan: &Plan) -> Self {
        Self { file, site: plan.site.clone(), python: plan.python.clone() }
    }

    /// Remembers why the app does not start, for gates that would try again at once. (Each gate
    /// that hears of a failure says it here: it counts once.)
    pub(crate) fn remember(&self, failure: &StartFailure) {
        let state = self.state();
        let tries = match self.last() {
            Some(last) if last.state == state && last.age < APART => {
                last.tries + u32::from(last.age >= last.delay())
            }
            _ => 1,
        };
        let text = format!("{tries} {state:016x}\n{}", failure.to_text());
        // Only a convenience: without it Python is started once more.
        let _ = std::fs::write(&self.file, text);
    }

    /// The last failure, while no new try is due.
    pub(crate) fn recent(&self) -> Option<StartFailure> {
        let last = self.last()?;
        let is_due = last.age > last.delay() || last.age > SETTLED && last.state != self.state();
        (!is_due).then_some(last.failure)
    }

    fn last(&self) -> Option<Last> {
        let age = std::fs::metadata(&self.file).ok()?.modified().ok()?.elapsed().ok()?;
        let text = std::fs::read_to_string(&self.file).ok()?;
        let (head, failure) = text.split_once('\n')?;
        let (tries, state) = head.split_once(' ')?;
        Some(Last {
            tries: tries.parse().ok()?,
            state: u64::from_str_radix(state, 16).ok()?,
            age,
            failure: StartFailure::from_text(failure),
        })
    }

    /// A figure that changes with the files of the site and with the packages of its Python.
    fn state(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let mut left = FILES_MAX;
        files(&self.site, &mut left, &mut hasher);
        for folder in packages(&self.python) {
            note(&folder, std::fs::metadata(&folder).ok().as_ref(), &mut hasher);
        }
        hasher.finish()
    }
}

fn note(path: &Path, metadata: Option<&Metadata>, hasher: &mut DefaultHasher) {
    path.hash(hasher);
    metadata.map(Metadata::len).hash(hasher);
    let modified: Option<SystemTime> = metadata.and_then(|metadata| metadata.modified().ok());
    modified.hash(hasher);
}

fn files(folder: &Path, left: &mut usize, hasher: &mut DefaultHasher) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut entries: Vec<_> = entries.flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (name, path) = (entry.file_name(), entry.path());
        let name = name.to_string_lossy();
        let Ok(kind) = entry.file_type() else { continue };
        if *left == 0 {
            return;
        }
        *left -= 1;
        if kind.is_dir() {
            let is_skipped = name.starts_with('.') || SKIPPED.contains(&&*name);
            if !is_skipped && !path.join("pyvenv.cfg").is_file() {
                files(&path, left, hasher);
            }
            continue;
        }
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if ENDINGS.contains(&&*ending) || name.starts_with(".env") {
            note(&path, std::fs::metadata(&path).ok().as_ref(), hasher);
        }
    }
}

/// Where packages are installed for an interpreter: a folder that changes when one comes or goes.
fn packages(python: &Path) -> Vec<PathBuf> {
    let Some(scripts) = python.parent() else { return Vec::new() };
    let root = scripts.parent().unwrap_or(scripts);
    let mut found = vec![
        python.to_owned(),
        root.join("pyvenv.cfg"),
        root.join("Lib").join("site-packages"),
        scripts.join("Lib").join("site-packages"),
    ];
    let versions = std::fs::read_dir(root.join("lib")).into_iter().flatten().flatten();
    let mut versions: Vec<_> = versions
        .map(|entry| entry.path())
        .filter(|path| {
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python"))
        })
        .map(|path| path.join("site-packages"))
        .collect();
    versions.sort();
    found.append(&mut versions);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::time::Instant;

    fn series(folder: &Path) -> Series {
        let site = folder.join("site");
        fs::create_dir_all(site.join("package")).expect("made");
        let python = folder.join("venv/bin/python");
        fs::create_dir_all(folder.join("venv/lib/python3.11/site-packages")).expect("made");
        Series { file: folder.join("failed"), site, python }
    }

    /// As if the failure were older.
    fn age(series: &Series, age: Duration) {
        let file = File::options().append(true).open(&series.file).expect("remembered");
        file.set_modified(SystemTime::now() - age).expect("set");
    }

    #[test]
    fn tries_come_later_and_later() {
        let seconds: Vec<u64> = (1..8).map(|tries| delay(tries).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 10, 10, 10]);
        assert_eq!(delay(u32::MAX), BACK_OFF_MAX);
        let folder = tempfile::tempdir().expect("a folder");
        let series = series(folder.path());
        let failure = StartFailure::new("it broke", "");
        assert_eq!(series.recent(), None);
        for tries in 1..7 {
            series.remember(&failure);
            // What another gate heard of the same failure counts no further.
            series.remember(&failure);
            assert_eq!(series.last().expect("it is there").tries, tries);
            assert_eq!(series.recent().as_ref(), Some(&failure));
            age(&series, delay(tries) / 2);
            assert!(series.recent().is_some(), "not yet due after {tries}");
            age(&series, delay(tries) + Duration::from_millis(10));
            assert_eq!(series.recent(), None);
        }
        age(&series, APART);
        series.remember(&failure);
        assert_eq!(series.last().expect("it is there").tries, 1);
    }

    #[test]
    fn a_changed_file_is_tried_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let series = series(folder.path());
        let write = |name: &str| fs::write(folder.path().join(name), name).expect("written");
        for (change, is_meant) in [
            ("site/app.py", true),
            ("site/package/deep.py", true),
            ("site/web.config", true),
            ("site/.env", true),
            ("venv/lib/python3.11/site-packages/new", true),
            ("site/data.sqlite3", false),
            ("site/package/app.log", false),
        ] {
            let began = Instant::now();
            series.remember(&StartFailure::new("it broke", ""));
            write(change);
            let is_known = series.recent().is_some();
            assert!(is_known || began.elapsed() >= SETTLED, "{change}: still being written");
            age(&series, SETTLED * 2);
            assert_eq!(series.recent().is_none(), is_meant, "{change}");
        }
        series.remember(&StartFailure::new("it broke", ""));
        age(&series, SETTLED * 2);
        assert!(series.recent().is_some());
        fs::remove_file(folder.path().join("site/app.py")).expect("removed");
        assert!(series.recent().is_none());
    }
}
