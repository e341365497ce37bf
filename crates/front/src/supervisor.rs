//! Owns the doing of what the pool decides: starts instances, lends them to requests, ends them.
//!
//! Does not decide anything, reads no record and waits for nothing: `handle` does.

mod farewell;
mod handle;
mod monitored_file;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;

use iis::fastcgi::FastCgiApplication;
use platform::launch::Launch;

use crate::failure;
use crate::instance::{self, Expired, Lease, Link, Running};
use crate::pool::{self, Action, Event, Outcome, Pool, Refusal};
use crate::runtime::{Instant, mpsc, oneshot, spawn, spawn_blocking};
use farewell::{Farewell, end};
pub(crate) use handle::PoolHandle;
use monitored_file::MonitoredFile;

/// What the supervisor is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// A process was started, or not.
    Spawned { instance: pool::Instance, result: io::Result<(Running, Link)> },
    /// A process ended.
    Exited(pool::Instance),
    /// A request gives its instance back.
    Returned { instance: pool::Instance, outcome: Outcome, link: Link },
    /// A process that was to end has ended.
    Ended,
    /// All instances are to be replaced.
    Recycle,
    /// The end; told when no process is left.
    Shutdown(oneshot::Sender<()>),
}

/// Why a request gets no instance.
#[derive(Debug)]
pub(crate) struct NoInstance {
    pub(crate) refusal: Refusal,
    /// Why an instance could not be started, or how the last one failed.
    pub(crate) cause: Option<Cause>,
}

/// How an instance failed.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) sentence: String,
    /// What the system said when it could not be started.
    pub(crate) error_code: Option<u32>,
}

impl Cause {
    fn ended(process_id: u32, how: &str) -> Self {
        let sentence = format!("instance {process_id} ended by itself: {how}");
        Cause { sentence, error_code: None }
    }
}

#[derive(Debug)]
struct Held {
    running: Running,
    /// Absent while the instance is lent.
    link: Option<Link>,
}

#[derive(Debug)]
struct Supervisor {
    pool: Pool,
    launch: Arc<Launch>,
    farewell: Farewell,
    _monitored: Option<MonitoredFile>,
    /// The way to itself: for those to whom an instance is lent, and for what is told later.
    itself: Weak<handle::Shared>,
    messages: mpsc::UnboundedSender<Message>,
    started: Instant,
    next_request: u64,
    waiting: HashMap<pool::Request, oneshot::Sender<Result<Lease, NoInstance>>>,
    instances: HashMap<pool::Instance, Held>,
    /// Ends and starts that were not told yet.
    ending: usize,
    starting: usize,
    last_failure: Option<Cause>,
    /// When time alone will change something, as far as `handle` knows.
    armed: Option<Duration>,
    /// The end; told when no process is left.
    done: Option<oneshot::Sender<()>>,
}

impl Supervisor {
    /// Without instances.
    fn new(
        application: &FastCgiApplication,
        launch: Launch,
        monitored: Option<MonitoredFile>,
        itself: Weak<handle::Shared>,
        messages: mpsc::UnboundedSender<Message>,
    ) -> Self {
        Supervisor {
            pool: Pool::new(config(application)),
            launch: Arc::new(launch),
            farewell: Farewell::new(application.signal_before_terminate_secs),
            _monitored: monitored,
            itself,
            messages,
            started: Instant::now(),
            next_request: 0,
            waiting: HashMap::new(),
            instances: HashMap::new(),
            ending: 0,
            starting: 0,
            last_failure: None,
            armed: None,
            done: None,
        }
    }

    /// A request wants an instance.
    fn requested(&mut self, reply: oneshot::Sender<Result<Lease, NoInstance>>) {
        self.forget_cancelled();
        let request = pool::Request(self.next_request);
        self.next_request += 1;
        self.waiting.insert(request, reply);
        self.event(Event::RequestArrived(request));
    }

    /// A request gives its instance back.
    fn returned(&mut self, instance: pool::Instance, mut outcome: Outcome, link: Link) {
        if let Some(held) = self.instances.get_mut(&instance) {
            held.link = Some(link);
            if let Some(ended) = &*held.running.exit.borrow() {
                // Who came next must not get it.
                outcome = match outcome {
                    Outcome::Broken | Outcome::Died => Outcome::Died,
                    Outcome::Complete | Outcome::Unused | Outcome::Left => Outcome::Left,
                };
                let id = held.running.process.id();
                self.last_failure = Some(Cause::ended(id, &ended.told));
            }
        }
        self.event(Event::RequestDone { instance, outcome });
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Spawned { instance, result } => {
                self.starting -= 1;
                self.spawned(instance, result);
            }
            Message::Exited(instance) => self.exited(instance),
            Message::Returned { instance, outcome, link } => self.returned(instance, outcome, link),
            Message::Ended => self.ending -= 1,
            Message::Recycle => self.event(Event::Recycle),
            Message::Shutdown(done) => {
                for held in self.instances.values() {
                    // Nothing that we started survives us.
                    held.running.process.take_group_along();
                }
                self.farewell = self.farewell.at_the_end();
                self.event(Event::Shutdown);
                self.done = Some(done);
            }
        }
    }

    /// Tells who waits for the end, once nothing that was started is left; whether that is so.
    fn is_over(&mut self) -> bool {
        let is_over = self.done.is_some() && self.ending == 0 && self.starting == 0;
        if is_over && let Some(done) = self.done.take() {
            let _ = done.send(());
        }
        is_over
    }

    /// When time alone will change something; takes note that it is awaited.
    fn arm(&mut self) -> Option<Instant> {
        self.armed = self.pool.due();
        self.armed.map(|due| self.started + due)
    }

    /// Whether something is due sooner than is awaited.
    fn is_due_sooner(&self) -> bool {
        let due = self.pool.due();
        due.is_some_and(|due| self.armed.is_none_or(|armed| due < armed))
    }

    fn exited(&mut self, instance: pool::Instance) {
        if let Some(held) = self.instances.get(&instance)
            && let Some(ended) = &*held.running.exit.borrow()
        {
            let cause = Cause::ended(held.running.process.id(), &ended.told);
            log::warn!("{}", cause.sentence);
            self.last_failure = Some(cause);
        }
        self.event(Event::InstanceExited(instance));
        if self.instances.get(&instance).is_some_and(|held| held.link.is_some()) {
            self.instances.remove(&instance);
        }
    }

    fn spawned(&mut self, instance: pool::Instance, result: io::Result<(Running, Link)>) {
        match result {
            Ok((running, link)) => {
                log::info!("instance {}: started", running.process.id());
                self.instances.insert(instance, Held { running, link: Some(link) });
                self.event(Event::InstanceStarted(instance));
            }
            Err(error) => {
                let program = self.launch.executable.display();
                let sentence = format!("cannot start {program}: {error}");
                log::error!("{sentence}");
                let error_code = failure::error_code(&error);
                self.last_failure = Some(Cause { sentence, error_code });
                self.event(Event::StartFailed(instance));
            }
        }
    }

    /// Requests whose clients have gone give up their place in the queue.
    fn forget_cancelled(&mut self) {
        let closed: Vec<_> =
            self.waiting.iter().filter(|(_, reply)| reply.is_closed()).map(|(r, _)| *r).collect();
        for request in closed {
            self.waiting.remove(&request);
            self.event(Event::RequestCancelled(request));
        }
    }

    /// What time alone brings about, after the activity of busy instances is known.
    fn time_passed(&mut self) {
        for (instance, held) in self.instances.iter().filter(|(_, held)| held.link.is_none()) {
            self.pool.handle(Event::Active(*instance), held.running.activity.last());
        }
        self.event(Event::TimePassed);
    }

    fn event(&mut self, event: Event) {
        for action in self.pool.handle(event, self.started.elapsed()) {
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Spawn(instance) => {
                self.starting += 1;
                let (launch, messages) = (Arc::clone(&self.launch), self.messages.clone());
                let started = self.started;
                spawn_blocking(move || {
                    let result = instance::start(&launch, instance, started, messages.clone());
                    let _ = messages.send(Message::Spawned { instance, result });
                });
            }
            Action::Queue(request) => log::debug!("request {}: waits", request.0),
            Action::Assign { request, instance } => self.assign(request, instance),
            Action::Refuse { request, refusal } => {
                if let Some(reply) = self.waiting.remove(&request) {
                    let is_failure = matches!(refusal, Refusal::StartFailed | Refusal::RapidFails);
                    let cause = self.last_failure.clone().filter(|_| is_failure);
                    let _ = reply.send(Err(NoInstance { refusal, cause }));
                }
            }
            Action::Expire { instance, limit } => {
                if let Some(held) = self.instances.get(&instance) {
                    // The exchange tells the client, and gives the instance back as broken.
                    held.running.expired.send_replace(Some(limit));
                }
            }
            Action::Retire(instance) => {
                if let Some(held) = self.instances.remove(&instance) {
                    self.ending += 1;
                    let (farewell, messages) = (self.farewell, self.messages.clone());
                    spawn(async move {
                        end(held.running, held.link, farewell).await;
                        let _ = messages.send(Message::Ended);
                    });
                }
            }
        }
    }

    fn assign(&mut self, request: pool::Request, instance: pool::Instance) {
        let held = self.instances.get_mut(&instance).expect("the pool knows only what we hold");
        held.running.activity.note();
        let lease = Lease {
            instance,
            process_id: held.running.process.id(),
            link: held.link.take(),
            exit: held.running.exit.clone(),
            activity: Arc::clone(&held.running.activity),
            expired: Expired(held.running.expired.subscribe()),
            pool: PoolHandle::of(&self.itself),
        };
        let reply = self.waiting.remove(&request).expect("the pool knows only who waits");
        if let Err(Ok(mut unwanted)) = reply.send(Ok(lease)) {
            unwanted.give_back_later(Outcome::Unused);
        }
    }
}

/// The pool's part of an application's attributes.
fn config(application: &FastCgiApplication) -> pool::Config {
    let seconds = |count: u32| Duration::from_secs(count.into());
    pool::Config {
        max_instances: pool::automatic::max_instances(application.max_instances),
        queue_length: application.queue_length,
        instance_max_requests: application.instance_max_requests,
        idle_timeout: seconds(application.idle_timeout_secs),
        activity_timeout: seconds(application.activity_timeout_secs),
        request_timeout: seconds(application.request_timeout_secs),
        rapid_fails_per_minute: application.rapid_fails_per_minute,
    }
}
