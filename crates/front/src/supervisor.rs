//! Owns the doing of what the pool decides: starts instances, lends them to requests, ends them.
//!
//! Does not decide anything and reads no record. One task for each pool.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use platform::launch::Launch;

use crate::instance::{self, Lease, Link, Running};
use crate::pool::{self, Action, Event, Outcome, Pool, Refusal};
use crate::runtime::{Instant, JoinSet, mpsc, oneshot, select, spawn, spawn_blocking, timeout};

/// How long an instance may take to end after its pipe was closed and it was asked to. IIS gives
/// `signalBeforeTerminateSeconds`, 0 by default; a few seconds let an app say goodbye.
const STOP_GRACE: Duration = Duration::from_secs(3);

/// What the supervisor is told.
#[derive(Debug)]
pub(crate) enum Message {
    /// A request wants an instance.
    Request(oneshot::Sender<Result<Lease, NoInstance>>),
    /// A process was started, or not.
    Spawned { instance: pool::Instance, result: io::Result<(Running, Link)> },
    /// A process ended.
    Exited(pool::Instance),
    /// A request gives its instance back.
    Returned { instance: pool::Instance, outcome: Outcome, link: Link },
    /// All instances are to be replaced.
    Recycle,
    /// The end; told when no process is left.
    Shutdown(oneshot::Sender<()>),
}

/// Why a request gets no instance.
#[derive(Debug)]
pub(crate) struct NoInstance {
    pub(crate) refusal: Refusal,
    /// Why an instance could not be started.
    pub(crate) cause: Option<String>,
}

/// The way to a pool's supervisor.
#[derive(Debug, Clone)]
pub(crate) struct PoolHandle {
    messages: mpsc::UnboundedSender<Message>,
}

impl PoolHandle {
    /// Starts a supervisor without instances.
    pub(crate) fn start(config: pool::Config, launch: Launch, stop_secs: u32) -> Self {
        let (messages, receiver) = mpsc::unbounded_channel();
        let supervisor = Supervisor {
            pool: Pool::new(config),
            launch: Arc::new(launch),
            stop_grace: STOP_GRACE.max(Duration::from_secs(stop_secs.into())),
            messages: messages.clone(),
            started: Instant::now(),
            next_request: 0,
            waiting: HashMap::new(),
            instances: HashMap::new(),
            ending: JoinSet::new(),
            starting: 0,
            last_failure: None,
        };
        spawn(supervisor.run(receiver));
        PoolHandle { messages }
    }

    /// Waits for an instance to serve one request.
    pub(crate) async fn lease(&self) -> Result<Lease, NoInstance> {
        let gone = || NoInstance { refusal: Refusal::ShuttingDown, cause: None };
        let (reply, lease) = oneshot::channel();
        self.messages.send(Message::Request(reply)).map_err(|_| gone())?;
        lease.await.unwrap_or_else(|_| Err(gone()))
    }

    pub(crate) fn recycle(&self) {
        let _ = self.messages.send(Message::Recycle);
    }

    /// Ends all instances and waits until they have ended.
    pub(crate) async fn shut_down(&self) {
        let (done, ended) = oneshot::channel();
        if self.messages.send(Message::Shutdown(done)).is_ok() {
            let _ = ended.await;
        }
    }
}

#[derive(Debug)]
struct Held {
    running: Running,
    /// Absent while the instance is lent.
    link: Option<Link>,
}

struct Supervisor {
    pool: Pool,
    launch: Arc<Launch>,
    stop_grace: Duration,
    messages: mpsc::UnboundedSender<Message>,
    started: Instant,
    next_request: u64,
    waiting: HashMap<pool::Request, oneshot::Sender<Result<Lease, NoInstance>>>,
    instances: HashMap<pool::Instance, Held>,
    ending: JoinSet<()>,
    /// Starts that were not told yet.
    starting: usize,
    last_failure: Option<String>,
}

impl Supervisor {
    async fn run(mut self, mut receiver: mpsc::UnboundedReceiver<Message>) {
        let mut shutdown: Option<oneshot::Sender<()>> = None;
        loop {
            if shutdown.is_some() && self.ending.is_empty() && self.starting == 0 {
                break;
            }
            select! {
                message = receiver.recv() => match message {
                    Some(Message::Shutdown(done)) => {
                        for held in self.instances.values() {
                            // Nothing that we started survives us.
                            held.running.process.take_group_along();
                        }
                        self.event(Event::Shutdown);
                        shutdown = Some(done);
                    }
                    Some(message) => self.message(message),
                    None => break,
                },
                Some(_) = self.ending.join_next() => {}
            }
        }
        if let Some(done) = shutdown {
            let _ = done.send(());
        }
    }

    fn message(&mut self, message: Message) {
        match message {
            Message::Request(reply) => {
                self.forget_cancelled();
                let request = pool::Request(self.next_request);
                self.next_request += 1;
                self.waiting.insert(request, reply);
                self.event(Event::RequestArrived(request));
            }
            Message::Spawned { instance, result } => {
                self.starting -= 1;
                self.spawned(instance, result);
            }
            Message::Exited(instance) => {
                self.event(Event::InstanceExited(instance));
                if self.instances.get(&instance).is_some_and(|held| held.link.is_some()) {
                    self.instances.remove(&instance);
                }
            }
            Message::Returned { instance, outcome, link } => {
                let mut outcome = outcome;
                if let Some(held) = self.instances.get_mut(&instance) {
                    held.link = Some(link);
                    if held.running.exit.borrow().is_some() {
                        // It answered and ended; who came next must not get it.
                        outcome = Outcome::Broken;
                    }
                }
                self.event(Event::RequestDone { instance, outcome });
            }
            Message::Recycle => self.event(Event::Recycle),
            Message::Shutdown(_) => unreachable!("the loop keeps it"),
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
                let cause = format!("cannot start {}: {error}", self.launch.executable.display());
                log::error!("{cause}");
                self.last_failure = Some(cause);
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
                spawn_blocking(move || {
                    let result = instance::start(&launch, instance, messages.clone());
                    let _ = messages.send(Message::Spawned { instance, result });
                });
            }
            Action::Queue(request) => log::debug!("request {}: waits", request.0),
            Action::Assign { request, instance } => self.assign(request, instance),
            Action::Refuse { request, refusal } => {
                if let Some(reply) = self.waiting.remove(&request) {
                    let is_start = refusal == Refusal::StartFailed;
                    let cause = self.last_failure.clone().filter(|_| is_start);
                    let _ = reply.send(Err(NoInstance { refusal, cause }));
                }
            }
            Action::Retire(instance) => {
                if let Some(held) = self.instances.remove(&instance) {
                    self.ending.spawn(end(held, self.stop_grace));
                }
            }
        }
    }

    fn assign(&mut self, request: pool::Request, instance: pool::Instance) {
        let held = self.instances.get_mut(&instance).expect("the pool knows only what we hold");
        let lease = Lease {
            instance,
            process_id: held.running.process.id(),
            link: held.link.take(),
            exit: held.running.exit.clone(),
            supervisor: self.messages.clone(),
        };
        let reply = self.waiting.remove(&request).expect("the pool knows only who waits");
        if let Err(Ok(unwanted)) = reply.send(Ok(lease)) {
            unwanted.give_back(Outcome::Unused);
        }
    }
}

/// Ends an instance: its pipe closes, it is asked, then it is not asked any more.
async fn end(held: Held, grace: Duration) {
    let Held { mut running, link } = held;
    drop(link);
    let id = running.process.id();
    running.process.terminate();
    if timeout(grace, running.exit.wait_for(Option::is_some)).await.is_err() {
        log::warn!("instance {id}: did not end within {} s, killed", grace.as_secs());
        running.process.kill_group();
        let _ = running.exit.wait_for(Option::is_some).await;
    }
    let status = running.exit.borrow().clone().unwrap_or_default();
    log::info!("instance {id}: ended, {status}");
}
