//! Owns one direction of a stream: at most one operation under way, its buffer, and what came of it.
//!
//! Knows no direction's meaning beyond reading and writing: `stream` joins two lanes.
//!
//! The system reads into, and writes from, memory of ours while we do something else. That memory
//! is the lane's own, and it stays until the operation has ended.

use super::blocking::{Blocking, Job, Outcome};
use super::event::{Event, overlapped_result};
use super::{is, last_error};
use std::io;
use std::os::windows::io::{AsRawHandle, OwnedHandle};
use std::ptr::null_mut;
use std::sync::Arc;
use windows_sys::Win32::Foundation::{
    ERROR_BROKEN_PIPE, ERROR_HANDLE_EOF, ERROR_IO_INCOMPLETE, ERROR_IO_PENDING, ERROR_MORE_DATA,
    ERROR_NETNAME_DELETED, ERROR_NO_DATA, ERROR_OPERATION_ABORTED, ERROR_PIPE_CONNECTED,
    ERROR_PIPE_NOT_CONNECTED, HANDLE,
};
use windows_sys::Win32::Networking::WinSock::{SOCKET, WSABUF, WSASend};
use windows_sys::Win32::Storage::FileSystem::{ReadFile, WriteFile};
use windows_sys::Win32::System::IO::{CancelIoEx, OVERLAPPED};
use windows_sys::Win32::System::Pipes::ConnectNamedPipe;
use windows_sys::core::BOOL;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Read,
    Write,
    /// A server end waits for its client.
    Connect,
}

/// Where a lane is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing is under way.
    Rest,
    /// The operation goes on.
    Pending,
    /// The peer has gone, or the lane was closed: nothing will ever come of it.
    Ended,
}

/// How the handle does its I/O.
#[derive(Debug)]
pub(super) enum Port {
    /// Several operations at once, each told by an event.
    Overlapped,
    /// One call at a time, made by a thread of its own.
    Synchronous(Blocking),
}

/// One direction.
#[derive(Debug)]
pub(super) struct Lane {
    handle: Arc<OwnedHandle>,
    port: Arc<Port>,
    /// Set when an operation has ended; the poller may wait for it.
    event: Arc<Event>,
    /// Boxed: the system holds its address. Kept as long as anything is pending.
    overlapped: Box<Overlapped>,
    buffer: Vec<u8>,
    /// What was read and not yet taken lies in `buffer[start..end]`.
    start: usize,
    end: usize,
    action: Option<Action>,
    /// Where the thread of a synchronous handle leaves what came of its call.
    outcome: Arc<Outcome>,
    /// The error that ended the lane, until somebody is told; then the plain end.
    failure: Option<io::Error>,
    has_ended: bool,
    /// A read of nothing is its end; of a pipe it is an empty write of the peer's, and means nothing.
    is_socket: bool,
}

/// The system's record of an operation.
struct Overlapped(OVERLAPPED);

// SAFETY: the record is only touched by the system and, under the lane's lock, by us; its event
// handle may be used from any thread.
unsafe impl Send for Overlapped {}

impl std::fmt::Debug for Overlapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Overlapped")
    }
}

/// Whether an error is the peer's leave: closed, disconnected, reset.
pub(super) fn is_end(error: &io::Error) -> bool {
    let ends = [
        ERROR_BROKEN_PIPE,
        ERROR_PIPE_NOT_CONNECTED,
        ERROR_NO_DATA,
        ERROR_HANDLE_EOF,
        ERROR_NETNAME_DELETED,
    ];
    let kind = error.kind();
    ends.iter().any(|end| is(error, *end))
        || matches!(kind, io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted)
}

/// Writes to a socket, with the result of `WriteFile`: Wine takes one of those that does not fit at
/// once for a read, and it never ends.
///
/// # Safety
/// As for `WriteFile`.
unsafe fn send(handle: HANDLE, bytes: *mut u8, size: u32, overlapped: *mut OVERLAPPED) -> BOOL {
    let buffer = WSABUF { len: size, buf: bytes };
    // SAFETY: the list of buffers is only read during the call; for the rest the caller sees to it.
    let failed = unsafe { WSASend(handle as SOCKET, &buffer, 1, null_mut(), 0, overlapped, None) };
    BOOL::from(failed == 0)
}

impl Lane {
    pub(super) fn new(handle: Arc<OwnedHandle>, port: Arc<Port>, event: Arc<Event>) -> Self {
        Self {
            handle,
            port,
            event,
            overlapped: Box::new(Overlapped(OVERLAPPED::default())),
            buffer: Vec::new(),
            start: 0,
            end: 0,
            action: None,
            outcome: Arc::default(),
            failure: None,
            has_ended: false,
            is_socket: false,
        }
    }

    /// Tells whether the handle is a socket.
    pub(super) fn of_socket(mut self, is_socket: bool) -> Self {
        self.is_socket = is_socket;
        self
    }

    /// Starts to read up to `size` bytes. Nothing may be under way nor left to take.
    pub(super) fn start_read(&mut self, size: usize) -> Found {
        debug_assert!(self.action.is_none() && self.bytes().is_empty(), "one operation at a time");
        // All was taken; the thread of a synchronous handle borrows the buffer meanwhile.
        (self.start, self.end) = (0, 0);
        if self.buffer.len() < size {
            self.buffer.resize(size, 0);
        }
        self.start(Action::Read, size)
    }

    /// Starts to write what `fill` puts into the buffer. Nothing may be under way.
    pub(super) fn start_write(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> Found {
        debug_assert!(self.action.is_none(), "one operation at a time");
        self.buffer.clear();
        fill(&mut self.buffer);
        self.start(Action::Write, self.buffer.len())
    }

    /// Starts to wait for the client of a server end; a client that is there counts as come.
    pub(super) fn start_connect(&mut self) -> Found {
        self.start(Action::Connect, 0)
    }

    fn start(&mut self, action: Action, size: usize) -> Found {
        if self.has_ended {
            return Found::Ended;
        }
        self.action = Some(action);
        if let Port::Synchronous(thread) = &*self.port {
            let buffer = std::mem::take(&mut self.buffer);
            let outcome = Arc::clone(&self.outcome);
            let job = Job { action, buffer, size, outcome, done: Arc::clone(&self.event) };
            thread.begin(job);
            return Found::Pending;
        }
        self.overlapped.0 = OVERLAPPED { hEvent: self.event.raw(), ..OVERLAPPED::default() };
        let handle = self.handle.as_raw_handle();
        let (bytes, size) = (self.buffer.as_mut_ptr(), size as u32);
        let overlapped = &raw mut self.overlapped.0;
        // SAFETY: buffer and record belong to the lane, which neither frees nor touches them until
        // the operation has ended (`finish`, `stop`, `drop`); the handle stays open as long.
        let done = unsafe {
            match action {
                Action::Read => ReadFile(handle, bytes, size, null_mut(), overlapped),
                Action::Write if self.is_socket => send(handle, bytes, size, overlapped),
                Action::Write => WriteFile(handle, bytes, size, null_mut(), overlapped),
                Action::Connect => ConnectNamedPipe(handle, overlapped),
            }
        };
        if done != 0 {
            return self.poll();
        }
        let error = last_error();
        if is(&error, ERROR_IO_PENDING) {
            return self.poll();
        }
        // Told at once: nothing is pending, and the event may not have been set.
        self.event.set();
        self.finish(Err(error))
    }

    /// Looks what has become of the operation.
    pub(super) fn poll(&mut self) -> Found {
        if self.action.is_none() {
            return if self.has_ended { Found::Ended } else { Found::Rest };
        }
        match self.result(false) {
            None => Found::Pending,
            Some(result) => self.finish(result),
        }
    }

    /// The result of the operation, if it has ended; waits for that when told to.
    fn result(&mut self, wait: bool) -> Option<io::Result<usize>> {
        if let Port::Synchronous(_) = &*self.port {
            let done = if wait { self.outcome.wait() } else { self.outcome.take() };
            let (result, buffer) = done?;
            self.buffer = buffer;
            return Some(result);
        }
        let done = overlapped_result(
            self.handle.as_raw_handle(),
            &raw const self.overlapped.0,
            &self.event,
            wait,
        );
        match done {
            (_, Err(error)) if is(&error, ERROR_IO_INCOMPLETE) => None,
            // A message longer than the room: what is here counts, the rest follows.
            (count, Err(error)) if is(&error, ERROR_MORE_DATA) => Some(Ok(count)),
            (count, done) => Some(done.map(|()| count)),
        }
    }

    fn finish(&mut self, result: io::Result<usize>) -> Found {
        let action = self.action.take();
        match result {
            Ok(count) => {
                if action == Some(Action::Read) {
                    (self.start, self.end) = (0, count);
                    if count == 0 && self.is_socket {
                        self.has_ended = true;
                        return Found::Ended;
                    }
                }
                Found::Rest
            }
            // The client was there before.
            Err(error) if is(&error, ERROR_PIPE_CONNECTED) => Found::Rest,
            // The thread that had started it has ended: whoever needs it starts it again.
            Err(error) if is(&error, ERROR_OPERATION_ABORTED) => {
                if self.has_ended {
                    Found::Ended
                } else {
                    Found::Rest
                }
            }
            Err(error) => {
                self.has_ended = true;
                if !is_end(&error) {
                    self.failure = Some(error);
                }
                Found::Ended
            }
        }
    }

    /// What was read and not yet taken.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Takes up to `count` of those bytes away.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
    }

    /// Why the lane ended; `None` for the plain end.
    pub(super) fn failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Ends the operation under way, and waits until it has ended: what it read meanwhile can be
    /// taken.
    pub(super) fn stop(&mut self) -> Found {
        if self.action.is_none() {
            return self.poll();
        }
        let result = match &*self.port {
            Port::Overlapped => {
                // SAFETY: the record is that of the pending operation. It fails when that has just
                // ended, which is as well.
                unsafe {
                    CancelIoEx(self.handle.as_raw_handle(), &raw const self.overlapped.0);
                }
                self.result(true)
            }
            Port::Synchronous(thread) => thread.cancel(&self.outcome).map(|(result, buffer)| {
                self.buffer = buffer;
                result
            }),
        };
        match result {
            Some(result) => self.finish(result),
            None => Found::Pending,
        }
    }

    /// Waits until the operation under way has ended.
    pub(super) fn wait_for_end(&mut self) -> Found {
        if self.action.is_none() {
            return self.poll();
        }
        match self.result(true) {
            Some(result) => self.finish(result),
            None => Found::Pending,
        }
    }

    /// Makes the lane end for this process: what is pending is stopped, nothing more begins.
    pub(super) fn close(&mut self) {
        self.has_ended = true;
        self.stop();
        self.event.set();
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.has_ended = true;
        // The system must be through with the buffer before it is freed.
        if self.stop() == Found::Pending {
            // Only a thread that cannot be stopped, which owns its buffer itself.
            debug_assert!(matches!(&*self.port, Port::Synchronous(_)), "overlapped I/O ends");
        }
    }
}
