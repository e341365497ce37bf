//! Owns what a poller can wait for, and how each tells its news.
//!
//! Does not wait (`poller`).

use super::event::Event;
use super::handover::Channel;
use super::listener::Listener;
use super::rendezvous::Rendezvous;
use super::stream::Stream;
use super::waiting::Waiting;
use std::sync::Arc;

/// What can be waited for.
pub trait Source {
    /// Its news, and how they are passed on.
    fn news(&self) -> News;
    /// Makes sure that what comes will be news.
    fn expect(&self);
    /// Whether something came that was news already.
    fn has_come(&self) -> bool;
}

/// An event, and who else may be waiting for it.
#[derive(Clone, Debug)]
pub struct News {
    pub(super) event: Arc<Event>,
    pub(super) waiting: Option<Arc<Waiting>>,
}

impl Source for Stream {
    fn news(&self) -> News {
        let waiting = Arc::clone(&self.waiting);
        News { event: Arc::clone(&waiting.read), waiting: Some(waiting) }
    }

    fn expect(&self) {
        self.expect_more();
    }

    fn has_come(&self) -> bool {
        self.is_readable()
    }
}

macro_rules! source {
    ($kind:ty) => {
        impl Source for $kind {
            fn news(&self) -> News {
                News { event: self.event(), waiting: None }
            }

            fn expect(&self) {
                self.expect_next();
            }

            fn has_come(&self) -> bool {
                false
            }
        }
    };
}

source!(Listener);
source!(Channel);
source!(Rendezvous);
