//! Owns the words about a machine: what an account may do to a file, who listens at which port, which
//! Pythons are registered. Each system's half finds out.
//!
//! Does not judge what is found.

use std::path::PathBuf;

pub use crate::system::machine::{Account, account, free_bytes, listening, registered_pythons};

/// What is to be done with a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To be read; a folder, to be listed.
    Read,
    /// To be read and started.
    Run,
    /// To be changed; a folder, to get files.
    Write,
}

/// Whether an account may do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// It may.
    Granted,
    /// It may not, by the word of this file or folder.
    Refused(PathBuf),
    /// By what is known of it, it may not; but not all of its groups are known.
    Unknown(PathBuf),
}

/// Somebody who listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// The TCP port.
    pub port: u16,
    /// The process, where the system tells.
    pub process: Option<u32>,
    /// Its program's name, where the system tells.
    pub program: Option<String>,
}

/// A Python that the registry knows (PEP 514).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisteredPython {
    /// Who made it.
    pub company: String,
    /// Its version and kind.
    pub tag: String,
    /// Its program.
    pub program: PathBuf,
    /// Whether one user alone has it.
    pub is_per_user: bool,
}

/// An entry of an access list.
#[cfg(any(windows, test))]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Whether it grants; else it denies.
    pub(crate) is_grant: bool,
    /// Rights of files.
    pub(crate) mask: u32,
    /// Whose.
    pub(crate) sid: String,
}

/// Whether an access list grants all of `wanted`: for each right the first entry that speaks of it
/// counts (Microsoft's "How AccessCheck Works").
#[cfg(any(windows, test))]
pub(crate) fn is_granted(entries: &[Entry], sids: &[String], wanted: u32) -> bool {
    let mut open = wanted;
    for entry in entries.iter().filter(|entry| sids.contains(&entry.sid)) {
        let told = file_rights(entry.mask) & open;
        if told != 0 && !entry.is_grant {
            return false;
        }
        open &= !told;
    }
    open == 0
}

/// Generic rights as those of files (`winnt.h`: `FILE_GENERIC_READ` and so on).
#[cfg(any(windows, test))]
fn file_rights(mask: u32) -> u32 {
    let generic = [(28, 0x001f_01ff), (29, 0x0012_00a0), (30, 0x0012_0116), (31, 0x0012_0089)];
    let more = generic.iter().filter(|(bit, _)| mask & (1 << bit) != 0);
    more.fold(mask, |mask, (_, rights)| mask | rights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_counts() {
        let entry = |is_grant, mask, sid: &str| Entry { is_grant, mask, sid: sid.to_owned() };
        let me = ["S-1-5-82-1".to_owned(), "S-1-1-0".to_owned()];
        let (read, write) = (0x1, 0x2);
        for (entries, wanted, expected) in [
            (vec![], read, false),
            (vec![entry(true, 0x1200a9, "S-1-1-0")], read, true),
            (vec![entry(true, 0x1200a9, "S-1-1-0")], read | write, false),
            (vec![entry(true, 0x1200a9, "S-1-5-21-7")], read, false),
            (vec![entry(true, 1 << 31, "S-1-5-82-1")], read, true),
            (vec![entry(true, 1 << 28, "S-1-5-82-1")], read | write, true),
            (vec![entry(false, 1, "S-1-1-0"), entry(true, 1, "S-1-5-82-1")], read, false),
            (vec![entry(true, 1, "S-1-5-82-1"), entry(false, 1, "S-1-1-0")], read, true),
            (vec![entry(true, 1, "S-1-1-0"), entry(true, 2, "S-1-5-82-1")], read | write, true),
        ] {
            assert_eq!(is_granted(&entries, &me, wanted), expected, "{entries:?}");
        }
    }
}
