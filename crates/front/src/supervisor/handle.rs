//! Owns the way to a pool's supervisor: making it, asking it for an instance and giving that back, which
//! wakes nobody, and the task that tells it all else: what has ended or was started, and that time has
//! passed.
//!
//! Does not own what the supervisor does.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use iis::fastcgi::FastCgiApplication;
use platform::launch::Launch;

use super::monitored_file::MonitoredFile;
use super::{Message, NoInstance, Supervisor};
use crate::instance::{Lease, Link};
use crate::pool::{self, Outcome, Refusal};
use crate::runtime::{Instant, Notify, mpsc, oneshot, select, sleep_until, spawn};

/// A supervisor and the ways to it.
#[derive(Debug)]
pub(super) struct Shared {
    supervisor: Mutex<Supervisor>,
    messages: mpsc::UnboundedSender<Message>,
    /// Something is due sooner than the task awaits.
    sooner: Notify,
}

/// The way to a pool's supervisor.
#[derive(Debug, Clone)]
pub(crate) struct PoolHandle(Arc<Shared>);

impl PoolHandle {
    /// Starts a supervisor without instances. `monitored` is the file of `monitorChangesTo`.
    pub(crate) fn start(
        application: &FastCgiApplication,
        launch: Launch,
        monitored: Option<&Path>,
    ) -> Self {
        let (messages, receiver) = mpsc::unbounded_channel();
        let monitored = monitored.and_then(|path| monitor(path, messages.clone()));
        let shared = Arc::new_cyclic(|itself| {
            let (itself, told) = (itself.clone(), messages.clone());
            let supervisor = Supervisor::new(application, launch, monitored, itself, told);
            Shared { supervisor: Mutex::new(supervisor), messages, sooner: Notify::new() }
        });
        let pool = PoolHandle(shared);
        spawn(attend(pool.clone(), receiver));
        pool
    }

    /// The way to a supervisor, for itself: whoever asks it something holds it.
    pub(super) fn of(shared: &Weak<Shared>) -> Self {
        PoolHandle(shared.upgrade().expect("whoever asks it holds it"))
    }

    /// Waits for an instance to serve one request.
    pub(crate) async fn lease(&self) -> Result<Lease, NoInstance> {
        let (reply, lease) = oneshot::channel();
        self.act(|supervisor| supervisor.requested(reply));
        lease.await.unwrap_or(Err(NoInstance { refusal: Refusal::ShuttingDown, cause: None }))
    }

    /// An instance's request is over.
    pub(crate) fn returned(&self, instance: pool::Instance, outcome: Outcome, link: Link) {
        self.act(|supervisor| supervisor.returned(instance, outcome, link));
    }

    /// Has the supervisor told something by its task.
    pub(crate) fn tell(&self, message: Message) {
        // After the end nobody needs to know.
        let _ = self.0.messages.send(message);
    }

    pub(crate) fn recycle(&self) {
        self.tell(Message::Recycle);
    }

    /// Ends all instances and waits until they have ended.
    pub(crate) async fn shut_down(&self) {
        let (done, ended) = oneshot::channel();
        self.tell(Message::Shutdown(done));
        let _ = ended.await;
    }

    fn supervisor(&self) -> MutexGuard<'_, Supervisor> {
        self.0.supervisor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act(&self, act: impl FnOnce(&mut Supervisor)) {
        let mut supervisor = self.supervisor();
        act(&mut supervisor);
        if supervisor.is_due_sooner() {
            self.0.sooner.notify_one();
        }
    }
}

/// Tells a supervisor what comes and that time has passed, until it is told to end and has.
async fn attend(pool: PoolHandle, mut receiver: mpsc::UnboundedReceiver<Message>) {
    loop {
        let due = {
            let mut supervisor = pool.supervisor();
            if supervisor.is_over() {
                break;
            }
            supervisor.arm()
        };
        select! {
            Some(message) = receiver.recv() => pool.supervisor().message(message),
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                pool.supervisor().time_passed();
            }
            () = pool.0.sooner.notified() => {}
        }
    }
}

/// Has the pool recycled when the file changes.
fn monitor(path: &Path, messages: mpsc::UnboundedSender<Message>) -> Option<MonitoredFile> {
    let shown = path.display().to_string();
    let changed = move || {
        log::info!("{shown} has changed: the pool is recycled");
        let _ = messages.send(Message::Recycle);
    };
    MonitoredFile::watch(path.to_owned(), changed)
        .inspect_err(|error| log::warn!("{} cannot be monitored: {error}", path.display()))
        .ok()
}
