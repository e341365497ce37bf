//! Owns processes that are kept: each can be told to end with all that it started, and dies with
//! the process that keeps it, in whatever way that ends.
//!
//! Does not own when one is started again.

use super::event::wait_any;
use super::{check, tether};
use std::io;
use std::mem::ManuallyDrop;
use std::os::windows::io::{AsHandle, AsRawHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus};
use windows_sys::Win32::System::Console::{CTRL_BREAK_EVENT, GenerateConsoleCtrlEvent};
use windows_sys::Win32::System::JobObjects::{AssignProcessToJobObject, TerminateJobObject};
use windows_sys::Win32::System::Threading::{CREATE_NEW_PROCESS_GROUP, GetCurrentProcess};

/// The exit code of what is killed with its job, as of one that is killed by hand.
const KILLED: u32 = 1;

/// What keeps processes.
#[derive(Debug)]
pub struct Keeper {
    /// Nobody else holds it: the system closes it when we die, and ends all that we started. Never
    /// before: we are in it ourselves (see `tether`).
    _job: ManuallyDrop<OwnedHandle>,
}

impl Keeper {
    /// Begins to keep processes. (A predecessor left none.)
    ///
    /// # Errors
    /// When the system refuses a job.
    pub fn new(_mark: &str) -> io::Result<Self> {
        let job = tether::job(None, 0)?;
        // SAFETY: the job is open; the pseudo handle needs no closing.
        check(unsafe { AssignProcessToJobObject(job.as_raw_handle(), GetCurrentProcess()) })?;
        Ok(Self { _job: ManuallyDrop::new(job) })
    }

    /// Starts a program in a job and a group of its own. It shares our console, which has no window.
    ///
    /// # Errors
    /// As `CreateProcess`.
    pub fn start(&self, command: &mut Command) -> io::Result<Kept> {
        let job = tether::job(None, 0)?;
        let mut child = command.creation_flags(CREATE_NEW_PROCESS_GROUP).spawn()?;
        // SAFETY: job and process are open.
        let joined =
            unsafe { AssignProcessToJobObject(job.as_raw_handle(), child.as_raw_handle()) };
        if let Err(error) = check(joined)
            && child.try_wait()?.is_none()
        {
            let _ = child.kill();
            return Err(error);
        }
        Ok(Kept { child, job })
    }
}

/// A process that is kept.
#[derive(Debug)]
pub struct Kept {
    child: Child,
    job: OwnedHandle,
}

impl Kept {
    /// Its id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it prints, if that was asked for.
    pub fn output(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Gives a function that waits for its end, for another thread.
    ///
    /// # Errors
    /// When the system is out of handles.
    pub fn waiter(&self) -> io::Result<impl FnOnce() + Send + 'static> {
        let process = self.child.as_handle().try_clone_to_owned()?;
        Ok(move || drop(wait_any(&[process.as_raw_handle()], None)))
    }

    /// Tells it and its group to end: by Ctrl+Break, whatever signal is named; by force for `KILL`, and
    /// where our console is none (Wine 8 makes none without a window).
    pub fn tell_to_end(&self, signal: &str) {
        if signal != "KILL" {
            // SAFETY: the call takes numbers alone.
            match check(unsafe { GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, self.id()) }) {
                Ok(()) => return,
                Err(error) => log::warn!("process {} gets no Ctrl+Break: {error}", self.id()),
            }
        }
        self.kill();
    }

    /// Kills it and all that it started.
    pub fn kill(&self) {
        // SAFETY: the job is open.
        unsafe { TerminateJobObject(self.job.as_raw_handle(), KILLED) };
    }

    /// Tells how it ended; what it started and left is killed. Waits, so call it after its end.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn finish(mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait();
        self.kill();
        status
    }
}
