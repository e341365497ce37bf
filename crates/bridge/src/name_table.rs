//! Owns the table from param names to keys that were made of them once, so that an environ is filled
//! without making or hashing a key.
//!
//! Does not own what a name means (`names`) nor what a key is.

use crate::names::{Name, classify};

/// Slots of the table; a power of two. Clients choose header names: a table that is full learns no
/// more, and then a key is made per request.
const SLOTS: usize = 2048;

/// Names learnt at most, a quarter of the slots, so that searches stay short.
const NAMES_MAX: usize = SLOTS / 4;

/// Longest name worth learning.
const NAME_BYTES_MAX: usize = 64;

/// Slots that are looked into for a name: clients could choose such as meet in one slot.
const PROBES_MAX: usize = 16;

#[derive(Debug)]
struct Entry<K> {
    hash: u32,
    bytes: Box<[u8]>,
    key: K,
    name: Name,
}

/// The table; belongs to one thread.
#[derive(Debug)]
pub struct NameTable<K> {
    slots: Vec<Option<Entry<K>>>,
    count: usize,
    /// The last key that was made for a name which is not learnt: as long as a param may be.
    passing: Option<K>,
}

/// Eight bytes a step, each a multiplication whose halves are folded: so every bit of a name counts for
/// its slot. There is no key to protect: names that collide cost `PROBES_MAX` comparisons.
fn hash(bytes: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, word: [u8; 8]| {
        let product = u128::from(hash ^ u64::from_le_bytes(word)) * u128::from(FACTOR);
        product as u64 ^ (product >> 64) as u64
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

impl<K> Default for NameTable<K> {
    fn default() -> Self {
        Self { slots: (0..SLOTS).map(|_| None).collect(), count: 0, passing: None }
    }
}

impl<K> NameTable<K> {
    /// The key of a name and what the name says. A key that is not known yet is made.
    ///
    /// # Errors
    /// `make`'s.
    pub fn get<E>(
        &mut self,
        bytes: &[u8],
        make: impl FnOnce(&[u8]) -> Result<K, E>,
    ) -> Result<(&K, Name), E> {
        let hash = hash(bytes);
        let home = hash as usize % SLOTS;
        let mut slots = (home..home + PROBES_MAX).map(|slot| slot % SLOTS);
        let slot = slots.find(|slot| match &self.slots[*slot] {
            Some(entry) => entry.hash == hash && *entry.bytes == *bytes,
            None => true,
        });
        let learns = self.count < NAMES_MAX && bytes.len() <= NAME_BYTES_MAX;
        match slot {
            Some(slot) if learns || self.slots[slot].is_some() => {
                let entry = match &mut self.slots[slot] {
                    Some(entry) => entry,
                    free => {
                        let (key, name) = (make(bytes)?, classify(bytes));
                        self.count += 1;
                        free.insert(Entry { hash, bytes: bytes.into(), key, name })
                    }
                };
                Ok((&entry.key, entry.name))
            }
            _ => Ok((self.passing.insert(make(bytes)?), classify(bytes))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::convert::Infallible;

    /// Asks for a name: its key is the name, and whether it had to be made.
    fn ask(table: &mut NameTable<Vec<u8>>, name: &str) -> bool {
        let mut is_made = false;
        let make = |bytes: &[u8]| {
            is_made = true;
            Ok::<_, Infallible>(bytes.to_vec())
        };
        let (key, kind) = table.get(name.as_bytes(), make).unwrap();
        assert_eq!(key, name.as_bytes());
        assert_eq!(kind, classify(name.as_bytes()));
        is_made
    }

    #[test]
    fn a_key_is_made_once() {
        let mut table = NameTable::default();
        // Names as apps and proxies number them differ in their last characters only.
        let names: Vec<String> = (0..NAMES_MAX).map(|n| format!("HTTP_X_HEADER_{n}")).collect();
        let short = ["", "A", "URL", "HTTPS", "REQUEST_METHOD", "HTTP_PROXY"].map(str::to_owned);
        for name in short.iter().chain(&names).take(NAMES_MAX) {
            assert!(ask(&mut table, name), "{name} is new");
            assert!(!ask(&mut table, name), "{name} is known");
        }
        for name in short.iter().chain(&names).take(NAMES_MAX) {
            assert!(!ask(&mut table, name), "{name} is still known");
        }
    }

    #[test]
    fn what_is_not_learnt_is_found_all_the_same() {
        let mut table = NameTable::default();
        let long = "N".repeat(NAME_BYTES_MAX + 1);
        assert!(ask(&mut table, &long) && ask(&mut table, &long), "it is too long to be learnt");
        for number in 0..NAMES_MAX {
            ask(&mut table, &format!("HTTP_{number}"));
        }
        assert!(ask(&mut table, "HTTP_ONE_MORE") && ask(&mut table, "HTTP_ONE_MORE"), "it is full");
        assert!(!ask(&mut table, "HTTP_0"));
    }

    #[test]
    fn names_that_were_chosen_to_meet_are_looked_for_in_a_few_slots() {
        let home = |name: &String| hash(name.as_bytes()) as usize % SLOTS;
        let meeting = |first: &str| {
            let wanted = home(&first.to_owned());
            (0..).map(|n| format!("HTTP_{n}")).filter(move |name| home(name) == wanted)
        };
        let mut table = NameTable::default();
        let names: Vec<String> = meeting("HTTP_0").take(PROBES_MAX + 1).collect();
        for name in &names {
            assert!(ask(&mut table, name), "{name} is new");
        }
        let made: Vec<bool> = names.iter().map(|name| ask(&mut table, name)).collect();
        assert_eq!(made, [vec![false; PROBES_MAX], vec![true]].concat());
    }

    #[test]
    fn a_key_that_cannot_be_made_takes_no_place() {
        let mut table = NameTable::<Vec<u8>>::default();
        assert_eq!(table.get(b"URL", |_| Err("no memory")).unwrap_err(), "no memory");
        assert!(ask(&mut table, "URL"));
        assert!(!ask(&mut table, "URL"));
    }
}
