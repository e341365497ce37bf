//! Owns which instance serves which request, and when instances are started and retired: the rules
//! of IIS's process manager for one FastCGI application.
//!
//! Does not start a process, move a byte or read a clock: events and the time go in, actions come
//! out, and [`Pool::due`] says when time alone will change something; `supervisor` carries them out.

pub(crate) mod automatic;

mod rapid_fails;
mod words;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use rapid_fails::RapidFails;
pub use words::{Action, Config, Event, Instance, Limit, Outcome, Refusal, Request};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Starting,
    Idle {
        since: Duration,
    },
    Busy {
        since: Duration,
        /// When something last came or went.
        active: Duration,
        /// Its request has failed by a limit and is about to leave.
        has_expired: bool,
    },
}

#[derive(Debug, Clone, Copy)]
struct Slot {
    state: State,
    served: u32,
    /// To be retired after its request.
    outdated: bool,
}

/// The instances of one FastCGI application and the requests that wait for them.
#[derive(Debug)]
pub struct Pool {
    config: Config,
    instances: BTreeMap<Instance, Slot>,
    waiting: VecDeque<Request>,
    rapid_fails: RapidFails,
    next_instance: u64,
    is_shut_down: bool,
}

impl Pool {
    /// A pool without instances: the first is started for the first request.
    pub fn new(config: Config) -> Self {
        Pool {
            config,
            instances: BTreeMap::new(),
            waiting: VecDeque::new(),
            rapid_fails: RapidFails::new(config.rapid_fails_per_minute),
            next_instance: 1,
            is_shut_down: false,
        }
    }

    /// The most instances at a time.
    pub fn max_instances(&self) -> usize {
        self.config.max_instances as usize
    }

    /// How many requests wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// How many instances serve or could.
    pub fn running(&self) -> usize {
        self.instances.values().filter(|slot| slot.state != State::Starting).count()
    }

    /// When [`Event::TimePassed`] is to be told, if nothing happens before. It may turn out to be
    /// too early.
    pub fn due(&self) -> Option<Duration> {
        let limits = self.instances.values().filter_map(|slot| self.limit_of(slot));
        // Requests that others may still serve wait for the minute's end, too.
        let is_short = self.queued() > 0 && self.instances.len() < self.max_instances();
        let over = self.rapid_fails.over_at().filter(|_| is_short);
        limits.map(|(at, _)| at).chain(over).min()
    }

    /// When an instance has been left alone for too long, and what limit that is; for a busy one.
    fn limit_of(&self, slot: &Slot) -> Option<(Duration, Option<Limit>)> {
        match slot.state {
            State::Starting | State::Busy { has_expired: true, .. } => None,
            State::Idle { since } => Some((since + self.config.idle_timeout, None)),
            State::Busy { since, active, .. } => {
                let activity = active + self.config.activity_timeout;
                let request = since + self.config.request_timeout;
                Some(if activity <= request {
                    (activity, Some(Limit::Activity))
                } else {
                    (request, Some(Limit::Request))
                })
            }
        }
    }

    /// Takes an event and says what is to be done, in that order.
    pub fn handle(&mut self, event: Event, now: Duration) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::RequestArrived(request) => self.arrived(request, now, &mut actions),
            Event::RequestCancelled(request) => self.waiting.retain(|other| *other != request),
            Event::RequestDone { instance, outcome } => {
                self.done(instance, outcome, now, &mut actions);
            }
            Event::InstanceStarted(instance) => self.started(instance, now, &mut actions),
            Event::StartFailed(instance) => {
                if self.instances.remove(&instance).is_some() {
                    self.rapid_fails.note(now);
                    self.refuse_oldest(&mut actions);
                }
                self.spawn_for_waiting(now, &mut actions);
            }
            Event::InstanceExited(instance) => {
                // A busy one stays until its request reports: it knows what was lost.
                let is_busy = |slot: &Slot| matches!(slot.state, State::Busy { .. });
                if self.instances.get(&instance).is_some_and(|slot| !is_busy(slot)) {
                    self.rapid_fails.note(now);
                    self.instances.remove(&instance);
                    self.spawn_for_waiting(now, &mut actions);
                }
            }
            Event::Active(instance) => {
                let state = self.instances.get_mut(&instance).map(|slot| &mut slot.state);
                if let Some(State::Busy { active, .. }) = state {
                    *active = now.max(*active);
                }
            }
            Event::TimePassed => self.time_passed(now, &mut actions),
            Event::Recycle => self.recycle(now, &mut actions),
            Event::Shutdown => self.shut_down(&mut actions),
        }
        actions
    }

    fn arrived(&mut self, request: Request, now: Duration, actions: &mut Vec<Action>) {
        if self.is_shut_down {
            actions.push(Action::Refuse { request, refusal: Refusal::ShuttingDown });
        } else if let Some(instance) = self.most_recently_idle() {
            self.assign(request, instance, now, actions);
        } else if self.is_closed(now) {
            actions.push(Action::Refuse { request, refusal: Refusal::RapidFails });
        } else if self.can_spawn(now) || self.queued() < self.config.queue_length as usize {
            self.waiting.push_back(request);
            self.spawn_for_waiting(now, actions);
            actions.push(Action::Queue(request));
        } else {
            actions.push(Action::Refuse { request, refusal: Refusal::QueueFull });
        }
    }

    /// The instance that served last is the one whose memory is warm; the others may idle out.
    fn most_recently_idle(&self) -> Option<Instance> {
        let idle = self.instances.iter().filter_map(|(instance, slot)| match slot.state {
            State::Idle { since } => Some((since, *instance)),
            _ => None,
        });
        idle.max().map(|(_, instance)| instance)
    }

    fn assign(
        &mut self,
        request: Request,
        instance: Instance,
        now: Duration,
        actions: &mut Vec<Action>,
    ) {
        if let Some(slot) = self.instances.get_mut(&instance) {
            slot.state = State::Busy { since: now, active: now, has_expired: false };
            actions.push(Action::Assign { request, instance });
        }
    }

    fn started(&mut self, instance: Instance, now: Duration, actions: &mut Vec<Action>) {
        match self.instances.get(&instance) {
            Some(slot) if slot.outdated => self.retire(instance, now, actions),
            Some(_) => self.make_free(instance, now, actions),
            // Retired while it was starting.
            None => actions.push(Action::Retire(instance)),
        }
    }

    fn done(
        &mut self,
        instance: Instance,
        outcome: Outcome,
        now: Duration,
        actions: &mut Vec<Action>,
    ) {
        let Some(slot) = self.instances.get_mut(&instance) else { return };
        slot.served += u32::from(matches!(outcome, Outcome::Complete | Outcome::Left));
        let is_spent = slot.served >= self.config.instance_max_requests;
        let (may_stay, has_failed) = match outcome {
            Outcome::Complete | Outcome::Unused => (!slot.outdated && !is_spent, false),
            Outcome::Broken => (false, false),
            Outcome::Died => (false, true),
            // It may have a quota of its own, which is to be no less than ours.
            Outcome::Left => (false, !is_spent),
        };
        if has_failed {
            self.rapid_fails.note(now);
        }
        if may_stay {
            self.make_free(instance, now, actions);
        } else {
            self.retire(instance, now, actions);
        }
    }

    /// Gives an instance to the oldest waiting request, or lets it idle.
    fn make_free(&mut self, instance: Instance, now: Duration, actions: &mut Vec<Action>) {
        match self.waiting.pop_front() {
            Some(request) => self.assign(request, instance, now, actions),
            None => {
                if let Some(slot) = self.instances.get_mut(&instance) {
                    slot.state = State::Idle { since: now };
                }
            }
        }
    }

    fn retire(&mut self, instance: Instance, now: Duration, actions: &mut Vec<Action>) {
        self.instances.remove(&instance);
        actions.push(Action::Retire(instance));
        self.spawn_for_waiting(now, actions);
    }

    fn time_passed(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let is_due = |(instance, slot): (&Instance, &Slot)| {
            let (at, limit) = self.limit_of(slot)?;
            (at <= now).then_some((*instance, limit))
        };
        let due: Vec<_> = self.instances.iter().filter_map(is_due).collect();
        for (instance, limit) in due {
            let Some(limit) = limit else {
                self.retire(instance, now, actions);
                continue;
            };
            let state = self.instances.get_mut(&instance).map(|slot| &mut slot.state);
            if let Some(State::Busy { has_expired, .. }) = state {
                *has_expired = true;
                actions.push(Action::Expire { instance, limit });
            }
        }
        self.spawn_for_waiting(now, actions);
    }

    fn can_spawn(&self, now: Duration) -> bool {
        self.instances.len() < self.max_instances() && !self.rapid_fails.are_too_many(now)
    }

    /// Whether no instance will come and none is left that could serve.
    fn is_closed(&self, now: Duration) -> bool {
        self.rapid_fails.are_too_many(now) && self.instances.values().all(|slot| slot.outdated)
    }

    /// Waiting requests for which no instance is being started: `queueLength` bounds these.
    fn queued(&self) -> usize {
        if self.waiting.is_empty() {
            return 0;
        }
        let starting =
            self.instances.values().filter(|slot| slot.state == State::Starting && !slot.outdated);
        self.waiting.len().saturating_sub(starting.count())
    }

    /// One start for each waiting request, as far as the bounds allow.
    fn spawn_for_waiting(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let mut missing = self.queued();
        while missing > 0 && self.can_spawn(now) && !self.is_shut_down {
            let instance = Instance(self.next_instance);
            self.next_instance += 1;
            let slot = Slot { state: State::Starting, served: 0, outdated: false };
            self.instances.insert(instance, slot);
            actions.push(Action::Spawn(instance));
            missing -= 1;
        }
        if self.is_closed(now) {
            self.refuse_all(Refusal::RapidFails, actions);
        }
    }

    fn refuse_oldest(&mut self, actions: &mut Vec<Action>) {
        if let Some(request) = self.waiting.pop_front() {
            actions.push(Action::Refuse { request, refusal: Refusal::StartFailed });
        }
    }

    fn refuse_all(&mut self, refusal: Refusal, actions: &mut Vec<Action>) {
        let waiting = std::mem::take(&mut self.waiting);
        actions.extend(waiting.into_iter().map(|request| Action::Refuse { request, refusal }));
    }

    fn recycle(&mut self, now: Duration, actions: &mut Vec<Action>) {
        let idle = |slot: &Slot| matches!(slot.state, State::Idle { .. });
        let retired: Vec<Instance> =
            self.instances.iter().filter(|(_, slot)| idle(slot)).map(|(i, _)| *i).collect();
        self.instances.values_mut().for_each(|slot| slot.outdated = true);
        for instance in retired {
            self.retire(instance, now, actions);
        }
        self.spawn_for_waiting(now, actions);
    }

    fn shut_down(&mut self, actions: &mut Vec<Action>) {
        self.is_shut_down = true;
        self.refuse_all(Refusal::ShuttingDown, actions);
        let instances = std::mem::take(&mut self.instances);
        // Starting ones are retired when their start is told.
        let running = instances.into_iter().filter(|(_, slot)| slot.state != State::Starting);
        actions.extend(running.map(|(instance, _)| Action::Retire(instance)));
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
