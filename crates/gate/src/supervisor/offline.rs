//! Owns what the supervisor does while its site is offline: workers finish what they do, and it answers
//! itself.
//!
//! Does not own the answer (`crate::offline`).

use super::{LOOK_EVERY, Supervisor};
use crate::control::{FromWorker, ToWorker};
use crate::events::Event;
use crate::listening::answer_until;
use crate::offline;
use std::sync::atomic::{AtomicBool, Ordering};

impl Supervisor<'_> {
    /// Answers with the site's own page until that has gone. Workers finish what they do, and new ones
    /// are started afterwards.
    pub(super) fn go_offline(&mut self) {
        log::info!("the site is offline: its workers end");
        let is_over = AtomicBool::new(false);
        let Self { plan, listener, events, workers, .. } = self;
        for worker in workers.values() {
            let _ = ToWorker::send_release(&worker.channel);
        }
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let is_over = || is_over.load(Ordering::Acquire);
                let answered = answer_until(listener, is_over, |stream| {
                    offline::answer(stream, &[], &plan.site, is_over)
                });
                if let Err(error) = answered {
                    log::error!("accepting while the site is offline: {error}");
                }
            });
            while !events.is_ending() && offline::is_so(&plan.site) {
                let event = events.receiver.recv_timeout(LOOK_EVERY);
                if let Ok(
                    Event::Said(number, FromWorker::Released | FromWorker::Failed(_))
                    | Event::Gone(number),
                ) = event
                    && let Some(worker) = workers.remove(&number)
                {
                    worker.channel.shutdown();
                }
            }
            is_over.store(true, Ordering::Release);
        });
        if self.events.is_ending() {
            return;
        }
        log::info!("the site is online again: its workers start");
        self.workers.values_mut().for_each(|worker| worker.is_leaving = true);
        self.due.clear();
        for _ in 0..self.plan.workers {
            self.start_or_later();
        }
    }
}
