//! Owns events: what a thread waits on until an operation is done or somebody has news.
//!
//! Does not know what they stand for.

use super::{check, is, last_error, milliseconds};
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::ptr::null;
use std::time::Duration;
use windows_sys::Win32::Foundation::{
    ERROR_IO_INCOMPLETE, HANDLE, WAIT_FAILED, WAIT_OBJECT_0, WAIT_TIMEOUT,
};
use windows_sys::Win32::System::IO::{GetOverlappedResult, OVERLAPPED};
use windows_sys::Win32::System::Threading::{CreateEventW, SetEvent, WaitForMultipleObjects};

/// An event of this process, never inherited.
#[derive(Debug)]
pub(super) struct Event(OwnedHandle);

impl Event {
    /// An event that wakes one waiter and is then unset again.
    pub(super) fn automatic() -> io::Result<Self> {
        Self::new(false)
    }

    /// An event that stays set.
    pub(super) fn lasting() -> io::Result<Self> {
        Self::new(true)
    }

    fn new(is_lasting: bool) -> io::Result<Self> {
        // SAFETY: no pointers but null, which stands for the defaults.
        let handle = unsafe { CreateEventW(null(), is_lasting.into(), 0, null()) };
        if handle.is_null() {
            return Err(last_error());
        }
        // SAFETY: a fresh handle that nobody else owns.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(handle) }))
    }

    pub(super) fn set(&self) {
        // SAFETY: the handle is ours and open. It cannot fail for an event of ours.
        unsafe { SetEvent(self.raw()) };
    }

    pub(super) fn raw(&self) -> HANDLE {
        self.0.as_raw_handle()
    }
}

/// Most objects that one wait takes (`MAXIMUM_WAIT_OBJECTS`).
pub(super) const WAIT_MAX: usize = 64;

/// Waits for one of several objects and says which; `None` when the time passed.
pub(super) fn wait_any(handles: &[HANDLE], timeout: Option<Duration>) -> io::Result<Option<usize>> {
    let count = handles.len() as u32;
    // SAFETY: the array is as long as said; callers keep what it names open meanwhile.
    let woken =
        unsafe { WaitForMultipleObjects(count, handles.as_ptr(), 0, milliseconds(timeout)) };
    match woken {
        WAIT_TIMEOUT => Ok(None),
        WAIT_FAILED => check(0).map(|()| None),
        index => Ok(Some((index - WAIT_OBJECT_0) as usize)),
    }
}

/// How long the end of an operation is waited for at first before it is looked for again.
const LOOK_MIN: Duration = Duration::from_millis(1);

/// And how long later on.
const LOOK_MAX: Duration = Duration::from_millis(50);

/// What came of an operation that was begun with this record and event: how many bytes, and the
/// error, `ERROR_IO_INCOMPLETE` while it goes on. With `wait` that is waited for, in spite of other
/// threads, which may wait for the event and take it away.
pub(super) fn overlapped_result(
    handle: HANDLE,
    record: *const OVERLAPPED,
    event: &Event,
    wait: bool,
) -> (usize, io::Result<()>) {
    let mut count = 0;
    let mut patience = LOOK_MIN;
    loop {
        // SAFETY: the caller's record was given to the system and is alive; so is the result.
        let done = check(unsafe { GetOverlappedResult(handle, record, &mut count, 0) });
        match done {
            Err(error) if is(&error, ERROR_IO_INCOMPLETE) && wait => {
                let _ = wait_any(&[event.raw()], Some(patience));
                patience = (patience * 2).min(LOOK_MAX);
            }
            done => return (count as usize, done),
        }
    }
}
