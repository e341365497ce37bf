//! Owns what the supervisor does on SIGHUP: a whole new generation of workers is started, and the old
//! one leaves when all of the new one are ready, or stays when they cannot be.
//!
//! Does not own a single worker's replacement.

use super::Supervisor;
use crate::control::ToWorker;

impl Supervisor<'_> {
    /// Starts a whole new generation; the old one serves until that is ready.
    pub(super) fn reload(&mut self) {
        log::info!("reload: new workers are started");
        self.generation += 1;
        self.due.clear();
        let planned = self.planned();
        self.plan.workers = planned.as_ref().map_or(self.plan.workers, |plan| plan.workers);
        for _ in 0..self.plan.workers {
            if let Err(failure) = self.start() {
                log::error!("{failure}");
                log::error!("the reload is given up: the workers that run go on");
                return self.give_up_reload();
            }
        }
    }

    /// When all of the newest generation are ready, the older ones finish what they do.
    pub(super) fn retire_old(&mut self) {
        let newest = self.generation;
        let ready =
            self.workers.values().filter(|worker| worker.generation == newest && worker.is_ready);
        if ready.count() < self.plan.workers as usize {
            return;
        }
        self.settled = self.plan.workers;
        for worker in self.workers.values_mut() {
            if worker.generation < newest && !worker.is_leaving {
                worker.is_leaving = true;
                let _ = ToWorker::send_release(&worker.channel);
            }
        }
    }

    /// Makes the generation that serves the newest one again.
    pub(super) fn give_up_reload(&mut self) {
        let serving = self.workers.values().filter(|worker| worker.is_ready);
        if let Some(generation) = serving.map(|worker| worker.generation).max() {
            let given_up: Vec<u64> = self
                .workers
                .iter()
                .filter(|(_, worker)| !worker.is_ready && worker.generation == self.generation)
                .map(|(number, _)| *number)
                .collect();
            for number in given_up {
                let follows = self.let_go(number).and_then(|worker| worker.follows);
                if let Some(old) = follows {
                    self.has_none(old, "a reload of all workers was given up");
                }
            }
            self.generation = generation;
            self.plan.workers = self.settled;
        }
    }
}
