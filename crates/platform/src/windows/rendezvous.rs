//! Owns where gates find their worker: a pipe of which the worker makes one instance after the
//! other, and whose name stands in a private file.
//!
//! The name is new for each worker: that of one that takes nobody any more is in nobody's way.

use super::event::{Event, wait_any};
use super::handover::{Channel, Gift, making, private_name};
use super::lane::{Found, Lane, Port};
use super::tether::Tether;
use super::{check, pipe, tether};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::windows::io::{
    AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle, RawHandle,
};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use windows_sys::Win32::Foundation::{DUPLICATE_SAME_ACCESS, DuplicateHandle};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

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
    tether: Option<Tether>,
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
pub fn bind(path: &Path) -> io::Result<ForChild> {
    let name = private_name()?;
    let handle = pipe::make(&name, making(true))?;
    // Whole or not at all: another gate may be reading it.
    let fresh = path.with_extension("new");
    std::fs::write(&fresh, &name)?;
    crate::private_file::replace(&fresh, path)?;
    Ok(ForChild { handle, path: Some(path.to_owned()) })
}

/// What a child is started with: a rendezvous, or a channel's end.
///
/// It is put among the child's handles once that runs, and its number told on standard input. A
/// handle that the child inherits could be inherited further before any of our code runs: under
/// Wine the process that keeps the child's console has it, too, and outlives the child.
#[derive(Debug)]
pub struct ForChild {
    handle: OwnedHandle,
    path: Option<PathBuf>,
}

impl From<Gift> for ForChild {
    fn from(handle: Gift) -> Self {
        Self { handle, path: None }
    }
}

impl ForChild {
    /// Before the child is started.
    ///
    /// # Errors
    /// None here.
    pub fn prepare(&self, command: &mut Command) -> io::Result<()> {
        command.stdin(Stdio::piped());
        if let Some(path) = &self.path {
            command.env(PATH_VARIABLE, path);
        }
        Ok(())
    }

    /// As soon as it is.
    ///
    /// # Errors
    /// When the child has ended already.
    pub fn give_to(self, child: &mut Child) -> io::Result<()> {
        let mut theirs = null_mut();
        let options = DUPLICATE_SAME_ACCESS;
        // SAFETY: the result outlives the call; handle and process are open.
        check(unsafe {
            let (ours, process) = (self.handle.as_raw_handle(), child.as_raw_handle());
            DuplicateHandle(GetCurrentProcess(), ours, process, &mut theirs, 0, 0, options)
        })?;
        let mut input = child.stdin.take().ok_or(io::ErrorKind::NotConnected)?;
        input.write_all(&(theirs as usize as u64).to_le_bytes())
    }
}

/// Takes what [`ForChild::give_to`] gave: the end of a pipe.
fn given() -> io::Result<(OwnedHandle, pipe::End)> {
    let mut number = [0; 8];
    File::from(super::inherited::take_descriptor_0()?).read_exact(&mut number)?;
    let handle = u64::from_le_bytes(number) as usize as RawHandle;
    // SAFETY: it is only looked at. Whoever started us put it among our handles for us.
    let end = pipe::end(unsafe { BorrowedHandle::borrow_raw(handle) });
    let end = end.ok_or(io::ErrorKind::InvalidInput)?;
    // SAFETY: a pipe's end, and nobody else here knows of it.
    Ok((unsafe { OwnedHandle::from_raw_handle(handle) }, end))
}

impl Rendezvous {
    /// Takes over what a gate started us with.
    fn given(handle: OwnedHandle) -> io::Result<Self> {
        let name = pipe::name_of(handle.as_handle())?;
        let event = Arc::new(Event::automatic()?);
        let next = Next::listen(handle, &event)?;
        let path = std::env::var_os(PATH_VARIABLE).map(PathBuf::from);
        let tether = Tether::join(&name);
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

    /// Ends this process and all that it started, at once.
    pub fn end_all(&self) {
        if let Some(tether) = &self.tether {
            tether.end();
        }
        // Without one, or not in it.
        end_this_process();
    }
}

/// Ends this process at once.
pub fn end_this_process() {
    // SAFETY: the pseudo handle needs no closing.
    unsafe { TerminateProcess(GetCurrentProcess(), tether::ENDED) };
}

/// What a worker was started with.
#[derive(Debug)]
pub enum Started {
    /// Gates will come.
    ByGate(Rendezvous),
    /// One channel, to a supervisor.
    BySupervisor(Channel),
}

/// Takes over what a gate or a supervisor gave us.
///
/// # Errors
/// When neither started us.
pub fn started() -> io::Result<Started> {
    let (handle, end) = given().map_err(|error| {
        let message = format!("standard input tells of no channel of a gate: {error}");
        io::Error::new(io::ErrorKind::InvalidInput, message)
    })?;
    Ok(match end {
        pipe::End::Server => Started::ByGate(Rendezvous::given(handle)?),
        pipe::End::Client => {
            let tether = pipe::name_of(handle.as_handle()).ok().and_then(|n| Tether::join(&n));
            Started::BySupervisor(Channel::new(handle, tether)?)
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
