//! Owns which instance serves which request, and when instances are started and retired: the rules
//! of IIS's process manager for one FastCGI application.
//!
//! Does not start a process, move a byte or read a clock: events and the time go in, actions come
//! out; `supervisor` carries them out. Time limits and rapid-fail protection will live here as well;
//! today the time is only noted.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

/// How many instances "automatic" (`maxInstances="0"`) allows. IIS retunes its figure every few
/// seconds by CPU load, memory and queue; a developer's machine wants the same number every day.
/// 16 is above what one browser opens at once (6) and what our threads serve well.
pub const AUTOMATIC_INSTANCES: u32 = 16;

/// The limits of a FastCGI application that the pool obeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// `maxInstances`; 0 is automatic.
    pub max_instances: u32,
    /// `queueLength`.
    pub queue_length: u32,
    /// `instanceMaxRequests`.
    pub instance_max_requests: u32,
}

/// Names a request within a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request(pub u64);

/// Names an instance within a pool, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instance(pub u64);

/// How a request left its instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Answered; the instance may serve on.
    Complete,
    /// Never sent: whoever asked had gone. It does not count against `instanceMaxRequests`.
    Unused,
    /// The instance died, misbehaved, or had to be given up with its request.
    Broken,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A request wants an instance.
    RequestArrived(Request),
    /// A waiting request went away.
    RequestCancelled(Request),
    /// A request and its instance parted.
    RequestDone {
        /// The instance.
        instance: Instance,
        /// How they parted.
        outcome: Outcome,
    },
    /// An instance that was to be spawned runs.
    InstanceStarted(Instance),
    /// An instance that was to be spawned could not be.
    StartFailed(Instance),
    /// An instance's process ended.
    InstanceExited(Instance),
    /// All instances are to be replaced, the busy ones after their requests.
    Recycle,
    /// The end: no request is served any more.
    Shutdown,
}

/// Why a request gets no instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `queueLength` requests wait already (503.4).
    QueueFull,
    /// The instance meant for it could not be started (500.0).
    StartFailed,
    /// The front is ending (503).
    ShuttingDown,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Start a process; tell `InstanceStarted` or `StartFailed`.
    Spawn(Instance),
    /// The request waits.
    Queue(Request),
    /// The request goes to this instance.
    Assign {
        /// The request.
        request: Request,
        /// The instance.
        instance: Instance,
    },
    /// The request is answered without an instance.
    Refuse {
        /// The request.
        request: Request,
        /// Why.
        refusal: Refusal,
    },
    /// Close the instance's pipe and end its process. The pool has forgotten it.
    Retire(Instance),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Starting,
    Idle { since: Duration },
    Busy { since: Duration },
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
            next_instance: 1,
            is_shut_down: false,
        }
    }

    /// The most instances at a time.
    pub fn max_instances(&self) -> usize {
        let configured = self.config.max_instances;
        (if configured == 0 { AUTOMATIC_INSTANCES } else { configured }) as usize
    }

    /// How many requests wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Since when each instance has been idle or busy; starting ones are left out.
    pub fn since(&self) -> impl Iterator<Item = (Instance, Duration)> {
        self.instances.iter().filter_map(|(instance, slot)| match slot.state {
            State::Starting => None,
            State::Idle { since } | State::Busy { since } => Some((*instance, since)),
        })
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
                    self.refuse_oldest(&mut actions);
                }
                self.spawn_for_waiting(&mut actions);
            }
            Event::InstanceExited(instance) => {
                // A busy one stays until its request reports: it knows what was lost.
                let is_busy = |slot: &Slot| matches!(slot.state, State::Busy { .. });
                if self.instances.get(&instance).is_some_and(|slot| !is_busy(slot)) {
                    self.instances.remove(&instance);
                    self.spawn_for_waiting(&mut actions);
                }
            }
            Event::Recycle => self.recycle(&mut actions),
            Event::Shutdown => self.shut_down(&mut actions),
        }
        actions
    }

    fn arrived(&mut self, request: Request, now: Duration, actions: &mut Vec<Action>) {
        if self.is_shut_down {
            actions.push(Action::Refuse { request, refusal: Refusal::ShuttingDown });
        } else if let Some(instance) = self.most_recently_idle() {
            self.assign(request, instance, now, actions);
        } else if self.can_spawn() || self.queued() < self.config.queue_length as usize {
            self.waiting.push_back(request);
            self.spawn_for_waiting(actions);
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
            slot.state = State::Busy { since: now };
            actions.push(Action::Assign { request, instance });
        }
    }

    fn started(&mut self, instance: Instance, now: Duration, actions: &mut Vec<Action>) {
        match self.instances.get(&instance) {
            Some(slot) if slot.outdated => self.retire(instance, actions),
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
        slot.served += u32::from(outcome == Outcome::Complete);
        let is_spent = slot.served >= self.config.instance_max_requests;
        if slot.outdated || is_spent || outcome == Outcome::Broken {
            self.retire(instance, actions);
        } else {
            self.make_free(instance, now, actions);
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

    fn retire(&mut self, instance: Instance, actions: &mut Vec<Action>) {
        self.instances.remove(&instance);
        actions.push(Action::Retire(instance));
        self.spawn_for_waiting(actions);
    }

    fn can_spawn(&self) -> bool {
        self.instances.len() < self.max_instances()
    }

    /// Waiting requests for which no instance is being started: `queueLength` bounds these.
    fn queued(&self) -> usize {
        let starting =
            self.instances.values().filter(|slot| slot.state == State::Starting && !slot.outdated);
        self.waiting.len().saturating_sub(starting.count())
    }

    /// One start for each waiting request, as far as the bound allows.
    fn spawn_for_waiting(&mut self, actions: &mut Vec<Action>) {
        let mut missing = self.queued();
        while missing > 0 && self.can_spawn() && !self.is_shut_down {
            let instance = Instance(self.next_instance);
            self.next_instance += 1;
            let slot = Slot { state: State::Starting, served: 0, outdated: false };
            self.instances.insert(instance, slot);
            actions.push(Action::Spawn(instance));
            missing -= 1;
        }
    }

    fn refuse_oldest(&mut self, actions: &mut Vec<Action>) {
        if let Some(request) = self.waiting.pop_front() {
            actions.push(Action::Refuse { request, refusal: Refusal::StartFailed });
        }
    }

    fn recycle(&mut self, actions: &mut Vec<Action>) {
        let idle = |slot: &Slot| matches!(slot.state, State::Idle { .. });
        let retired: Vec<Instance> =
            self.instances.iter().filter(|(_, slot)| idle(slot)).map(|(i, _)| *i).collect();
        self.instances.values_mut().for_each(|slot| slot.outdated = true);
        for instance in retired {
            self.retire(instance, actions);
        }
        self.spawn_for_waiting(actions);
    }

    fn shut_down(&mut self, actions: &mut Vec<Action>) {
        self.is_shut_down = true;
        let waiting = std::mem::take(&mut self.waiting);
        let refusal = Refusal::ShuttingDown;
        actions.extend(waiting.into_iter().map(|request| Action::Refuse { request, refusal }));
        let instances = std::mem::take(&mut self.instances);
        // Starting ones are retired when their start is told.
        let running = instances.into_iter().filter(|(_, slot)| slot.state != State::Starting);
        actions.extend(running.map(|(instance, _)| Action::Retire(instance)));
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
