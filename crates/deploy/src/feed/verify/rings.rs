//! Owns products that need themselves, whatever is chosen.
//!
//! Does not own names that lead nowhere (`structure`).

use std::collections::BTreeSet;

use super::Hit;
use crate::feed::limits::{EXPRESSION_STEPS_MAX, NAMES_DEEP_MAX, STEPS_MAX};
use crate::feed::model::{Feed, Need};
use crate::feed::read::Reading;

pub(super) fn hits(reading: &Reading, hits: &mut Vec<Hit>) {
    let feed = &reading.feed;
    let mut told = BTreeSet::new();
    for (number, entry) in feed.entries.iter().enumerate() {
        let Some(need) = &entry.need else { continue };
        let path = vec![entry.product.as_str()];
        let mut search = Search { feed, path, steps: 0 };
        if !search.is_ring(need, 0) {
            continue;
        }
        // The path ends where the ring began; each ring is told once, whoever it is met from.
        let mut ring: Vec<String> = search.path.iter().map(|id| id.to_ascii_lowercase()).collect();
        ring.sort_unstable();
        ring.dedup();
        if told.insert(ring) {
            let message = format!("nothing can come first: {}", search.path.join(" needs "));
            hits.push(Hit::new("feed-dependency-ring", reading.entry_place(number), message));
        }
    }
}

struct Search<'a> {
    feed: &'a Feed,
    /// The products on the way; behind a ring that was found, they tell it.
    path: Vec<&'a str>,
    /// How much was looked at: who entangles a feed beyond measure is told of no rings.
    steps: usize,
}

impl<'a> Search<'a> {
    /// Whether a need cannot be met without a product of the path.
    fn is_ring(&mut self, need: &'a Need, names: usize) -> bool {
        self.steps += 1;
        if self.steps > EXPRESSION_STEPS_MAX || self.path.len() > STEPS_MAX {
            return false;
        }
        match need {
            Need::Product(id) => self.is_ring_by(id),
            Need::Named(_) if names == NAMES_DEEP_MAX => true,
            Need::Named(name) => {
                self.feed.need(name).is_some_and(|need| self.is_ring(need, names + 1))
            }
            Need::All(needs) => needs.iter().any(|need| self.is_ring(need, names)),
            Need::Any(needs) => self.is_ring_whichever(needs, names),
        }
    }

    fn is_ring_by(&mut self, product: &'a str) -> bool {
        let is_on_path = self.path.iter().any(|one| one.eq_ignore_ascii_case(product));
        self.path.push(product);
        if is_on_path {
            return true;
        }
        let need = self.feed.entry(product).and_then(|entry| entry.need.as_ref());
        let is_ring = need.is_some_and(|need| self.is_ring(need, 0));
        if !is_ring {
            self.path.pop();
        }
        is_ring
    }

    fn is_ring_whichever(&mut self, needs: &'a [Need], names: usize) -> bool {
        let length = self.path.len();
        let mut way = None;
        for need in needs {
            if !self.is_ring(need, names) {
                self.path.truncate(length);
                return false;
            }
            way.get_or_insert_with(|| self.path.clone());
            self.path.truncate(length);
        }
        let is_ring = way.is_some();
        self.path = way.unwrap_or_else(|| self.path.clone());
        is_ring
    }
}
