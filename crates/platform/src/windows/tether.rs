//! Owns the job that ties a worker, and all that it starts, to the gates: the system ends what is
//! in it when the last process that holds it open has gone, in whatever way.
//!
//! A worker holds it, too, for as long as it lives: it may stay without a gate for a while.
//!
//! Who is in a job never closes it by himself: were it the last handle, the system would end him in
//! the middle of whatever he does (and Wine 8's server would crash, and all programs with it). His
//! end closes it.

use super::security::Descriptor;
use super::{check, last_error, wide};
use std::io;
use std::mem::ManuallyDrop;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT,
    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_EXTENDED_LIMIT_INFORMATION,
    JobObjectExtendedLimitInformation, SetInformationJobObject, TerminateJobObject,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// The exit code of a worker that ends itself by its job.
pub(super) const ENDED: u32 = 0;

/// A hold on a worker's job.
#[derive(Debug)]
pub(super) struct Tether {
    job: ManuallyDrop<OwnedHandle>,
    /// Whether this process is in the job.
    is_member: bool,
}

impl Tether {
    /// Holds the job of the worker whose pipe is named so; makes it if need be. Without one a
    /// worker still ends by itself: that is told, not failed.
    pub(super) fn hold(pipe: &str) -> Option<Self> {
        job(Some(pipe), 0)
            .inspect_err(|error| log::debug!("the worker's job cannot be held: {error}"))
            .ok()
            .map(|job| Self { job: ManuallyDrop::new(job), is_member: false })
    }

    /// As [`Self::hold`], and puts this process into the job.
    pub(super) fn join(pipe: &str) -> Option<Self> {
        let mut tether = Self::hold(pipe)?;
        // SAFETY: the job is open; the pseudo handle needs no closing.
        let joined =
            unsafe { AssignProcessToJobObject(tether.job.as_raw_handle(), GetCurrentProcess()) };
        match check(joined) {
            Ok(()) => {
                tether.is_member = true;
                Some(tether)
            }
            Err(error) => {
                // Before Windows 8 a process is in one job at most.
                log::debug!("this process cannot join its job: {error}");
                None
            }
        }
    }

    /// Ends at once what is in the job: a worker itself, and all that it started.
    pub(super) fn end(&self) {
        // SAFETY: the job is open.
        unsafe { TerminateJobObject(self.job.as_raw_handle(), ENDED) };
    }
}

impl Drop for Tether {
    fn drop(&mut self) {
        if !self.is_member {
            // SAFETY: it is dropped nowhere else, and not used again.
            unsafe { ManuallyDrop::drop(&mut self.job) };
        }
    }
}

/// Makes a job that ends what is in it when it is closed, or opens the one of that name; with more
/// limits, if need be.
pub(super) fn job(pipe: Option<&str>, more: JOB_OBJECT_LIMIT) -> io::Result<OwnedHandle> {
    limited_job(pipe, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | more)
}

/// Makes a job with these limits, or opens the one of that name.
pub(super) fn limited_job(pipe: Option<&str>, flags: JOB_OBJECT_LIMIT) -> io::Result<OwnedHandle> {
    let security = Descriptor::own()?;
    let attributes = security.attributes();
    let name = pipe.map(|pipe| {
        let name = pipe.rsplit('\\').next().unwrap_or_default();
        wide(format!(r"Local\{name}"))
    });
    let name = name.as_ref().map_or(std::ptr::null(), |name| name.as_ptr());
    // SAFETY: name and descriptor outlive the call.
    let handle = unsafe { CreateJobObjectW(&attributes, name) };
    if handle.is_null() {
        return Err(last_error());
    }
    // SAFETY: a fresh handle that nobody else owns.
    let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = flags;
    // SAFETY: the limits are as large as said and outlive the call.
    check(unsafe {
        SetInformationJobObject(
            handle.as_raw_handle(),
            JobObjectExtendedLimitInformation,
            (&raw const limits).cast(),
            size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>() as u32,
        )
    })?;
    Ok(handle)
}
