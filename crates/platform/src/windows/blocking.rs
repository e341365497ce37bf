//! Owns I/O on a handle that was opened for one call at a time: a thread makes the calls, so that
//! nobody else waits in them.
//!
//! A read that waits would hold up a write on such a handle: `stream` never lets both be under way.

use super::check;
use super::event::Event;
use super::lane::Action;
use std::io;
use std::os::windows::io::{AsRawHandle, OwnedHandle};
use std::ptr::null_mut;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use windows_sys::Win32::Storage::FileSystem::{ReadFile, WriteFile};
use windows_sys::Win32::System::IO::CancelSynchronousIo;
use windows_sys::Win32::System::Pipes::ConnectNamedPipe;

/// A call to be made.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) action: Action,
    pub(super) buffer: Vec<u8>,
    pub(super) size: usize,
    /// Gets what came of it.
    pub(super) outcome: Arc<Outcome>,
    /// Set when it is done.
    pub(super) done: Arc<Event>,
}

/// What came of a call, and the buffer again.
type Done = (io::Result<usize>, Vec<u8>);

/// Where what came of a call is left.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    done: Mutex<Option<Done>>,
    came: Condvar,
}

impl Outcome {
    fn lock(&self) -> MutexGuard<'_, Option<Done>> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came of the call, if it has returned.
    pub(super) fn take(&self) -> Option<Done> {
        self.lock().take()
    }

    /// What came of the call, once it has returned.
    pub(super) fn wait(&self) -> Option<Done> {
        let waited = self.came.wait_while(self.lock(), |done| done.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The thread of one handle.
#[derive(Debug)]
pub(super) struct Blocking {
    jobs: Mutex<Sender<Job>>,
    thread: JoinHandle<()>,
}

/// How long a call that was cancelled may take to return. (It returns at once, unless the system
/// does not cancel it; then the thread stays behind with its buffer.)
const CANCEL_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a call is cancelled within that time: it may not have begun yet.
const CANCEL_EVERY: Duration = Duration::from_millis(10);

impl Blocking {
    pub(super) fn start(handle: Arc<OwnedHandle>) -> io::Result<Self> {
        let (jobs, receiver) = channel::<Job>();
        let work = move || {
            for mut job in receiver {
                let done = call(&handle, &mut job);
                *job.outcome.lock() = Some((done, job.buffer));
                job.outcome.came.notify_all();
                job.done.set();
            }
        };
        let thread = std::thread::Builder::new().name("iisgate-pipe".into()).spawn(work)?;
        Ok(Self { jobs: Mutex::new(jobs), thread })
    }

    pub(super) fn begin(&self, job: Job) {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        // The thread ends with this value, never before.
        let _ = jobs.send(job);
    }

    /// Makes the call under way return; `None` if it does not.
    pub(super) fn cancel(&self, outcome: &Outcome) -> Option<Done> {
        let end = Instant::now() + CANCEL_TIMEOUT;
        while Instant::now() < end {
            // SAFETY: the thread's handle is open as long as `self`. That there is nothing to
            // cancel means that the call has returned or has not begun: tried again.
            unsafe { CancelSynchronousIo(self.thread.as_raw_handle()) };
            let waited = outcome
                .came
                .wait_timeout_while(outcome.lock(), CANCEL_EVERY, |done| done.is_none());
            let (mut done, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if done.is_some() {
                return done.take();
            }
        }
        log::warn!("a call on the pipe could not be cancelled: its thread stays behind");
        None
    }
}

fn call(handle: &OwnedHandle, job: &mut Job) -> io::Result<usize> {
    let handle = handle.as_raw_handle();
    let mut count = 0;
    let (bytes, size) = (job.buffer.as_mut_ptr(), job.size as u32);
    // SAFETY: the buffer holds `size` bytes and outlives the call, which returns when it is done.
    let done = unsafe {
        match job.action {
            Action::Read => ReadFile(handle, bytes, size, &mut count, null_mut()),
            Action::Write => WriteFile(handle, bytes, size, &mut count, null_mut()),
            Action::Connect => ConnectNamedPipe(handle, null_mut()),
        }
    };
    check(done).map(|()| count as usize)
}
