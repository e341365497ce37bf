//! Owns the channel between gate and worker: messages that keep their borders and may carry
//! handles. A handle is named in the message; the receiver fetches it from the sender's process
//! with `DuplicateHandle`.
//!
//! Does not know what the messages mean: see the gate's `control`.

use super::event::{Event, wait_any};
use super::lane::{Found, Lane, Port};
use super::pipe::{self, End, Kind, Making};
use super::security;
use super::stream::Stream;
use super::tether::Tether;
use super::{check, last_error, listener::Listener, status_cell::StatusCell};
use crate::message::{HANDLES_MAX, MESSAGE_BYTES_MAX};
use std::io;
use std::os::windows::io::{
    AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, OwnedHandle, RawHandle,
};
use std::path::Path;
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::{DUPLICATE_SAME_ACCESS, DuplicateHandle};
use windows_sys::Win32::Security::Cryptography::{
    BCRYPT_USE_SYSTEM_PREFERRED_RNG, BCryptGenRandom,
};
use windows_sys::Win32::System::Pipes::{
    GetNamedPipeClientProcessId, GetNamedPipeServerProcessId, WaitNamedPipeW,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcess, PROCESS_DUP_HANDLE};

/// What travels: a handle that is the receiver's own.
pub type Gift = OwnedHandle;

/// What can be given.
pub trait Give {
    /// Its handle.
    fn give(&self) -> BorrowedHandle<'_>;
}

impl Give for Stream {
    fn give(&self) -> BorrowedHandle<'_> {
        self.as_handle()
    }
}

impl Give for Listener {
    fn give(&self) -> BorrowedHandle<'_> {
        self.as_handle()
    }
}

impl Give for StatusCell {
    fn give(&self) -> BorrowedHandle<'_> {
        self.as_handle()
    }
}

/// One end of a channel.
#[derive(Debug)]
pub struct Channel {
    handle: Arc<OwnedHandle>,
    reading: Mutex<Lane>,
    writing: Mutex<Lane>,
    event: Arc<Event>,
    /// Held as long as the channel: the worker's job ends with the last one who holds it.
    _tether: Option<Tether>,
}

/// A message and what came with it.
#[derive(Debug, Default)]
pub struct Message {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The handles, now ours.
    pub gifts: Vec<Gift>,
}

/// Bytes before a message's own: how many handles there are, then each as 8 bytes.
const HEAD_BYTES: usize = 1 + HANDLES_MAX * 8;

/// Bytes a pipe of ours holds in each direction: a message and its head.
const PIPE_BYTES: u32 = (MESSAGE_BYTES_MAX + HEAD_BYTES) as u32;

fn lock(lane: &Mutex<Lane>) -> MutexGuard<'_, Lane> {
    lane.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A pipe name that nobody can guess.
pub(super) fn private_name() -> io::Result<String> {
    let mut random = [0u8; 16];
    // SAFETY: the room is as long as said.
    let status = unsafe {
        let length = random.len() as u32;
        BCryptGenRandom(null_mut(), random.as_mut_ptr(), length, BCRYPT_USE_SYSTEM_PREFERRED_RNG)
    };
    if status < 0 {
        return Err(io::Error::other("the system has no random numbers"));
    }
    let text: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!(r"\\.\pipe\iisgate-{text}"))
}

impl Channel {
    pub(super) fn new(handle: OwnedHandle, tether: Option<Tether>) -> io::Result<Self> {
        let handle = Arc::new(handle);
        let port = Arc::new(Port::Overlapped);
        let event = Arc::new(Event::automatic()?);
        let reading = Lane::new(Arc::clone(&handle), Arc::clone(&port), Arc::clone(&event));
        let writing = Lane::new(Arc::clone(&handle), port, Arc::new(Event::automatic()?));
        Ok(Self {
            handle,
            reading: Mutex::new(reading),
            writing: Mutex::new(writing),
            event,
            _tether: tether,
        })
    }

    /// Two ends joined: ours, and one for a child to inherit.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn pair() -> io::Result<(Self, Gift)> {
        let name = private_name()?;
        let server = pipe::make(&name, making(true))?;
        let client = pipe::open(&name, Kind::Messages)?;
        let tether = Tether::hold(&name);
        Ok((Self::new(server, tether)?, client))
    }

    /// Connects to the [`Rendezvous`] whose name stands in a file.
    ///
    /// # Errors
    /// `NotFound` when nobody is there; `PermissionDenied` when the pipe belongs to someone else;
    /// `TimedOut` when it is there and answers nobody.
    pub fn connect(path: &Path) -> io::Result<Self> {
        let end = Instant::now() + CONNECT_TIMEOUT;
        loop {
            // Read anew each time: whoever closes the door removes the name.
            let name = std::fs::read_to_string(path)?;
            match pipe::open(&name, Kind::Messages) {
                Ok(handle) => {
                    security::require_own(handle.as_handle(), &name)?;
                    return Self::new(handle, Tether::hold(&name));
                }
                // Every instance is taken: the worker has not made the next one yet.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if Instant::now() > end {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    let name = super::wide(&name);
                    // SAFETY: the name outlives the call. Whatever it tells, it is tried again.
                    unsafe { WaitNamedPipeW(name.as_ptr(), BUSY_LOOK_MS) };
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn event(&self) -> Arc<Event> {
        Arc::clone(&self.event)
    }

    pub(super) fn expect_next(&self) {
        let mut lane = lock(&self.reading);
        if lane.bytes().is_empty() && lane.poll() == Found::Rest && lane.bytes().is_empty() {
            lane.start_read(PIPE_BYTES as usize);
        } else if lane.poll() != Found::Pending {
            self.event.set();
        }
    }

    /// Sends one message. What is given must stay open until the other side says that it has it.
    ///
    /// # Errors
    /// `BrokenPipe` when the other end has gone; `InvalidInput` for a message over the bounds.
    pub fn send(&self, bytes: &[u8], gifts: &[&dyn Give]) -> io::Result<()> {
        if bytes.len() > MESSAGE_BYTES_MAX || gifts.len() > HANDLES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "message over its bounds"));
        }
        let mut lane = lock(&self.writing);
        lane.wait_for_end();
        let mut found = lane.start_write(|buffer| {
            buffer.push(gifts.len() as u8);
            for gift in gifts {
                let value = gift.give().as_raw_handle() as usize as u64;
                buffer.extend_from_slice(&value.to_le_bytes());
            }
            buffer.extend_from_slice(bytes);
        });
        if found == Found::Pending {
            found = lane.wait_for_end();
        }
        match found {
            Found::Ended => Err(lane.failure().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into())),
            _ => Ok(()),
        }
    }

    /// Receives one message; `None` when the other end has gone, or `timeout` passed with
    /// [`io::ErrorKind::TimedOut`].
    ///
    /// # Errors
    /// `PermissionDenied` when a handle in it cannot be fetched.
    pub fn receive(&self, timeout: Option<Duration>) -> io::Result<Option<Message>> {
        let end = timeout.map(|timeout| Instant::now() + timeout);
        let bytes = loop {
            let mut lane = lock(&self.reading);
            let found = match lane.poll() {
                Found::Rest if lane.bytes().is_empty() => lane.start_read(PIPE_BYTES as usize),
                found => found,
            };
            if !lane.bytes().is_empty() {
                let bytes = lane.bytes().to_vec();
                lane.consume(bytes.len());
                // Begun at once, so that a poller learns of the next one.
                lane.start_read(PIPE_BYTES as usize);
                break bytes;
            }
            drop(lane);
            if found == Found::Ended {
                return Ok(None);
            }
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if wait_any(&[self.event.raw()], left)?.is_none() {
                return Err(io::ErrorKind::TimedOut.into());
            }
        };
        self.open(&bytes).map(Some)
    }

    fn open(&self, bytes: &[u8]) -> io::Result<Message> {
        let invalid = || io::Error::new(io::ErrorKind::InvalidData, "a message is cut");
        let (count, rest) = bytes.split_first().ok_or_else(invalid)?;
        let count = usize::from(*count).min(HANDLES_MAX);
        let (values, rest) = rest.split_at_checked(count * 8).ok_or_else(invalid)?;
        let mut message = Message { bytes: rest.to_vec(), ..Message::default() };
        for value in values.chunks_exact(8) {
            let value = u64::from_le_bytes(value.try_into().expect("chunks of eight"));
            message.gifts.push(self.fetch(value as usize as RawHandle)?);
        }
        Ok(message)
    }

    /// Duplicates a handle out of the process at the other end.
    fn fetch(&self, value: RawHandle) -> io::Result<OwnedHandle> {
        let process = self.peer()?;
        let mut handle = null_mut();
        // SAFETY: the result outlives the call; both processes' handles are open.
        check(unsafe {
            DuplicateHandle(
                process.as_raw_handle(),
                value,
                GetCurrentProcess(),
                &mut handle,
                0,
                0,
                DUPLICATE_SAME_ACCESS,
            )
        })?;
        // SAFETY: a fresh handle that nobody else owns.
        Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
    }

    fn peer(&self) -> io::Result<OwnedHandle> {
        let pipe = self.handle.as_raw_handle();
        let mut id = 0;
        // SAFETY: the result outlives the call.
        check(unsafe {
            match pipe::end(self.handle.as_handle()) {
                Some(End::Server) => GetNamedPipeClientProcessId(pipe, &mut id),
                _ => GetNamedPipeServerProcessId(pipe, &mut id),
            }
        })?;
        // SAFETY: no pointers.
        let process = unsafe { OpenProcess(PROCESS_DUP_HANDLE, 0, id) };
        if process.is_null() {
            return Err(last_error());
        }
        // SAFETY: a fresh handle that nobody else owns.
        Ok(unsafe { OwnedHandle::from_raw_handle(process) })
    }

    /// Ends the channel for both sides.
    pub fn shutdown(&self) {
        lock(&self.reading).close();
        lock(&self.writing).close();
        // The peer learns of it: what was sent has been read, or does not matter any more.
        pipe::disconnect(self.handle.as_handle());
    }
}

/// How long a gate waits for a worker that is there and takes nobody: one that starts Python.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);

/// How often it looks again meanwhile, in milliseconds: the door may have been closed.
const BUSY_LOOK_MS: u32 = 50;

pub(super) fn making(is_first: bool) -> Making {
    Making { kind: Kind::Messages, is_first, is_overlapped: true, buffer_bytes: PIPE_BYTES }
}
