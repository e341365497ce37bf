//! Owns being told to end: by IIS's shutdown event, by a console, or by nobody.
//!
//! Does not own what is done about it.

use super::check;
use super::event::wait_any;
use super::pipe::set_inherited;
use std::io;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::Console::SetConsoleCtrlHandler;

/// Variables that speak to the process that the web server started, and not to those it starts.
pub const VARIABLES: [&str; 2] = ["_FCGI_X_PIPE_", VARIABLE];

/// What a process is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// To end.
    Terminate,
    /// To reload (SIGHUP): nobody says so on Windows.
    HangUp,
}

/// The variable by which IIS tells the event's handle, if `signalBeforeTerminateSeconds` is set.
const VARIABLE: &str = "_FCGI_SHUTDOWN_EVENT_";

/// The event, taken over; 0 when there is none.
static EVENT: AtomicUsize = AtomicUsize::new(0);
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Who is told when a console says to end.
static CONSOLE: Mutex<Option<Tell>> = Mutex::new(None);

type Tell = Box<dyn Fn(Told) + Send>;

/// The shutdown event, if the web server gave one. No child inherits it from now on.
fn event() -> Option<HANDLE> {
    if !IS_TAKEN.swap(true, Ordering::SeqCst) {
        let value = std::env::var(VARIABLE).ok().and_then(|text| text.trim().parse::<usize>().ok());
        let handle = value.unwrap_or(0);
        // What is no waitable handle is left alone: the variable may be a stranger's.
        let is_usable = handle != 0
            && set_inherited(handle as HANDLE, false).is_ok()
            && wait_any(&[handle as HANDLE], Some(Duration::ZERO)).is_ok();
        EVENT.store(if is_usable { handle } else { 0 }, Ordering::SeqCst);
    }
    let handle = EVENT.load(Ordering::SeqCst);
    (handle != 0).then_some(handle as HANDLE)
}

/// Whether the web server has told us to end.
pub(super) fn is_shutting_down() -> bool {
    event().is_some_and(|event| matches!(wait_any(&[event], Some(Duration::ZERO)), Ok(Some(_))))
}

/// Calls `tell` when this process is told to end; from another thread.
///
/// # Errors
/// When the system refuses.
pub fn watch(tell: impl Fn(Told) + Send + Clone + 'static) -> io::Result<()> {
    *CONSOLE.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(tell.clone()));
    // SAFETY: the handler is a function, which lives for ever.
    check(unsafe { SetConsoleCtrlHandler(Some(console), 1) })?;
    watch_event(tell)
}

/// Calls `tell` when the web server's shutdown event is set, if there is one.
///
/// # Errors
/// When no thread can be started.
pub fn watch_event(tell: impl Fn(Told) + Send + 'static) -> io::Result<()> {
    let Some(event) = event() else { return Ok(()) };
    // Handles are numbers, which may be sent to threads.
    let event = event as usize;
    let wait = move || {
        if let Ok(Some(_)) = wait_any(&[event as HANDLE], None) {
            tell(Told::Terminate);
        }
    };
    std::thread::Builder::new().name("iisgate-shutdown".into()).spawn(wait)?;
    Ok(())
}

unsafe extern "system" fn console(_kind: u32) -> windows_sys::core::BOOL {
    match &*CONSOLE.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(tell) => {
            tell(Told::Terminate);
            1
        }
        None => 0,
    }
}
