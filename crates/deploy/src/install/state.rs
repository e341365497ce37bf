//! Owns `releases.toml`: which release is live, which are there, and what is under way.
//!
//! Does not own the folders that it speaks of (`folder`). The file is replaced as a whole, so that a
//! power cut leaves the old one or the new one.

use super::{Error, Step};
use iis::ScriptProcessor;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What stands at the head of the file.
const HEAD: &str = "\
# What iisgate package install has put into this folder: do not edit it while that runs.
# `live` is the release that is served; iisgate package rollback goes back to an earlier one.
";

/// What is known of a target folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct State {
    /// The release that is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<u32>,
    /// The number that the next release gets: none is used twice.
    pub next: u32,
    /// What is under way, or was when somebody pulled the plug.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<Unfinished>,
    /// Where the web server's configuration names this folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Binding>,
    /// The releases that are whole, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub release: Vec<Release>,
}

/// A release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Release {
    /// Its number, which is its folder's name.
    pub number: u32,
    /// The package's file name.
    pub package: String,
    /// SHA-256 of the package and of its parameters' values.
    pub digest: String,
    /// What the feed that it came from calls it, with its version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// The folder of `web.config` in it, with forward slashes; empty for the release's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub site: String,
    /// Its FastCGI applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub program: Vec<Program>,
}

/// What identifies a FastCGI application.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Program {
    /// `fullPath`.
    pub full_path: String,
    /// `arguments`.
    pub arguments: String,
}

impl From<ScriptProcessor> for Program {
    fn from(ScriptProcessor { full_path, arguments }: ScriptProcessor) -> Self {
        Program { full_path, arguments }
    }
}

impl From<Program> for ScriptProcessor {
    fn from(Program { full_path, arguments }: Program) -> Self {
        ScriptProcessor { full_path, arguments }
    }
}

/// What is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Unfinished {
    /// The step that has begun.
    pub step: Step,
    /// The places in the data folder that are its to fill: what is there goes with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seeded: Vec<String>,
    /// How many releases are to stay.
    pub keep: usize,
    /// The release.
    pub release: Release,
}

/// A site application of a web server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Binding {
    /// Its `applicationHost.config`.
    pub config: PathBuf,
    /// The full path of `appcmd.exe`, where that changes the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appcmd: Option<String>,
    /// The site's name.
    pub site: String,
    /// The application's path.
    pub app: String,
}

impl State {
    /// Reads it; a file that is not there says nothing.
    pub(super) fn load(path: &Path) -> Result<Self, Error> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(State { next: 1, ..State::default() });
            }
            Err(error) => return Err(Error::io("read", path)(error)),
        };
        toml::from_str(&text).map_err(|error| {
            let message = format!("{} is not as we write it: {error}", path.display());
            Error::refused(
                message,
                "mend that line; `live` and the releases' numbers are what counts",
            )
        })
    }

    /// Writes it, down to the disk.
    pub(super) fn save(&self, path: &Path) -> Result<(), Error> {
        let text = toml::to_string(self).expect("it has no maps with keys that are no strings");
        let beside = path.with_extension("toml.new");
        let written = std::fs::File::create(&beside).and_then(|mut file| {
            file.write_all(HEAD.as_bytes())?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(Error::io("write", &beside))?;
        platform::private_file::replace(&beside, path).map_err(Error::io("replace", path))
    }

    /// A release by its number.
    pub fn numbered(&self, number: u32) -> Option<&Release> {
        self.release.iter().find(|release| release.number == number)
    }

    /// The live release.
    pub fn live_release(&self) -> Option<&Release> {
        self.numbered(self.live?)
    }

    /// The release before the live one.
    pub fn previous(&self) -> Option<&Release> {
        let live = self.live?;
        let earlier = self.release.iter().filter(|release| release.number < live);
        earlier.max_by_key(|release| release.number)
    }

    /// The releases that go when so many are to stay: the oldest, never the live one.
    pub(super) fn surplus(&self, keep: usize) -> Vec<Release> {
        let others = self.release.iter().filter(|release| Some(release.number) != self.live);
        let mut others: Vec<&Release> = others.collect();
        others.sort_by_key(|release| release.number);
        let count = (others.len() + 1).saturating_sub(keep.max(1));
        others.into_iter().take(count).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(number: u32) -> Release {
        Release { number, package: "shop.zip".into(), ..Release::default() }
    }

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("releases.toml");
        assert_eq!(State::load(&path).unwrap().next, 1);
        let binding = Binding {
            config: "/c".into(),
            appcmd: None,
            site: "Shop \"x\"".into(),
            app: "/".into(),
        };
        let state = State {
            live: Some(2),
            next: 4,
            unfinished: Some(Unfinished {
                step: Step::Data,
                seeded: vec!["var".into()],
                keep: 3,
                release: release(3),
            }),
            server: Some(binding),
            release: vec![release(1), release(2)],
        };
        state.save(&path).unwrap();
        assert_eq!(State::load(&path).unwrap(), state);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        std::fs::write(&path, "live = \"x\"").unwrap();
        assert!(State::load(&path).unwrap_err().to_string().contains("releases.toml"));
    }

    #[test]
    fn the_oldest_releases_go_and_never_the_live_one() {
        let all = State { release: (1..=4).map(release).collect(), ..State::default() };
        for (live, keep, expected) in [
            (4, 2, vec![1, 2]),
            (4, 3, vec![1]),
            (4, 9, vec![]),
            (1, 2, vec![2, 3]),
            (4, 0, vec![1, 2, 3]),
        ] {
            let state = State { live: Some(live), ..all.clone() };
            let gone: Vec<u32> = state.surplus(keep).iter().map(|it| it.number).collect();
            assert_eq!(gone, expected, "{live} is live, {keep} stay");
        }
        let state = State { live: Some(3), ..all };
        assert_eq!(state.previous().map(|it| it.number), Some(2));
    }
}
