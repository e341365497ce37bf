//! Owns telling whether a file is still the one that was looked at.
//!
//! Does not own when to look.

use std::path::Path;
use std::time::SystemTime;

/// When a file was changed, and its size; `None` if it is not there. A change that leaves both as
/// they were is not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileState(Option<(SystemTime, u64)>);

impl FileState {
    /// As it is now.
    pub(crate) fn of(path: &Path) -> Self {
        let found = std::fs::metadata(path).ok();
        FileState(found.and_then(|file| Some((file.modified().ok()?, file.len()))))
    }
}
