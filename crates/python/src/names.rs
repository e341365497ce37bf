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

/// The table of one thread.
pub(crate) struct Names {
    slots: Vec<Option<Entry>>,
    count: usize,
}

/// FNV-1a: short names, no key to protect, for collisions only cost a comparison in a table that
/// stops growing.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

impl Names {
    pub(crate) fn new() -> Self {
        Self { slots: (0..SLOTS).map(|_| None).collect(), count: 0 }
    }

    /// The key of a name and what the name says.
    pub(crate) fn get<'py>(
        &mut self,
        py: Python<'py>,
        bytes: &[u8],
    ) -> PyResult<(Bound<'py, PyString>, Name)> {
        let hash = hash(bytes);
        let mut slot = hash as usize % SLOTS;
        while let Some(entry) = &self.slots[slot] {
            if entry.hash == hash && *entry.bytes == *bytes {
                return Ok((entry.key.bind(py).clone(), entry.name));
            }
            slot = (slot + 1) % SLOTS;
        }
        let name = bridge::classify(bytes);
        let key = latin1_str(py, bytes)?;
        if self.count < NAMES_MAX && bytes.len() <= NAME_BYTES_MAX {
            self.count += 1;
            let key = key.clone().unbind();
            self.slots[slot] = Some(Entry { hash, bytes: bytes.into(), key, name });
        }
        Ok((key, name))
    }
}
