//! Owns what standard input is when a web server or a process manager started us.
//!
//! Does not decide what to do with it. The form of standard output and standard error (IIS gives
//! none) says nothing: under Wine, and in other hands, it differs.

use super::check;
use super::listener::{Listener, is_listening};
use super::pipe::{self, End};
use super::stream::Stream;
use super::termination::is_shutting_down;
use std::io;
use std::os::windows::io::{
    AsRawHandle, BorrowedHandle, FromRawHandle, IntoRawHandle, OwnedHandle,
};
use std::ptr::null_mut;
use windows_sys::Wdk::Storage::FileSystem::{FileAccessInformation, NtQueryInformationFile};
use windows_sys::Win32::Foundation::{
    CloseHandle, DUPLICATE_SAME_ACCESS, DuplicateHandle, HANDLE, HANDLE_FLAG_INHERIT,
    HANDLE_FLAG_PROTECT_FROM_CLOSE, INVALID_HANDLE_VALUE, SetHandleInformation,
};
use windows_sys::Win32::Storage::FileSystem::FILE_WRITE_DATA;
use windows_sys::Win32::System::Console::{
    GetConsoleMode, GetStdHandle, STD_INPUT_HANDLE, SetStdHandle,
};
use windows_sys::Win32::System::IO::IO_STATUS_BLOCK;
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// What standard input turned out to be.
#[derive(Debug)]
pub enum Inherited {
    /// A connected stream, as IIS's pipe is: one web server, one request at a time.
    Connected(Stream),
    /// A listening socket, as `protocol="Tcp"` has it.
    Listening(Listener),
    /// A console: a person started us.
    Terminal,
    /// Something else, or nothing: a file, an anonymous pipe, `NUL`, closed.
    Other,
}

fn standard_input() -> Option<HANDLE> {
    // SAFETY: no pointers.
    let handle = unsafe { GetStdHandle(STD_INPUT_HANDLE) };
    (!handle.is_null() && handle != INVALID_HANDLE_VALUE).then_some(handle)
}

/// Takes standard input over, leaving `NUL` in its place, so that no child process and no stray
/// read can touch the web server's bytes. A pipe to which nobody has connected yet is waited for.
///
/// # Errors
/// When the system refuses to duplicate the handle.
pub fn take() -> io::Result<Inherited> {
    let Some(handle) = standard_input() else { return Ok(Inherited::Other) };
    // First of all: whatever is started from here on must not hold the web server's pipe.
    let _ = pipe::set_inherited(handle, false);
    let mut mode = 0;
    // SAFETY: the result outlives the call.
    if unsafe { GetConsoleMode(handle, &mut mode) } != 0 {
        return Ok(Inherited::Terminal);
    }
    // SAFETY: the handle is open for as long as nobody replaces standard input, which is below.
    let borrowed = unsafe { BorrowedHandle::borrow_raw(handle) };
    match pipe::end(borrowed) {
        Some(end) if can_be_written(handle) => {
            let stream = Stream::new(take_descriptor_0()?)?;
            if end == End::Server {
                stream.connect(is_shutting_down)?;
            }
            Ok(Inherited::Connected(stream))
        }
        // An anonymous pipe goes one way.
        Some(_) => Ok(Inherited::Other),
        None => match is_listening(borrowed) {
            Some(true) => Ok(Inherited::Listening(Listener::try_from(take_descriptor_0()?)?)),
            Some(false) => Ok(Inherited::Connected(Stream::new(take_descriptor_0()?)?)),
            None => Ok(Inherited::Other),
        },
    }
}

/// Whether a handle may be written to; `true` when the system does not say.
fn can_be_written(handle: HANDLE) -> bool {
    let mut status = IO_STATUS_BLOCK::default();
    let mut access = 0u32;
    // SAFETY: both results outlive the call and the length is that of the access mask.
    let answer = unsafe {
        let (place, length) = ((&raw mut access).cast(), size_of::<u32>() as u32);
        NtQueryInformationFile(handle, &mut status, place, length, FileAccessInformation)
    };
    answer < 0 || access & FILE_WRITE_DATA != 0
}

/// Moves standard input out of the way, whatever it is, and puts `NUL` there.
///
/// # Errors
/// When there is none, or the system refuses to duplicate it.
pub fn take_descriptor_0() -> io::Result<OwnedHandle> {
    let handle = standard_input().ok_or(io::ErrorKind::NotFound)?;
    // It was made for us alone: what an app starts must not hold the other end up.
    let _ = pipe::set_inherited(handle, false);
    let mut ours = null_mut();
    // SAFETY: the result outlives the call; the pseudo handles need no closing.
    check(unsafe {
        let process = GetCurrentProcess();
        DuplicateHandle(process, handle, process, &mut ours, 0, 0, DUPLICATE_SAME_ACCESS)
    })?;
    // SAFETY: a fresh handle that nobody else owns.
    let ours = unsafe { OwnedHandle::from_raw_handle(ours) };
    let null = put_nothing_at(handle)?;
    // SAFETY: the handle stays open for the life of the process.
    check(unsafe { SetStdHandle(STD_INPUT_HANDLE, null) })?;
    Ok(ours)
}

/// Opens `NUL` under a handle's number, for good: whatever C runtime is in the process remembers
/// standard input by its number, and would read and write what got that next. Gives another number
/// if the system does.
fn put_nothing_at(handle: HANDLE) -> io::Result<HANDLE> {
    /// Numbers that may have become free before this one.
    const TRIES: usize = 64;
    // SAFETY: nobody uses it any more but by its number, which is about to be taken again.
    check(unsafe { CloseHandle(handle) })?;
    let mut others = Vec::new();
    let found = loop {
        let null = std::fs::OpenOptions::new().read(true).write(true).open("NUL")?;
        if null.as_raw_handle() == handle || others.len() == TRIES {
            break OwnedHandle::from(null).into_raw_handle();
        }
        others.push(null);
    };
    let flags = HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE;
    // SAFETY: the handle is open. Python closes descriptor 0 when it puts another in its place.
    check(unsafe { SetHandleInformation(found, flags, flags) })?;
    Ok(found)
}
