//! Owns asking for an administrator's rights: whether this process has them, and running a program that
//! gets them if the user agrees (UAC).
//!
//! Does not own what the rights are for.

use super::{check, is, last_error, wide};
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::path::Path;
use std::ptr::null_mut;
use windows_sys::Win32::Foundation::{ERROR_CANCELLED, HANDLE, WAIT_OBJECT_0};
use windows_sys::Win32::Security::{
    GetTokenInformation, TOKEN_ELEVATION, TOKEN_QUERY, TokenElevation,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetExitCodeProcess, INFINITE, OpenProcessToken, WaitForSingleObject,
};
use windows_sys::Win32::UI::Shell::{
    SEE_MASK_NOASYNC, SEE_MASK_NOCLOSEPROCESS, SHELLEXECUTEINFOW, ShellExecuteExW,
};
use windows_sys::Win32::UI::WindowsAndMessaging::SW_SHOWNORMAL;

/// Whether the system can be asked for more rights than this process has: an administrator's process
/// that has them already need not ask.
pub fn can_be_asked() -> bool {
    matches!(is_elevated(), Ok(false))
}

fn is_elevated() -> io::Result<bool> {
    let mut token: HANDLE = null_mut();
    // SAFETY: the result outlives the call; the pseudo handle needs no closing.
    check(unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) })?;
    // SAFETY: a fresh handle that nobody else owns.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let mut told = TOKEN_ELEVATION::default();
    let mut size = size_of::<TOKEN_ELEVATION>() as u32;
    // SAFETY: the room is as large as said and outlives the call.
    check(unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenElevation,
            (&raw mut told).cast(),
            size,
            &mut size,
        )
    })?;
    Ok(told.TokenIsElevated != 0)
}

/// Runs a program with an administrator's rights, to its end; gives its exit status. It gets a window
/// of its own: streams are not inherited, nor is the environment.
///
/// # Errors
/// A [refusal](is_refusal) when the user says no; what the system says otherwise.
pub fn run(program: &Path, parameters: &str, folder: &Path) -> io::Result<u32> {
    let (verb, file) = (wide("runas"), wide(program));
    let (parameters, folder) = (wide(parameters), wide(folder));
    let mut told = SHELLEXECUTEINFOW {
        cbSize: size_of::<SHELLEXECUTEINFOW>() as u32,
        fMask: SEE_MASK_NOCLOSEPROCESS | SEE_MASK_NOASYNC,
        lpVerb: verb.as_ptr(),
        lpFile: file.as_ptr(),
        lpParameters: parameters.as_ptr(),
        lpDirectory: folder.as_ptr(),
        nShow: SW_SHOWNORMAL,
        ..SHELLEXECUTEINFOW::default()
    };
    // SAFETY: the structure is as large as it says; its texts end with 0 and outlive the call.
    check(unsafe { ShellExecuteExW(&mut told) })?;
    if told.hProcess.is_null() {
        return Err(io::Error::other("the system did not tell which process it started"));
    }
    // SAFETY: a fresh handle that the call gave to us.
    let process = unsafe { OwnedHandle::from_raw_handle(told.hProcess) };
    // SAFETY: the handle is open.
    if unsafe { WaitForSingleObject(process.as_raw_handle(), INFINITE) } != WAIT_OBJECT_0 {
        return Err(last_error());
    }
    let mut status = 0;
    // SAFETY: the handle is open; the result outlives the call.
    check(unsafe { GetExitCodeProcess(process.as_raw_handle(), &mut status) })?;
    Ok(status)
}

/// Whether an error says that the user said no.
pub fn is_refusal(error: &io::Error) -> bool {
    is(error, ERROR_CANCELLED)
}
