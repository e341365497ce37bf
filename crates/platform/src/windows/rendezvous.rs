//! Owns where gates find their worker: a pipe of which the worker makes one instance after the
//! other, and whose name stands in a private file.
//!
//! The name is new for each worker: that of one that takes nobody any more is in nobody's way.

use super::event::{Event, wait_any};
use super::handover::{Channel, Gift, making, private_name};
use super::lane::{Found, Lane, Port};
use super::pipe;
use super::tether::Tether;
use std::io;
use std::os::windows::io::{AsHandle, OwnedHandle};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Tells a worker where its name stands, so that it can take it away.
const PATH_VARIABLE: &str = "IISGATE_RENDEZVOUS";

/// Where gates find their worker.
#[derive(Debug)]
pub struct Rendezvous {
    name: String,
    path: Option<PathBuf>,
    /// What the next gate connects to; `None` once the door is closed.
    next: Mutex<Option<Next>>,
    event: Arc<Event>,
    tether: Mutex<Option<Tether>>,
}

#[derive(Debug)]
struct Next {
    handle: OwnedHandle,
    lane: Lane,
}

impl Next {
    fn listen(handle: OwnedHandle, event: &Arc<Event>) -> io::Result<Self> {
        let shared = Arc::new(handle.try_clone()?);
        let mut lane = Lane::new(shared, Arc::new(Port::Overlapped), Arc::clone(event));
        lane.start_connect();
        Ok(Self { handle, lane })
    }
}

/// Makes the first instance of a new pipe and writes its name into the file, for a worker that is
/// about to be started with it.
///
/// # Errors
/// When the pipe or the file cannot be made.
pub fn bind(path: &Path) -> io::Result<Bound> {
    let name = private_name()?;
    let handle = pipe::make(&name, making(true))?;
    // Whole or not at all: another gate may be reading it.
    let fresh = path.with_extension("new");
    std::fs::write(&fresh, &name)?;
    std::fs::rename(&fresh, path)?;
    Ok(Bound { handle, path: path.to_owned() })
}

/// A rendezvous for a child.
#[derive(Debug)]
pub struct Bound {
    handle: OwnedHandle,
    path: PathBuf,
}

impl Bound {
    /// Makes it the child's standard input.
    pub fn give_to(self, command: &mut Command) {
        command.stdin(Stdio::from(self.handle)).env(PATH_VARIABLE, self.path);
    }
}

impl Rendezvous {
    /// Takes over what a gate started us with.
    pub(super) fn inherited(handle: OwnedHandle) -> io::Result<Self> {
        let name = pipe::name_of(handle.as_handle())?;
        let event = Arc::new(Event::automatic()?);
        let next = Next::listen(handle, &event)?;
        let path = std::env::var_os(PATH_VARIABLE).map(PathBuf::from);
        let tether = Mutex::new(Tether::join(&name));
        Ok(Self { name, path, next: Mutex::new(Some(next)), event, tether })
    }

    fn lock(&self) -> MutexGuard<'_, Option<Next>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn event(&self) -> Arc<Event> {
        Arc::clone(&self.event)
    }

    pub(super) fn expect_next(&self) {
        if self.lock().as_mut().is_some_and(|next| next.lane.poll() != Found::Pending) {
            self.event.set();
        }
    }

    /// Waits for the next gate. (The pipe admits nobody but this user.)
    ///
    /// # Errors
    /// When no further instance can be made, or the door is closed.
    pub fn accept(&self) -> io::Result<Channel> {
        loop {
            let mut guard = self.lock();
            let next = guard.as_mut().ok_or(io::ErrorKind::NotConnected)?;
            if next.lane.poll() == Found::Pending {
                drop(guard);
                wait_any(&[self.event.raw()], None)?;
                continue;
            }
            let following = pipe::make(&self.name, making(false))?;
            let following = Next::listen(following, &self.event)?;
            let Next { handle, lane } = std::mem::replace(next, following);
            drop(lane);
            return Channel::new(handle, None);
        }
    }

    /// Takes no more gates: they find nobody, and start another worker.
    pub fn shutdown(&self) {
        if let Some(path) = &self.path
            && std::fs::read_to_string(path).is_ok_and(|name| name == self.name)
        {
            // It may be another worker's already.
            let _ = std::fs::remove_file(path);
        }
        *self.lock() = None;
    }

    /// Lets the worker's job go: if no gate holds it either, that ends this process and all that it
    /// started.
    pub fn let_go(&self) {
        *self.tether.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What a worker was started with.
#[derive(Debug)]
pub enum Started {
    /// Gates will come.
    ByGate(Rendezvous),
    /// One channel, to a supervisor.
    BySupervisor(Channel),
}

/// Takes over what a gate or a supervisor gave as standard input.
///
/// # Errors
/// When standard input is neither.
pub fn started() -> io::Result<Started> {
    let handle = super::inherited::take_descriptor_0()?;
    Ok(match pipe::end(handle.as_handle()) {
        Some(pipe::End::Server) => Started::ByGate(Rendezvous::inherited(handle)?),
        Some(pipe::End::Client) => {
            let tether = pipe::name_of(handle.as_handle()).ok().and_then(|n| Tether::join(&n));
            Started::BySupervisor(Channel::new(handle, tether)?)
        }
        None => {
            let message = "standard input is no channel of a gate";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
    })
}

/// A channel of the end that [`Channel::pair`] makes for a child.
///
/// # Errors
/// When the system is out of events.
pub fn channel(gift: Gift) -> io::Result<Channel> {
    let tether = pipe::name_of(gift.as_handle()).ok().and_then(|name| Tether::hold(&name));
    Channel::new(gift, tether)
}

/// Makes a channel's end a child's standard input.
pub fn give_to(gift: Gift, command: &mut Command) {
    command.stdin(Stdio::from(gift));
}
