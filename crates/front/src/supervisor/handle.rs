//! Owns the way to a pool's supervisor: making it, and asking it.
//!
//! Does not own what it does.

use std::path::Path;

use iis::fastcgi::FastCgiApplication;
use platform::launch::Launch;

use super::monitored_file::MonitoredFile;
use super::{Message, NoInstance, Supervisor};
use crate::instance::Lease;
use crate::pool::Refusal;
use crate::runtime::{mpsc, oneshot, spawn};

/// The way to a pool's supervisor.
#[derive(Debug, Clone)]
pub(crate) struct PoolHandle {
    messages: mpsc::UnboundedSender<Message>,
}

impl PoolHandle {
    /// Starts a supervisor without instances. `monitored` is the file of `monitorChangesTo`.
    pub(crate) fn start(
        application: &FastCgiApplication,
        launch: Launch,
        monitored: Option<&Path>,
    ) -> Self {
        let (messages, receiver) = mpsc::unbounded_channel();
        let monitored = monitored.and_then(|path| monitor(path, messages.clone()));
        let supervisor = Supervisor::new(application, launch, monitored, messages.clone());
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
