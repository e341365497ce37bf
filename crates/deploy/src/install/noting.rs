//! Owns the note beside a server's file of what has to be undone one day, over all releases of a site.
//!
//! Does not own its form (`iis::install::Receipt`).

use super::Error;
use super::state::Binding;
use iis::ScriptProcessor;
use iis::install::{Done, Installed, Receipt, receipt_path};
use std::path::PathBuf;

impl Binding {
    /// Notes it. As long as nobody else changes the file, the copy from before the first release is the
    /// one to go back to.
    pub(super) fn note(
        &self,
        processor: &ScriptProcessor,
        mut done: Done,
        backup: PathBuf,
        before: &str,
        fresh: &[u8],
    ) -> Result<(), Error> {
        let file = receipt_path(&self.config);
        let mut receipt = Receipt::load(&file)?;
        let mut kept = backup.clone();
        if let Some(old) = receipt.take(&self.spot()) {
            done.has_made_section |= old.done.has_made_section;
            done.unlocked.extend(old.done.unlocked);
            done.has_added_entry |= old.done.has_added_entry;
            if old.after == before && old.backup.is_file() {
                kept = old.backup;
            }
        }
        done.unlocked.sort();
        done.unlocked.dedup();
        let (processor, after) = (processor.clone(), Installed::digest(fresh));
        let spot = self.spot();
        receipt.installed.push(Installed { spot, processor, done, backup: kept.clone(), after });
        std::fs::write(&file, receipt.to_text()).map_err(Error::io("write", &file))?;
        if kept != backup {
            std::fs::remove_file(&backup).map_err(Error::io("remove", &backup))?;
        }
        Ok(())
    }

    /// The last copy of the file that was made.
    pub(super) fn newest_backup(&self) -> Option<PathBuf> {
        let stem = format!("{}.backup-", self.config.file_stem()?.to_str()?);
        let entries = std::fs::read_dir(self.config.parent()?).ok()?.flatten();
        let numbered = entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number: u32 = name.strip_prefix(&stem)?.split('.').next()?.parse().ok()?;
            Some((number, entry.path()))
        });
        numbered.max().map(|(_, path)| path)
    }
}
