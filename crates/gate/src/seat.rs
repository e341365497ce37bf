//! Owns which of a site's workers a gate goes to: the one with the fewest gates when it comes, and
//! from then on that one and whoever follows it.
//!
//! Does not own meeting it (`rendezvous`). What a gate claims is a locked file: the system lets the
//! lock go when the gate ends, in whatever way.

use crate::codes;
use crate::control::StartFailure;
use crate::plan::Plan;
use crate::settings::Settings;
use platform::lock::{self, Lock};
use platform::private;
use std::io;
use std::path::{Path, PathBuf};

/// A gate's place at one of the workers. With one worker there is nothing to claim.
#[derive(Debug, Default)]
pub(crate) struct Seat {
    claim: Option<Claim>,
}

/// A claim, as long as this value or the gate lives.
#[derive(Debug)]
struct Claim {
    /// Of the plan.
    key: String,
    workers: u32,
    slot: u32,
    path: PathBuf,
    /// `None` once it is let go.
    lock: Option<Lock>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        // A file that is still locked may not go away everywhere.
        self.lock = None;
        // Who counts the gates removes what is left.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Seat {
    /// The plan of a site as its files are now, for the worker that this gate goes to.
    ///
    /// # Errors
    /// As [`Plan::new`]; when no place can be claimed.
    pub(crate) fn plan(&mut self, settings: &Settings, site: &Path) -> Result<Plan, StartFailure> {
        let mut plan = Plan::new(settings, site)?;
        if plan.workers == 1 {
            self.claim = None;
            return Ok(plan);
        }
        let is_same = |claim: &&Claim| claim.key == plan.key && claim.workers == plan.workers;
        let slot = match self.claim.as_ref().filter(is_same) {
            Some(claim) => claim.slot,
            None => {
                let what = "a place at one of the site's workers cannot be claimed";
                let system =
                    |error: io::Error| StartFailure::system(&codes::MEETING_PLACE, what, &error);
                let folder = private::folder().map_err(system)?;
                // Other settings are no reason to go elsewhere: the successor of the worker is the one
                // that this gate has started, or waits for.
                let before = self.claim.as_ref().filter(|claim| claim.workers == plan.workers);
                let wanted = before.map(|claim| claim.slot);
                let claim = claim(&folder, &plan.key, plan.workers, wanted).map_err(system)?;
                self.claim.insert(claim).slot
            }
        };
        plan.slot = slot;
        Ok(plan)
    }
}

/// Claims a place: at the worker that is wanted, else at the one with the fewest gates.
fn claim(folder: &Path, key: &str, workers: u32, wanted: Option<u32>) -> io::Result<Claim> {
    // Those who come at once count one after the other.
    let _counting = lock::lock(&folder.join(format!("{key}.seats")))?;
    let mut gates = vec![0_u32; workers as usize];
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(slot) = name.to_str().and_then(|name| slot_of(name, key)) else { continue };
        if lock::is_held(&entry.path()) {
            if let Some(count) = gates.get_mut(slot as usize) {
                *count += 1;
            }
        } else {
            // Of a gate that was killed. That another one removes it is as well.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    let fewest = (0..workers).min_by_key(|slot| gates[*slot as usize]).unwrap_or(0);
    let slot = wanted.unwrap_or(fewest);
    let path = folder.join(format!("{key}-{slot}-{}.gate", std::process::id()));
    let lock = lock::lock(&path)?;
    Ok(Claim { key: key.to_owned(), workers, slot, path, lock: Some(lock) })
}

/// The worker's number in the name of a claim; `None` for any other file.
fn slot_of(name: &str, key: &str) -> Option<u32> {
    let rest = name.strip_prefix(key)?.strip_prefix('-')?.strip_suffix(".gate")?;
    rest.split_once('-')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A claim of another process, as far as its file goes.
    fn of_other(folder: &Path, key: &str, workers: u32, number: u32) -> Claim {
        let mut claim = claim(folder, key, workers, None).expect("claimed");
        let path = folder.join(format!("{key}-{}-other{number}.gate", claim.slot));
        claim.lock = None;
        std::fs::rename(&claim.path, &path).expect("renamed");
        claim.lock = Some(lock::lock(&path).expect("locked"));
        claim.path = path;
        claim
    }

    #[test]
    fn gates_are_shared_out_evenly() {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let mut claims: Vec<_> = (0..8).map(|number| of_other(folder, "k", 3, number)).collect();
        let slots = |claims: &[Claim]| claims.iter().map(|claim| claim.slot).collect::<Vec<_>>();
        assert_eq!(slots(&claims), [0, 1, 2, 0, 1, 2, 0, 1]);
        // Those of the first two workers end, one of them by being killed.
        let mut killed = claims.remove(4);
        let left_behind = killed.path.clone();
        // As the system does for a killed gate: the lock goes, the file stays.
        killed.lock = None;
        std::mem::forget(killed);
        claims.remove(3);
        claims.remove(1);
        assert!(left_behind.exists());
        let fresh: Vec<_> = (8..12).map(|number| of_other(folder, "k", 3, number)).collect();
        assert_eq!(slots(&fresh), [1, 0, 1, 2]);
        assert!(!left_behind.exists());
        // Another configuration has workers of its own; a gate that moves to it keeps its number.
        assert_eq!(of_other(folder, "other", 3, 0).slot, 0);
        assert_eq!(claim(folder, "other", 3, Some(2)).expect("claimed").slot, 2);
        drop((claims, fresh));
        let left = std::fs::read_dir(folder).expect("read").filter_map(Result::ok);
        let mut left: Vec<_> = left.map(|entry| entry.file_name()).collect();
        left.sort();
        assert_eq!(left, ["k.seats", "other.seats"]);
    }

    #[test]
    fn names_of_claims() {
        for (name, expected) in [
            ("0a-1-4711.gate", Some(1)),
            ("0a-12-4711.gate", Some(12)),
            ("0a-1.sock", None),
            ("0a.gate", None),
            ("0a-x-1.gate", None),
            ("0b-1-4711.gate", None),
        ] {
            assert_eq!(slot_of(name, "0a"), expected, "{name}");
        }
    }
}
