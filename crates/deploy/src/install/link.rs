//! Owns links to data: symbolic ones, and on Windows junctions for folders, which anybody may make.
//!
//! Does not own what is linked.

use std::fs::Metadata;
use std::io;
use std::path::Path;

/// Makes a link at `at` that leads to `to`, and looks whether it does.
pub(super) fn make(to: &Path, at: &Path, is_folder: bool) -> io::Result<()> {
    system(to, at, is_folder)?;
    let found = std::fs::symlink_metadata(at)?;
    let leads = !to.exists() || dunce::canonicalize(at)? == dunce::canonicalize(to)?;
    // Wine says that it has made one, and has not.
    if is_link(at, &found) && leads {
        return Ok(());
    }
    Err(io::Error::other("the system made something else than a link"))
}

#[cfg(unix)]
fn system(to: &Path, at: &Path, _is_folder: bool) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(windows)]
fn system(to: &Path, at: &Path, is_folder: bool) -> io::Result<()> {
    if is_folder { junction::create(to, at) } else { std::os::windows::fs::symlink_file(to, at) }
}

/// Whether a link is there that leads there.
pub(super) fn leads(at: &Path, to: &Path) -> bool {
    let is_one = std::fs::symlink_metadata(at).is_ok_and(|found| is_link(at, &found));
    let real = |path: &Path| dunce::canonicalize(path).ok();
    is_one && real(at).is_some_and(|at| Some(at) == real(to))
}

/// Whether it is one.
#[cfg(unix)]
pub(super) fn is_link(_path: &Path, found: &Metadata) -> bool {
    found.is_symlink()
}

/// Whether it is one.
#[cfg(windows)]
pub(super) fn is_link(path: &Path, found: &Metadata) -> bool {
    found.is_symlink() || junction::exists(path).unwrap_or(false)
}

/// Removes the link itself.
#[cfg(unix)]
pub(super) fn remove(path: &Path, _found: &Metadata) -> io::Result<()> {
    std::fs::remove_file(path)
}

/// Removes the link itself.
#[cfg(windows)]
pub(super) fn remove(path: &Path, found: &Metadata) -> io::Result<()> {
    let is_folder = std::os::windows::fs::FileTypeExt::is_symlink_dir(&found.file_type())
        || junction::exists(path).unwrap_or(false);
    if is_folder { std::fs::remove_dir(path) } else { std::fs::remove_file(path) }
}
