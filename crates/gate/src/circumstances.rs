//! Owns the circumstances of a site's last start under a web server: who, where, by which Python,
//! with which variables; noted beside the site's log, to be compared with a console where the site
//! works.
//!
//! Does not own the log. Values are kept of variables that say where things are and how Python is
//! to behave; of all others the names alone, for values may be secret.

mod difference;

use crate::StartFailure;
use crate::plan::{Plan, log_places};
use platform::{identity, log_file, private_file};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

pub use difference::{Difference, differences};

/// Set for instances of our stand-in: what goes wrong there says nothing about the web server.
pub const STAND_IN: &str = "IISGATE_STAND_IN";

/// What is added to the log's name. IIS serves no file with such an ending.
const ENDING: &str = ".start";

/// Variables whose values are told, beside those whose name begins with `PYTHON`.
const SHOWN: [&str; 13] = [
    "PATH",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "LD_LIBRARY_PATH",
    "HOME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "TEMP",
    "TMP",
    "LANG",
    "LC_ALL",
    "TZ",
];

/// Bytes of a failure's text that are kept: its end tells most.
const SAID_BYTES_MAX: usize = 4096;

/// More is no file of ours.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// A start, or this console.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// The site's folder.
    pub site: PathBuf,
    /// When, as the log writes it.
    pub time: String,
    /// Why the app did not start, if it did not: code and title, then what was said.
    pub failure: Option<(String, String)>,
    /// The user.
    pub identity: String,
    /// Where the app works, or would.
    pub working_directory: PathBuf,
    /// The interpreter, if one was found.
    pub python: Option<PathBuf>,
    /// Variables with their values.
    pub shown: BTreeMap<String, String>,
    /// The names of the others.
    pub others: BTreeSet<String>,
}

impl Circumstances {
    /// Those of this process.
    fn here(site: &Path) -> Self {
        let mut found = Self {
            site: site.to_owned(),
            time: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            identity: identity::name(),
            ..Self::default()
        };
        for (name, value) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            let upper = name.to_uppercase();
            if upper.starts_with("PYTHON") || SHOWN.contains(&upper.as_str()) {
                found.shown.insert(upper, value.to_string_lossy().into_owned());
            } else if !name.starts_with('=') {
                found.others.insert(if cfg!(windows) { upper } else { name });
            }
        }
        found
    }

    /// Those of a start by this plan.
    fn of_plan(site: &Path, plan: Option<&Plan>) -> Self {
        let mut found = Self::here(site);
        if let Some(plan) = plan {
            found.working_directory.clone_from(&plan.working_directory);
            found.python = Some(plan.python.clone());
        }
        found
    }

    /// Those of this console, for a site: it works in the folder that one is in.
    pub fn of_console(site: &Path) -> Self {
        let plan = Plan::new(&crate::Settings::default(), site).ok();
        let mut found = Self::of_plan(site, plan.as_ref());
        found.working_directory = std::env::current_dir().unwrap_or_default();
        found
    }

    /// Those that were noted at the site's last start under a web server, and the file.
    pub fn noted(site: &Path) -> Option<(Self, PathBuf)> {
        let files = log_places(site).into_iter().map(|log| beside(&log));
        let read = |file: PathBuf| Some((Self::read(&file).ok()?, file));
        let of_site = |(noted, _): &(Self, PathBuf)| noted.site == site;
        files.filter_map(read).filter(of_site).max_by(|(a, _), (b, _)| a.time.cmp(&b.time))
    }

    /// Those of a file.
    ///
    /// # Errors
    /// When it cannot be read, or is none of ours.
    pub fn read(file: &Path) -> io::Result<Self> {
        use std::io::Read;
        let mut text = Vec::new();
        std::fs::File::open(file)?.take(FILE_BYTES_MAX).read_to_end(&mut text)?;
        serde_json::from_slice(&text).map_err(io::Error::from)
    }

    /// What the failure says, for looking what it names.
    fn said(&self) -> String {
        self.failure.as_ref().map(|(title, text)| format!("{title}\n{text}")).unwrap_or_default()
    }
}

fn beside(log: &Path) -> PathBuf {
    let mut name = log.as_os_str().to_owned();
    name.push(ENDING);
    name.into()
}

/// Notes how a start under a web server went. That it cannot be noted fails nothing.
pub(crate) fn note(site: &Path, plan: Option<&Plan>, failure: Option<&StartFailure>) {
    if std::env::var_os(STAND_IN).is_some() {
        return;
    }
    let site = plan.map_or(site, |plan| &plan.site);
    let failure =
        failure.map(|failure| (format!("{}: {}", failure.code, failure.title), tail(failure)));
    /// What this gate noted last: each request in vain fails alike.
    static LAST: Mutex<Option<Option<(String, String)>>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.as_ref() == Some(&failure) {
        return;
    }
    let found = Circumstances { failure: failure.clone(), ..Circumstances::of_plan(site, plan) };
    let log = log_file::installed().and_then(log_file::LogFile::path);
    // Who logs to standard error is looked for where its log would be otherwise.
    let Some(log) = log.or_else(|| log_places(site).pop()) else { return };
    match write(&beside(&log), &found) {
        Ok(()) => *last = Some(failure),
        Err(error) => log::debug!("the circumstances of the start are not noted: {error}"),
    }
}

/// What was said, or its end.
fn tail(failure: &StartFailure) -> String {
    let text = format!("{}\n{}", failure.place, failure.details);
    let mut start = text.len().saturating_sub(SAID_BYTES_MAX);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text[start..].to_owned()
}

/// Whole or not at all, and never through a link that lies there.
fn write(file: &Path, found: &Circumstances) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(found)?;
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut fresh = file.as_os_str().to_owned();
    fresh.push(format!("-{}", std::process::id()));
    let fresh = PathBuf::from(fresh);
    // Not private: who compares is another user than the web server.
    let written = std::fs::File::create_new(&fresh)
        .and_then(|mut new| new.write_all(&text))
        .and_then(|()| private_file::replace(&fresh, file));
    if written.is_err() {
        let _ = std::fs::remove_file(&fresh);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read_again_and_tells_no_secret() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = beside(&folder.path().join("logs").join("iisgate.log"));
        let found = Circumstances::of_console(folder.path());
        write(&file, &found).expect("written");
        write(&file, &found).expect("written again");
        assert_eq!(Circumstances::read(&file).expect("read"), found);
        assert_eq!(std::fs::read_dir(file.parent().expect("one")).expect("read").count(), 1);
        assert!(!found.identity.is_empty());
        assert!(found.shown.contains_key("PATH"));
        // Cargo sets it for tests, and it is neither a path of programs nor Python's.
        assert!(found.others.contains("CARGO_PKG_NAME"));
        assert!(!std::fs::read_to_string(&file).expect("read").contains("iisgate-gate\""));
        std::fs::write(&file, "{").expect("written");
        assert!(Circumstances::read(&file).is_err());
    }
}
