//! Owns what can be told of a process by its id.
//!
//! Does not own starting or ending any.

use super::event::wait_any;
use super::{check, is, last_error};
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::time::{Duration, SystemTime};
use windows_sys::Win32::Foundation::{ERROR_ACCESS_DENIED, FILETIME};
use windows_sys::Win32::System::Threading::{
    GetProcessTimes, OpenProcess, PROCESS_NAME_WIN32, PROCESS_QUERY_LIMITED_INFORMATION,
    PROCESS_SYNCHRONIZE, QueryFullProcessImageNameW,
};

/// From the beginning of Windows' calendar (1601) to that of Unix (1970).
const EPOCHS_APART: Duration = Duration::from_secs(11_644_473_600);

/// Most units of a program's path.
const PATH_MAX: usize = 1024;

/// A process that lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Living {
    /// Its program's name.
    pub name: String,
    /// When it was started; `None` when the system does not tell.
    pub started: Option<SystemTime>,
}

/// Looks for a living process; `None` when there is none.
pub fn look_up(id: u32) -> Option<Living> {
    let rights = PROCESS_QUERY_LIMITED_INFORMATION | PROCESS_SYNCHRONIZE;
    // SAFETY: the call takes numbers alone.
    let handle = unsafe { OpenProcess(rights, 0, id) };
    if handle.is_null() {
        let is_others = is(&last_error(), ERROR_ACCESS_DENIED);
        return is_others.then(|| Living { name: "of another user".into(), started: None });
    }
    // SAFETY: a fresh handle that nobody else owns.
    let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
    if let Ok(Some(_)) = wait_any(&[handle.as_raw_handle()], Some(Duration::ZERO)) {
        // It has ended, and somebody still holds it.
        return None;
    }
    Some(Living { name: name(&handle), started: started(&handle) })
}

fn name(process: &OwnedHandle) -> String {
    let mut room = [0u16; PATH_MAX];
    let mut length = room.len() as u32;
    // SAFETY: the room is as large as said.
    let done = unsafe {
        let (process, room) = (process.as_raw_handle(), room.as_mut_ptr());
        QueryFullProcessImageNameW(process, PROCESS_NAME_WIN32, room, &mut length)
    };
    let path = String::from_utf16_lossy(&room[..if done == 0 { 0 } else { length as usize }]);
    path.rsplit('\\').next().unwrap_or_default().to_owned()
}

fn started(process: &OwnedHandle) -> Option<SystemTime> {
    let mut times = [FILETIME::default(); 4];
    let [created, ended, kernel, user] = &mut times;
    // SAFETY: the results outlive the call.
    check(unsafe { GetProcessTimes(process.as_raw_handle(), created, ended, kernel, user) })
        .ok()?;
    let ticks = u64::from(times[0].dwHighDateTime) << 32 | u64::from(times[0].dwLowDateTime);
    // In 100 nanoseconds.
    let since = Duration::from_micros(ticks / 10).checked_sub(EPOCHS_APART)?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// Whether somebody listens at a socket in the file system: there are none here.
pub fn answers(_path: &Path) -> Option<bool> {
    None
}
