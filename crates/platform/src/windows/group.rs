//! Owns a program that can be killed with all that it started, and is left alone otherwise.
//!
//! Does not own when (`bounded`), nor programs that must not outlive us (`kept`).

use super::{check, tether};
use std::io;
use std::os::windows::io::{AsRawHandle, OwnedHandle};
use std::process::{Child, Command};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, JOB_OBJECT_LIMIT_BREAKAWAY_OK, TerminateJobObject,
};

/// The exit code of what is killed.
const KILLED: u32 = 1;

/// A program and what it has started.
pub(crate) struct Group(OwnedHandle);

impl Group {
    /// Starts a program in a job of its own. Workers leave the job, as they leave all others; what it
    /// starts within its very first moment may not be in it.
    ///
    /// # Errors
    /// As `CreateProcess`, and when the system refuses a job.
    pub(crate) fn start(command: &mut Command) -> io::Result<(Child, Self)> {
        let job = tether::limited_job(None, JOB_OBJECT_LIMIT_BREAKAWAY_OK)?;
        let mut child = command.spawn()?;
        // SAFETY: job and process are open.
        let joined =
            unsafe { AssignProcessToJobObject(job.as_raw_handle(), child.as_raw_handle()) };
        if let Err(error) = check(joined)
            && child.try_wait()?.is_none()
        {
            log::warn!("process {} cannot be put into a job: {error}", child.id());
        }
        Ok((child, Self(job)))
    }

    /// Kills all of it.
    pub(crate) fn kill(&self) {
        // SAFETY: the job is open.
        unsafe { TerminateJobObject(self.0.as_raw_handle(), KILLED) };
    }
}
