//! Owns rapid-fail protection: whether too many processes failed within a minute.
//!
//! Does not own what a failure is, nor what follows from too many of them.

use std::collections::VecDeque;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// The moments of the last failures.
#[derive(Debug)]
pub(super) struct RapidFails {
    /// So many failures within a minute are borne.
    per_minute: u32,
    /// The last ones, oldest first; at most one more than are borne.
    moments: VecDeque<Duration>,
}

impl RapidFails {
    pub(super) fn new(per_minute: u32) -> Self {
        RapidFails { per_minute, moments: VecDeque::new() }
    }

    /// Takes note of a failure.
    pub(super) fn note(&mut self, now: Duration) {
        self.moments.push_back(now);
        if self.moments.len() > self.borne() + 1 {
            self.moments.pop_front();
        }
    }

    /// Whether there were too many within the last minute.
    pub(super) fn are_too_many(&self, now: Duration) -> bool {
        self.over_at().is_some_and(|over| now < over)
    }

    /// When there will not have been, or have not been, too many any more.
    pub(super) fn over_at(&self) -> Option<Duration> {
        let is_beyond = self.moments.len() > self.borne();
        self.moments.front().filter(|_| is_beyond).map(|first| *first + MINUTE)
    }

    fn borne(&self) -> usize {
        self.per_minute as usize
    }
}
