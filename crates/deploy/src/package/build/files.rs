//! Owns which files of a folder go into its package, and why others do not.
//!
//! Does not own what is in them. The choice is that of a source distribution, as version control sees
//! it: what `.gitignore` names stays out unless it is included by name.

use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::BuildError;
use super::never::{self, Never};

/// A file that goes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Its path below the folder, with `/`.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
}

/// A file or folder that stays out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its path below the folder; of a folder with a slash at its end.
    pub name: String,
    /// Why.
    pub why: Why,
}

/// Why something stays out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It looks like a secret.
    Secret,
    /// It is what the app writes.
    Data,
    /// A link may lead anywhere.
    Link,
    /// `exclude` names it.
    Excluded,
    /// `.gitignore` names it.
    Ignored,
    /// It is made of the rest: caches, results of building.
    Made,
    /// An environment of this machine.
    Environment,
    /// What version control keeps for itself.
    VersionControl,
}

impl Why {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Secret => "looks like a secret",
            Self::Data => "is data that the app writes",
            Self::Link => "is a link",
            Self::Excluded => "is excluded",
            Self::Ignored => "is ignored by .gitignore",
            Self::Made => "is made anew",
            Self::Environment => "is an environment of this machine",
            Self::VersionControl => "belongs to version control",
        }
    }
}

/// What decides.
pub(super) struct Rules {
    include: Option<Gitignore>,
    exclude: Option<Gitignore>,
    data: Vec<String>,
    /// The package itself, and what else must not be looked at.
    pub(super) apart: Vec<PathBuf>,
}

impl Rules {
    pub(super) fn new(
        root: &Path,
        include: &[String],
        exclude: &[String],
        data: Vec<String>,
    ) -> Result<Self, BuildError> {
        let matcher = |lines: &[String], key: &str| -> Result<Option<Gitignore>, BuildError> {
            let mut builder = GitignoreBuilder::new(root);
            for line in lines {
                builder.add_line(None, line).map_err(|error| {
                    let message = format!("{key} in [tool.iisgate.package]: {error}");
                    BuildError::refused(message, "write patterns as in .gitignore")
                })?;
            }
            let built = builder.build().map_err(|error| {
                BuildError::refused(format!("{key} in [tool.iisgate.package]: {error}"), "")
            })?;
            Ok((!lines.is_empty()).then_some(built))
        };
        Ok(Self {
            include: matcher(include, "include")?,
            exclude: matcher(exclude, "exclude")?,
            data,
            apart: Vec::new(),
        })
    }

    /// Why something stays out, by its name and by who ignores it.
    fn refusal(
        &self,
        path: &Path,
        name: &str,
        is_folder: bool,
        ignores: &[Gitignore],
    ) -> Option<Why> {
        let names = |matcher: &Option<Gitignore>| {
            let matched = matcher.as_ref().map(|m| m.matched_path_or_any_parents(path, is_folder));
            matched.is_some_and(|matched| matched.is_ignore())
        };
        let never = never::of(path, name, is_folder);
        if let Some(Never::Always(why)) = never {
            return Some(why);
        }
        if self.data.iter().any(|data| is_within(name, data)) {
            return Some(Why::Data);
        }
        if names(&self.exclude) {
            return Some(Why::Excluded);
        }
        if names(&self.include) {
            return None;
        }
        if let Some(Never::Unless(why)) = never {
            return Some(why);
        }
        // The nearest .gitignore decides.
        let decided = ignores.iter().rev().find_map(|ignore| {
            let matched = ignore.matched(path, is_folder);
            if matched.is_none() { None } else { Some(matched.is_ignore()) }
        });
        (decided == Some(true)).then_some(Why::Ignored)
    }
}

/// Whether a path is another one, or below it, or a file that SQLite keeps beside it.
fn is_within(name: &str, other: &str) -> bool {
    let rest = name.strip_prefix(other);
    rest.is_some_and(|rest| {
        rest.is_empty() || rest.starts_with('/') || ["-wal", "-shm", "-journal"].contains(&rest)
    })
}

/// Chooses among the files of a folder, in the order of their names.
pub(super) fn choose(
    root: &Path,
    rules: &Rules,
) -> Result<(Vec<Chosen>, Vec<LeftOut>), BuildError> {
    let mut choice = Choice { rules, chosen: Vec::new(), left_out: Vec::new() };
    choice.enter(root, "", &[], false)?;
    choice.chosen.sort_by(|a, b| a.name.cmp(&b.name));
    choice.left_out.sort_by(|a, b| (a.why, &a.name).cmp(&(b.why, &b.name)));
    Ok((choice.chosen, choice.left_out))
}

struct Choice<'a> {
    rules: &'a Rules,
    chosen: Vec<Chosen>,
    left_out: Vec<LeftOut>,
}

impl Choice<'_> {
    /// Looks at a folder. Within one that is ignored only what is included counts.
    fn enter(
        &mut self,
        folder: &Path,
        prefix: &str,
        ignores: &[Gitignore],
        is_ignored: bool,
    ) -> Result<(), BuildError> {
        let mut ignores = ignores.to_vec();
        let file = folder.join(".gitignore");
        if file.is_file() {
            let mut builder = GitignoreBuilder::new(folder);
            if let Some(error) = builder.add(&file) {
                let message = format!("{}: {error}", file.display());
                return Err(BuildError::refused(message, "mend that line"));
            }
            ignores.extend(builder.build().ok());
        }
        let read = std::fs::read_dir(folder).map_err(BuildError::io("read", folder))?;
        for item in read {
            let item = item.map_err(BuildError::io("read", folder))?;
            let (path, file_name) = (item.path(), item.file_name());
            if self.rules.apart.contains(&path) {
                continue;
            }
            let Some(file_name) = file_name.to_str() else {
                let message = format!("{} has a name that is no UTF-8", path.display());
                return Err(BuildError::refused(message, "rename it, or take it out"));
            };
            let name = format!("{prefix}{file_name}");
            let data = item.metadata().map_err(BuildError::io("read", &path))?;
            let shown = if data.is_dir() { format!("{name}/") } else { name.clone() };
            if data.is_symlink() {
                self.left_out.push(LeftOut { name: shown, why: Why::Link });
                continue;
            }
            let refusal = self.rules.refusal(&path, &name, data.is_dir(), &ignores);
            let is_included = self.rules.include.as_ref().is_some_and(|include| {
                include.matched_path_or_any_parents(&path, data.is_dir()).is_ignore()
            });
            let refusal = refusal.or((is_ignored && !is_included).then_some(Why::Ignored));
            // Something in it may be included by name.
            let is_of_interest = matches!(refusal, Some(Why::Ignored | Why::Made))
                && data.is_dir()
                && self.rules.include.is_some();
            match refusal {
                Some(why) if !is_ignored => self.left_out.push(LeftOut { name: shown, why }),
                _ => {}
            }
            if data.is_dir() && (refusal.is_none() || is_of_interest) {
                self.enter(&path, &format!("{name}/"), &ignores, refusal.is_some())?;
            } else if refusal.is_none() {
                self.chosen.push(Chosen { name, path, size: data.len() });
            }
        }
        Ok(())
    }
}
