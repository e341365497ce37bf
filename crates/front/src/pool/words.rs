//! Owns the words in which a pool is spoken to and answers: names, limits, events, actions.
//!
//! Does not own any rule: the pool does.

use std::time::Duration;

/// The limits of a FastCGI application that the pool obeys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// `maxInstances`, at least 1: what "automatic" means is said by `automatic`.
    pub max_instances: u32,
    /// `queueLength`.
    pub queue_length: u32,
    /// `instanceMaxRequests`.
    pub instance_max_requests: u32,
    /// `idleTimeout`.
    pub idle_timeout: Duration,
    /// `activityTimeout`.
    pub activity_timeout: Duration,
    /// `requestTimeout`.
    pub request_timeout: Duration,
    /// `rapidFailsPerMinute`.
    pub rapid_fails_per_minute: u32,
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
    /// The instance misbehaved, or had to be given up with its request. It may live on.
    Broken,
    /// The process ended before it had answered.
    Died,
    /// Answered; then the process ended by itself.
    Left,
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
    /// A busy instance got or sent something. Need not be told before the time is
    /// [`due`](super::Pool::due); then the last moment of each counts.
    Active(Instance),
    /// What was [`due`](super::Pool::due) may be now.
    TimePassed,
    /// All instances are to be replaced, the busy ones after their requests.
    Recycle,
    /// The end: no request is served any more.
    Shutdown,
}

/// A limit of time that a request has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `activityTimeout`: nothing came or went.
    Activity,
    /// `requestTimeout`: it took too long in all.
    Request,
}

/// Why a request gets no instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// `queueLength` requests wait already (503.4).
    QueueFull,
    /// The instance meant for it could not be started (500.0).
    StartFailed,
    /// More than `rapidFailsPerMinute` processes failed within a minute (500.0).
    RapidFails,
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
    /// The request of this instance has failed; tell `RequestDone` with `Broken`.
    Expire {
        /// The instance.
        instance: Instance,
        /// Why.
        limit: Limit,
    },
    /// Close the instance's pipe and end its process. The pool has forgotten it.
    Retire(Instance),
}
