//! Owns what can be asked of a handle: whether it is a pipe, which end, and how it does its I/O;
//! and the making of pipes.
//!
//! Does not own reading and writing (`lane`).

use super::security::Descriptor;
use super::{check, is, last_error, wide};
use std::io;
use std::mem::MaybeUninit;
use std::os::windows::io::{AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle};
use std::ptr::{null, null_mut};
use windows_sys::Wdk::Storage::FileSystem::{
    FILE_SYNCHRONOUS_IO_ALERT, FILE_SYNCHRONOUS_IO_NONALERT, FileModeInformation,
    NtQueryInformationFile,
};
use windows_sys::Win32::Foundation::{
    ERROR_PIPE_BUSY, GENERIC_READ, GENERIC_WRITE, HANDLE, HANDLE_FLAG_INHERIT,
    INVALID_HANDLE_VALUE, SetHandleInformation,
};
use windows_sys::Win32::Storage::FileSystem::{
    CreateFileW, FILE_FLAG_FIRST_PIPE_INSTANCE, FILE_FLAG_OVERLAPPED, FILE_TYPE_PIPE, FileNameInfo,
    GetFileInformationByHandleEx, GetFileType, OPEN_EXISTING, PIPE_ACCESS_DUPLEX,
    SECURITY_IDENTIFICATION, SECURITY_SQOS_PRESENT,
};
use windows_sys::Win32::System::IO::IO_STATUS_BLOCK;
use windows_sys::Win32::System::Pipes::{
    CreateNamedPipeW, DisconnectNamedPipe, GetNamedPipeInfo, PIPE_READMODE_BYTE,
    PIPE_READMODE_MESSAGE, PIPE_REJECT_REMOTE_CLIENTS, PIPE_SERVER_END, PIPE_TYPE_BYTE,
    PIPE_TYPE_MESSAGE, PIPE_UNLIMITED_INSTANCES, PIPE_WAIT, SetNamedPipeHandleState,
};

/// Which end of a pipe a handle is; `None` when it is no pipe (a socket answers like one until it
/// is asked for a pipe's particulars).
pub(super) fn end(handle: BorrowedHandle<'_>) -> Option<End> {
    let raw = handle.as_raw_handle();
    // SAFETY: the handle is open; the call takes nothing else.
    if unsafe { GetFileType(raw) } != FILE_TYPE_PIPE {
        return None;
    }
    let mut flags = 0;
    // SAFETY: `flags` outlives the call; null for what is not asked.
    let known = unsafe { GetNamedPipeInfo(raw, &mut flags, null_mut(), null_mut(), null_mut()) };
    if known == 0 {
        return None;
    }
    Some(if flags & PIPE_SERVER_END == 0 { End::Client } else { End::Server })
}

/// Ends a pipe whose server end this is for every holder. What the peer has not read is lost.
pub(super) fn disconnect(handle: BorrowedHandle<'_>) {
    if end(handle) == Some(End::Server) {
        // SAFETY: the handle is open. That the pipe has ended already is as well.
        unsafe { DisconnectNamedPipe(handle.as_raw_handle()) };
    }
}

/// The end of a pipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Client,
    Server,
}

/// The name of a pipe, as it would be opened by.
pub(super) fn name_of(handle: BorrowedHandle<'_>) -> io::Result<String> {
    /// Names have 256 units at most; before them stands their length in bytes.
    const ROOM: usize = 4 + 2 * 256;
    let mut room = [0u32; ROOM / 4];
    // SAFETY: the room is as large as said and aligned for the structure, which is a length and
    // the name.
    check(unsafe {
        let place = room.as_mut_ptr().cast();
        GetFileInformationByHandleEx(handle.as_raw_handle(), FileNameInfo, place, ROOM as u32)
    })?;
    let units = (room[0] as usize / 2).min((ROOM - 4) / 2);
    // SAFETY: so many units lie behind the length, within the room.
    let name = unsafe { std::slice::from_raw_parts(room.as_ptr().add(1).cast::<u16>(), units) };
    Ok(format!(r"\\.\pipe{}", String::from_utf16_lossy(name)))
}

/// Whether each call on a handle waits until it is done, and only one can be made at a time.
pub(super) fn is_synchronous(handle: BorrowedHandle<'_>) -> bool {
    let mut status = MaybeUninit::<IO_STATUS_BLOCK>::zeroed();
    let mut mode = 0u32;
    // SAFETY: both results outlive the call and the length is that of the mode.
    let answer = unsafe {
        NtQueryInformationFile(
            handle.as_raw_handle(),
            status.as_mut_ptr(),
            (&raw mut mode).cast(),
            size_of::<u32>() as u32,
            FileModeInformation,
        )
    };
    answer >= 0 && mode & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT) != 0
}

/// Takes care that children inherit a handle, or that they do not.
pub(super) fn set_inherited(handle: HANDLE, is_inherited: bool) -> io::Result<()> {
    let flag = if is_inherited { HANDLE_FLAG_INHERIT } else { 0 };
    // SAFETY: the handle is open; the call takes nothing else.
    check(unsafe { SetHandleInformation(handle, HANDLE_FLAG_INHERIT, flag) })
}

/// How a pipe keeps what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A stream of bytes.
    Bytes,
    /// Messages with borders.
    Messages,
}

/// How a server end is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Making {
    pub(super) kind: Kind,
    /// The name must be new: nobody else may have made an instance of it.
    pub(super) is_first: bool,
    pub(super) is_overlapped: bool,
    /// Bytes each direction holds.
    pub(super) buffer_bytes: u32,
}

/// Makes the server end of a pipe that this user alone may open, from this machine.
pub(super) fn make(name: &str, making: Making) -> io::Result<OwnedHandle> {
    let mut open = PIPE_ACCESS_DUPLEX;
    if making.is_first {
        open |= FILE_FLAG_FIRST_PIPE_INSTANCE;
    }
    if making.is_overlapped {
        open |= FILE_FLAG_OVERLAPPED;
    }
    let kind = match making.kind {
        Kind::Bytes => PIPE_TYPE_BYTE | PIPE_READMODE_BYTE,
        Kind::Messages => PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE,
    };
    let mode = kind | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS;
    let security = Descriptor::own()?;
    let size = making.buffer_bytes;
    // SAFETY: name and descriptor outlive the call.
    let handle = unsafe {
        let name = wide(name);
        let attributes = security.attributes();
        let instances = PIPE_UNLIMITED_INSTANCES;
        CreateNamedPipeW(name.as_ptr(), open, mode, instances, size, size, 0, &attributes)
    };
    owned(handle)
}

/// Opens the client end of a pipe. Whoever serves it may learn who we are, not act as us.
///
/// # Errors
/// `NotFound` when there is no such pipe, `WouldBlock` when every instance is taken.
pub(super) fn open(name: &str, kind: Kind) -> io::Result<OwnedHandle> {
    let flags = FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;
    let access = GENERIC_READ | GENERIC_WRITE;
    let name = wide(name);
    // SAFETY: the name outlives the call; null for the defaults.
    let handle =
        unsafe { CreateFileW(name.as_ptr(), access, 0, null(), OPEN_EXISTING, flags, null_mut()) };
    let handle = owned(handle).map_err(|error| {
        if is(&error, ERROR_PIPE_BUSY) { io::ErrorKind::WouldBlock.into() } else { error }
    })?;
    if kind == Kind::Messages {
        // SAFETY: the mode outlives the call; null for what stays.
        check(unsafe {
            SetNamedPipeHandleState(handle.as_raw_handle(), &PIPE_READMODE_MESSAGE, null(), null())
        })?;
    }
    Ok(handle)
}

fn owned(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle == INVALID_HANDLE_VALUE {
        return Err(last_error());
    }
    // SAFETY: a fresh handle that nobody else owns.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}
