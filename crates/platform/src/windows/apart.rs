//! Owns waiting for what is beyond one wait of the leader's: a thread of the system's pool waits,
//! and tells the poller.
//!
//! Does not know what is waited for (`source`).

use super::poller::Shared;
use super::source::News;
use std::fmt;
use std::io;
use std::ptr::null_mut;
use std::sync::Arc;
use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Threading::{
    INFINITE, RegisterWaitForSingleObject, UnregisterWaitEx, WT_EXECUTEINWAITTHREAD,
};

/// A source that a thread of the system's waits for.
pub(super) struct Apart {
    wait: HANDLE,
    /// Outlives the waiting: freed after it has ended.
    _context: Box<Context>,
}

struct Context {
    shared: std::sync::Weak<Shared>,
    news: News,
    token: u64,
}

// SAFETY: the handle names a registration that any thread may end.
unsafe impl Send for Apart {}

impl fmt::Debug for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Apart")
    }
}

impl Apart {
    pub(super) fn wait(shared: &Arc<Shared>, news: News, token: u64) -> io::Result<Self> {
        let context = Box::new(Context { shared: Arc::downgrade(shared), news, token });
        let mut wait = null_mut();
        // SAFETY: the context outlives the registration, which `drop` ends first; the event is
        // kept open by it.
        super::check(unsafe {
            RegisterWaitForSingleObject(
                &mut wait,
                context.news.event.raw(),
                Some(told),
                (&raw const *context).cast(),
                INFINITE,
                WT_EXECUTEINWAITTHREAD,
            )
        })?;
        Ok(Self { wait, _context: context })
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // SAFETY: the registration is ours; the call returns when no callback runs any more.
        unsafe { UnregisterWaitEx(self.wait, INVALID_HANDLE_VALUE) };
    }
}

unsafe extern "system" fn told(context: *mut core::ffi::c_void, _timed_out: bool) {
    // SAFETY: `Apart` keeps the context alive as long as callbacks may run; it is only read.
    let context = unsafe { &*context.cast::<Context>() };
    if let Some(waiting) = &context.news.waiting {
        waiting.pass_on();
    }
    if let Some(shared) = context.shared.upgrade() {
        shared.tell(context.token);
    }
}
