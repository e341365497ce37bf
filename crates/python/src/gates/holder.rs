//! Owns one gate, as long as its channel is open: what the worker holds of it, and telling it so.
//!
//! Does not own listening to it (`gates`).

use gate::control::FromWorker;
use platform::handover::Channel;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// One gate, as long as its channel is open.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(super) channel: Channel,
    /// Connections and listeners of its that the worker holds.
    holdings: AtomicUsize,
    /// It takes no more: set before what is there is closed.
    pub(super) released: AtomicBool,
    /// It is none: somebody asks how the worker is, and the worker does not stay for that.
    pub(super) is_visitor: AtomicBool,
}

impl Gate {
    pub(super) fn new(channel: Channel) -> Self {
        let (released, is_visitor) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { channel, holdings: AtomicUsize::new(0), released, is_visitor }
    }

    pub(super) fn is_visitor(&self) -> bool {
        self.is_visitor.load(Ordering::Acquire)
    }

    /// Whether it takes no more from the worker.
    pub(crate) fn is_released(&self) -> bool {
        self.released.load(Ordering::SeqCst)
    }

    /// The worker took something of the gate's.
    pub(crate) fn gained(&self) {
        self.holdings.fetch_add(1, Ordering::AcqRel);
    }

    /// The worker is through with something of the gate's; after the last it says so.
    pub(crate) fn lost(&self) {
        if self.holdings.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.say(&FromWorker::Released);
        }
    }

    /// The worker gives something of the gate's back, with bytes that it read and did not serve.
    pub(crate) fn given_back(&self, unserved: Vec<u8>) {
        self.holdings.fetch_sub(1, Ordering::AcqRel);
        self.say(&FromWorker::Returned(unserved));
    }

    pub(super) fn say(&self, word: &FromWorker) {
        // A gate that has gone is noticed where its channel is read.
        let _ = word.send(&self.channel);
    }
}
