//! Owns the table from param names to ready-made `str` keys, so that an environ is filled without
//! making or hashing a key.
//!
//! Does not own what a name means: `bridge::classify` does, once per name.

use crate::raw::latin1_str;
use bridge::Name;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// Slots of the table; a power of two. Clients choose header names: a table that is full learns no
/// more, and then a key is made per request.
const SLOTS: usize = 2048;

/// Names learnt at most, half the slots, so that searches stay short.
const NAMES_MAX: usize = SLOTS / 2;

/// Longest name worth learning.
const NAME_BYTES_MAX: usize = 64;

struct Entry {
    hash: u32,
    bytes: Box<[u8]>,
    key: Py<PyString>,
    name: Name,
}

/// Slots that are looked into for a name: clients choose header names, and could choose such as meet in
/// one slot.
const PROBES_MAX: usize = 16;

/// The table of one thread.
pub(crate) struct Names {
    slots: Vec<Option<Entry>>,
    count: usize,
    /// The last key that was made for a name which is not learnt.
    passing: Option<Py<PyString>>,
}

/// Eight bytes a step. There is no key to protect: names that collide cost `PROBES_MAX` comparisons.
fn hash(bytes: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, word: [u8; 8]| {
        let mixed = (hash ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
        mixed ^ mixed >> 32
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(bytes.len() as u64, |hash, word| mix(hash, *word));
    let last = match bytes.last_chunk::<8>() {
        _ if rest.is_empty() => return hash as u32,
        Some(last) => *last,
        None => {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            last
        }
    };
    mix(hash, last) as u32
}

impl Names {
    pub(crate) fn new() -> Self {
        Self { slots: (0..SLOTS).map(|_| None).collect(), count: 0, passing: None }
    }

    /// The key of a name and what the name says.
    pub(crate) fn get<'a, 'py>(
        &'a mut self,
        py: Python<'py>,
        bytes: &[u8],
    ) -> PyResult<(Borrowed<'a, 'py, PyString>, Name)> {
        let hash = hash(bytes);
        let home = hash as usize;
        let mut slots = (home..home + PROBES_MAX).map(|slot| slot % SLOTS);
        let found = slots.find(|slot| match &self.slots[*slot] {
            Some(entry) => entry.hash == hash && *entry.bytes == *bytes,
            None => true,
        });
        if let Some(slot) = found {
            self.learn(py, slot, hash, bytes)?;
            if let Some(entry) = &self.slots[slot] {
                return Ok((entry.key.bind_borrowed(py), entry.name));
            }
        }
        let key = self.passing.insert(latin1_str(py, bytes)?.unbind());
        Ok((key.bind_borrowed(py), bridge::classify(bytes)))
    }

    /// Puts a name into a slot that is free, if it is worth it.
    fn learn(&mut self, py: Python<'_>, slot: usize, hash: u32, bytes: &[u8]) -> PyResult<()> {
        let is_free = self.slots[slot].is_none();
        if is_free && self.count < NAMES_MAX && bytes.len() <= NAME_BYTES_MAX {
            self.count += 1;
            let (key, name) = (latin1_str(py, bytes)?.unbind(), bridge::classify(bytes));
            self.slots[slot] = Some(Entry { hash, bytes: bytes.into(), key, name });
        }
        Ok(())
    }
}
