//! Owns where everything for Windows lies: below `target/windows`.
//!
//! Does not own making any of it.

use std::path::PathBuf;

use crate::repo;

/// The folder that holds the rest; the tests are told of it by `IISGATE_WINDOWS_DIR`.
pub(super) fn dir() -> PathBuf {
    repo::target().join("windows")
}

/// Cargo's target folder, so that the two toolchains do not undo each other's work.
pub(super) fn build() -> PathBuf {
    dir().join("build")
}

/// What a user would install: `iisgate.exe` and the package folder.
pub(super) fn dist() -> PathBuf {
    dir().join("dist")
}

/// Wine's prefix: its registry and its drive C.
pub(super) fn prefix() -> PathBuf {
    dir().join("prefix")
}

/// The Windows Python under Wine.
pub(super) fn python() -> PathBuf {
    dir().join("python")
}

/// The virtual environment with iisgate and the small frameworks.
pub(super) fn venv() -> PathBuf {
    dir().join("venv")
}

/// The virtual environment with iisgate and Plone.
pub(super) fn plone() -> PathBuf {
    dir().join("plone")
}

/// What was fetched and unpacked.
pub(super) fn downloads() -> PathBuf {
    dir().join("downloads")
}

/// Notes of what was made from what.
pub(super) fn stamps() -> PathBuf {
    dir().join("stamps")
}
