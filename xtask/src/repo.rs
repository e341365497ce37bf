//! Owns where things are: the checkout, its build folder, its files.
//!
//! Does not own what the files say.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// Folders that building and running make.
const MADE: &[&str] = &[".git", ".venv", "__pycache__", "build", "logs", "target"];

/// The checkout's root.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the checkout")
}

/// Where everything that is built goes: `target`, unless `CARGO_TARGET_DIR` says otherwise.
pub(crate) fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The checkout's files, relative to its root: tracked ones and new ones that are not ignored.
pub(crate) fn files() -> Result<Vec<PathBuf>> {
    let mut git = Command::new("git");
    git.current_dir(root());
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]);
    let mut files: Vec<PathBuf> = match process::output(&mut git) {
        Ok(listed) => listed.split('\0').filter(|n| !n.is_empty()).map(PathBuf::from).collect(),
        // Not a clone, or no git.
        Err(_) => walk(Path::new(""))?,
    };
    // A file deleted but not yet committed is still listed.
    files.retain(|file| root().join(file).is_file());
    files.sort();
    Ok(files)
}

/// The files of a folder and those below, but for what is made by building and running.
fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let path = root().join(folder);
    for entry in fs::read_dir(&path).with_context(|| format!("cannot read {}", path.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let relative = folder.join(&name);
        if entry.file_type()?.is_dir() {
            if !MADE.contains(&name.as_str()) && !name.ends_with(".egg-info") {
                files.extend(walk(&relative)?);
            }
        } else if !name.ends_with(".so") {
            files.push(relative);
        }
    }
    Ok(files)
}

/// A figure that changes when the content of any of the checkout's files below `parts` changes.
pub(crate) fn state_of(parts: &[&str]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for file in files()? {
        if parts.iter().any(|part| file.starts_with(part)) {
            file.hash(&mut hasher);
            let path = root().join(&file);
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            bytes.hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}
