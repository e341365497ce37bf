//! Owns a connected byte stream, a named pipe or a TCP socket: reads and writes that never block,
//! and waiting for either direction.
//!
//! A pipe tells nobody that it could be read: a read must be under way. So what Unix calls
//! "readable" is here a read that has ended, and its bytes wait in a buffer of the stream's own.

use super::blocking::Blocking;
use super::event::{Event, wait_any};
use super::lane::{Found, Lane, Port, is_end};
use super::pipe::{self, Kind, Making};
use super::waiting::Waiting;
use super::{check, is};
use std::io::{self, IoSlice};
use std::os::windows::io::{AsHandle, AsRawHandle, BorrowedHandle, OwnedHandle};
use std::ptr::null_mut;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use windows_sys::Win32::Foundation::ERROR_PIPE_LISTENING;
use windows_sys::Win32::Networking::WinSock::{
    IPPROTO_TCP, SD_BOTH, SD_SEND, SOCKET, TCP_NODELAY, setsockopt, shutdown,
};
use windows_sys::Win32::System::Pipes::PeekNamedPipe;

/// Bytes that a read asks for when it is only to be told that something came: a request's head.
const READ_BYTES: usize = 16 * 1024;

/// Most bytes of one read.
const READ_BYTES_MAX: usize = 64 * 1024;

/// Most bytes of one write, gathered from slices: a record of 64 KiB and what is around it.
const WRITE_BYTES_MAX: usize = 128 * 1024;

/// A connected stream.
#[derive(Debug)]
pub struct Stream {
    handle: Arc<OwnedHandle>,
    is_pipe: bool,
    pub(super) is_synchronous: bool,
    reading: Mutex<Lane>,
    pub(super) writing: Mutex<Lane>,
    pub(super) waiting: Arc<Waiting>,
    pub(super) written: Arc<Event>,
}

impl AsHandle for Stream {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.handle.as_handle()
    }
}

pub(super) fn lock(lane: &Mutex<Lane>) -> MutexGuard<'_, Lane> {
    lane.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stream {
    /// Takes a connected pipe or socket over, whichever way it does its I/O.
    ///
    /// # Errors
    /// When the system is out of events or threads.
    pub fn new(handle: OwnedHandle) -> io::Result<Self> {
        let is_pipe = pipe::end(handle.as_handle()).is_some();
        let is_synchronous = is_pipe && pipe::is_synchronous(handle.as_handle());
        let handle = Arc::new(handle);
        let port = Arc::new(if is_synchronous {
            Port::Synchronous(Blocking::start(Arc::clone(&handle))?)
        } else {
            Port::Overlapped
        });
        let waiting = Waiting::new()?;
        let written = Arc::new(Event::automatic()?);
        let reading = Lane::new(Arc::clone(&handle), Arc::clone(&port), Arc::clone(&waiting.read))
            .of_socket(!is_pipe);
        let writing =
            Lane::new(Arc::clone(&handle), port, Arc::clone(&written)).of_socket(!is_pipe);
        let stream = Self {
            handle,
            is_pipe,
            is_synchronous,
            reading: Mutex::new(reading),
            writing: Mutex::new(writing),
            waiting: Arc::new(waiting),
            written,
        };
        if !is_pipe {
            stream.send_at_once();
        }
        Ok(stream)
    }

    /// Two ends joined.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn pair() -> io::Result<(Self, Self)> {
        let name = super::handover::private_name()?;
        let making = Making {
            kind: Kind::Bytes,
            is_first: true,
            is_overlapped: true,
            buffer_bytes: READ_BYTES_MAX as u32,
        };
        let server = pipe::make(&name, making)?;
        let client = pipe::open(&name, Kind::Bytes)?;
        Ok((Self::new(server)?, Self::new(client)?))
    }

    /// Another handle of the same pipe or socket. What one of them has begun to read the other
    /// never sees: [`Self::settle`] first.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn try_clone(&self) -> io::Result<Self> {
        Self::new(self.handle.try_clone()?)
    }

    fn socket(&self) -> SOCKET {
        self.handle.as_raw_handle() as SOCKET
    }

    /// Without Nagle's delay: an answer in two small writes would otherwise wait for the peer.
    fn send_at_once(&self) {
        let on = 1i32;
        // SAFETY: the option's value outlives the call. That it fails harms nothing.
        unsafe {
            setsockopt(self.socket(), IPPROTO_TCP, TCP_NODELAY, (&raw const on).cast(), 4);
        }
    }

    /// Pipes have the buffers that the web server gave them.
    pub fn enlarge_send_buffer(&self) {}

    /// Waits for the client of a pipe's server end; one that is there, or was, counts as come.
    ///
    /// # Errors
    /// As `ConnectNamedPipe`; `TimedOut` when `is_given_up` says so first.
    pub(super) fn connect(&self, is_given_up: impl Fn() -> bool) -> io::Result<()> {
        /// How often it is asked.
        const LOOK_EVERY: Duration = Duration::from_millis(200);
        let mut lane = lock(&self.reading);
        let mut found = lane.start_connect();
        while found == Found::Pending {
            if is_given_up() {
                lane.stop();
                return Err(io::ErrorKind::TimedOut.into());
            }
            wait_any(&[self.waiting.read.raw()], Some(LOOK_EVERY))?;
            found = lane.poll();
        }
        // What has ended is read as the end.
        lane.failure().map_or(Ok(()), Err)
    }

    /// Whether the peer has closed and nothing is left to read. Takes nothing.
    ///
    /// # Errors
    /// As `ReadFile`.
    pub fn has_ended(&self) -> io::Result<bool> {
        let mut lane = lock(&self.reading);
        if !lane.bytes().is_empty() {
            return Ok(false);
        }
        let found = match lane.poll() {
            Found::Rest if self.is_synchronous => return Ok(self.peek().is_err()),
            Found::Rest if lane.bytes().is_empty() => lane.start_read(READ_BYTES),
            found => found,
        };
        Ok(found == Found::Ended)
    }

    /// Bytes that could be read at once from a pipe; an error at its end.
    fn peek(&self) -> io::Result<usize> {
        let mut available = 0;
        let handle = self.handle.as_raw_handle();
        // SAFETY: the result outlives the call; null for what is not asked.
        check(unsafe {
            PeekNamedPipe(handle, null_mut(), 0, null_mut(), &mut available, null_mut())
        })?;
        Ok(available as usize)
    }

    /// Reads what is there; `Ok(None)` when nothing is, `Ok(Some(0))` at the end.
    ///
    /// # Errors
    /// As `ReadFile`; a pipe that the peer has left reads as the end.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let mut lane = lock(&self.reading);
        loop {
            let here = lane.bytes();
            if !here.is_empty() {
                let count = here.len().min(buffer.len());
                buffer[..count].copy_from_slice(&here[..count]);
                lane.consume(count);
                return Ok(Some(count));
            }
            match lane.poll() {
                Found::Pending => return Ok(None),
                Found::Ended => return lane.failure().map_or(Ok(Some(0)), Err),
                Found::Rest if !lane.bytes().is_empty() => continue,
                Found::Rest => {}
            }
            if self.is_synchronous {
                // A read that waits would hold up the answer.
                match self.peek() {
                    Ok(0) => return Ok(None),
                    Ok(_) => {
                        lane.start_read(buffer.len().clamp(1, READ_BYTES_MAX));
                        lane.wait_for_end();
                    }
                    Err(error) if is(&error, ERROR_PIPE_LISTENING) => return Ok(None),
                    Err(error) if is_end(&error) => return Ok(Some(0)),
                    Err(error) => return Err(error),
                }
            } else if lane.start_read(buffer.len().clamp(1, READ_BYTES_MAX)) == Found::Pending {
                return Ok(None);
            }
        }
    }

    /// Makes sure that what comes next will be noticed by whoever waits: a poller, or [`Self::wait`].
    /// Nothing may be written meanwhile to a pipe that was opened for one call at a time.
    pub fn expect_more(&self) {
        let mut lane = lock(&self.reading);
        if lane.bytes().is_empty() && lane.poll() == Found::Rest && lane.bytes().is_empty() {
            lane.start_read(READ_BYTES);
        } else if lane.poll() != Found::Pending {
            self.waiting.read.set();
        }
    }

    /// Writes as much as fits; `Ok(None)` when nothing does.
    ///
    /// # Errors
    /// As `WriteFile`; `BrokenPipe` when the peer has gone.
    pub fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<Option<usize>> {
        if self.is_synchronous {
            // A read that waits would hold this up.
            lock(&self.reading).stop();
        }
        let mut lane = lock(&self.writing);
        let mut count = 0;
        let gather = |buffer: &mut Vec<u8>| {
            for slice in slices {
                let room = WRITE_BYTES_MAX - buffer.len();
                buffer.extend_from_slice(&slice[..slice.len().min(room)]);
            }
            count = buffer.len();
        };
        let found = match lane.poll() {
            // Nothing to write is nothing written: an empty write would end the peer's read.
            Found::Rest if slices.iter().all(|slice| slice.is_empty()) => return Ok(Some(0)),
            Found::Rest => lane.start_write(gather),
            Found::Pending => return Ok(None),
            Found::Ended => Found::Ended,
        };
        match found {
            Found::Ended => Err(lane.failure().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into())),
            Found::Rest | Found::Pending => Ok(Some(count)),
        }
    }

    /// Whether all that was written has left this process.
    ///
    /// # Errors
    /// As [`Self::try_write`].
    pub fn is_written(&self) -> io::Result<bool> {
        let mut lane = lock(&self.writing);
        match lane.poll() {
            Found::Rest => Ok(true),
            Found::Pending => Ok(false),
            Found::Ended => Err(lane.failure().unwrap_or_else(|| io::ErrorKind::BrokenPipe.into())),
        }
    }

    /// Whether bytes or the end are there; otherwise a read is under way now.
    pub(super) fn is_readable(&self) -> bool {
        let mut lane = lock(&self.reading);
        if !lane.bytes().is_empty() {
            return true;
        }
        let found = match lane.poll() {
            Found::Rest if lane.bytes().is_empty() => lane.start_read(READ_BYTES),
            found => found,
        };
        found == Found::Ended || !lane.bytes().is_empty()
    }

    /// Whether bytes or the end are there, without starting anything.
    pub(super) fn has_something(&self) -> bool {
        let mut lane = lock(&self.reading);
        match lane.poll() {
            _ if !lane.bytes().is_empty() => true,
            Found::Pending => false,
            Found::Ended => true,
            Found::Rest => self.peek().map_or(true, |count| count > 0),
        }
    }

    /// Writes everything, waiting where need be.
    ///
    /// # Errors
    /// As [`Self::try_write`].
    pub fn write_all(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.try_write(&[IoSlice::new(bytes)])? {
                Some(count) => bytes = &bytes[count..],
                None => drop(self.wait(false, true, None)?),
            }
        }
        while !self.is_written()? {
            self.wait(false, true, None)?;
        }
        Ok(())
    }

    /// Ends what is under way in this process, so that another may go on, and returns the bytes
    /// that were read and not taken.
    ///
    /// # Errors
    /// `WouldBlock` when a read cannot be ended.
    pub fn settle(&self) -> io::Result<Vec<u8>> {
        lock(&self.writing).wait_for_end();
        let mut lane = lock(&self.reading);
        if lane.bytes().is_empty() && lane.stop() == Found::Pending {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let left = lane.bytes().to_vec();
        lane.consume(left.len());
        Ok(left)
    }

    /// Whether one direction can end while the other goes on: not of a pipe.
    pub fn ends_by_halves(&self) -> bool {
        !self.is_pipe
    }

    /// Whether no thread may read while another writes: a pipe that was opened for one call at a
    /// time would lose what is being written.
    pub fn takes_turns(&self) -> bool {
        self.is_synchronous
    }

    /// Ends the writing direction of a socket: the peer reads what was sent, then the end.
    pub fn shutdown_write(&self) {
        if !self.is_pipe {
            // SAFETY: the socket is open. It may be shut already.
            unsafe { shutdown(self.socket(), SD_SEND) };
        }
    }

    /// Ends both directions for this process; of a socket, for every holder. (A pipe would lose
    /// what the peer has not read yet: it ends when its last handle is closed.)
    pub fn shutdown(&self) {
        if !self.is_pipe {
            // SAFETY: as above.
            unsafe { shutdown(self.socket(), SD_BOTH) };
        }
        lock(&self.reading).close();
        lock(&self.writing).close();
        self.waiting.pass_on();
    }

    /// Ends both directions for every holder, although some may go on for long; of a pipe, what the
    /// peer has not read is lost.
    pub fn cut(&self) {
        self.shutdown();
        pipe::disconnect(self.handle.as_handle());
    }
}
