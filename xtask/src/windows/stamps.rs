//! Owns doing things once: a note tells from what a thing was made.
//!
//! Does not own the things.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Does `make`, unless `folder` has a note that `name` was made in this `state`.
pub(super) fn once(
    folder: &Path,
    name: &str,
    state: &str,
    make: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let note = folder.join(format!("{name}.txt"));
    if fs::read_to_string(&note).is_ok_and(|text| text == state) {
        return Ok(());
    }
    // What is half made must not look whole.
    if note.exists() {
        fs::remove_file(&note).with_context(|| format!("cannot remove {}", note.display()))?;
    }
    make()?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(&note, state).with_context(|| format!("cannot write {}", note.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_or_changed_is_made_again_and_nothing_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut made = Vec::new();
        for (state, fails) in
            [("1", false), ("1", false), ("2", true), ("1", false), ("1", false), ("2", false)]
        {
            let _ = once(dir.path(), "thing", state, || {
                made.push(state);
                if fails { anyhow::bail!("no luck") } else { Ok(()) }
            });
        }
        assert_eq!(made, ["1", "2", "1", "2"]);
    }
}
