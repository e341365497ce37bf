//! Owns a connected byte stream, a Unix or TCP socket: reads and writes that never block, and
//! waiting for either direction.
//!
//! Does not set `O_NONBLOCK`: the open file is shared with whoever handed it over.

use super::retry;
use super::waiting::Ready;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown};
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

/// A connected stream socket.
#[derive(Debug)]
pub struct Stream {
    fd: OwnedFd,
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Bytes a Unix socket may hold towards the peer: large bodies then leave in fewer wake-ups.
const SEND_BUFFER_BYTES: usize = 512 * 1024;

impl Stream {
    /// Takes a connected socket over. TCP sockets lose Nagle's delay: an answer in two small
    /// writes would otherwise wait 40 ms for the peer's acknowledgement.
    ///
    /// # Errors
    /// None here.
    pub fn new(fd: OwnedFd) -> io::Result<Self> {
        // Fails on Unix sockets, which have no such delay.
        let _ = rustix::net::sockopt::set_tcp_nodelay(&fd, true);
        Ok(Self { fd })
    }

    /// Two ends joined.
    ///
    /// # Errors
    /// When the process is out of descriptors.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (one, other) = std::os::unix::net::UnixStream::pair()?;
        Ok((Self { fd: one.into() }, Self { fd: other.into() }))
    }

    /// Another descriptor of the same socket.
    ///
    /// # Errors
    /// When the process is out of descriptors.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { fd: self.fd.try_clone()? })
    }

    /// Asks the system for a large send buffer; what it grants is its own matter.
    pub fn enlarge_send_buffer(&self) {
        let _ = rustix::net::sockopt::set_socket_send_buffer_size(&self.fd, SEND_BUFFER_BYTES);
    }

    /// Makes sure that what comes next will be noticed: here the system sees to it.
    pub fn expect_more(&self) {}

    /// Waits for what comes next where that is cheaper than to let a poller wait: never so here.
    ///
    /// # Errors
    /// None here.
    pub fn stay(&self) -> io::Result<bool> {
        Ok(false)
    }

    /// Makes who stays with this stream look up: nobody does here.
    pub fn nudge(&self) {}

    /// Whether all that was written has left this process: here it has, once it is written.
    ///
    /// # Errors
    /// None here.
    pub fn is_written(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Ends what is under way in this process, so that another may go on, and returns the bytes
    /// that were read and not taken: none here.
    ///
    /// # Errors
    /// None here.
    pub fn settle(&self) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    /// Whether the peer has closed and nothing is left to read. Takes nothing.
    ///
    /// # Errors
    /// As `recv(2)`.
    pub fn has_ended(&self) -> io::Result<bool> {
        let mut byte = [0; 1];
        let flags = RecvFlags::DONTWAIT | RecvFlags::PEEK;
        match retry(|| rustix::net::recv(&self.fd, &mut byte, flags)) {
            Ok((_, count)) => Ok(count == 0),
            Err(Errno::AGAIN) => Ok(false),
            Err(Errno::CONNRESET) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads what is there; `Ok(None)` when nothing is, `Ok(Some(0))` at the end.
    ///
    /// # Errors
    /// As `recv(2)`; a reset by the peer reads as the end.
    pub fn try_read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        match retry(|| rustix::net::recv(&self.fd, &mut *buffer, RecvFlags::DONTWAIT)) {
            Ok((_, count)) => Ok(Some(count)),
            Err(Errno::AGAIN) => Ok(None),
            Err(Errno::CONNRESET) => Ok(Some(0)),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes as much as fits; `Ok(None)` when nothing does.
    ///
    /// # Errors
    /// As `sendmsg(2)`; `BrokenPipe` or `ConnectionReset` when the peer has gone. No SIGPIPE.
    pub fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<Option<usize>> {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        let mut none = rustix::net::SendAncillaryBuffer::default();
        match retry(|| rustix::net::sendmsg(&self.fd, slices, &mut none, flags)) {
            Ok(count) => Ok(Some(count)),
            Err(Errno::AGAIN) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until the stream can be read (`read`) or written (`write`), or for `timeout`.
    ///
    /// # Errors
    /// As `poll(2)`.
    pub fn wait(&self, read: bool, write: bool, timeout: Option<Duration>) -> io::Result<Ready> {
        let mut flags = PollFlags::empty();
        flags.set(PollFlags::IN, read);
        flags.set(PollFlags::OUT, write);
        let mut fds = [PollFd::new(&self.fd, flags)];
        let timeout = timeout.map(timespec);
        retry(|| poll(&mut fds, timeout.as_ref()))?;
        let found = fds[0].revents();
        let trouble = found.intersects(PollFlags::ERR | PollFlags::HUP);
        Ok(Ready {
            readable: read && (found.contains(PollFlags::IN) || trouble),
            writable: write && (found.contains(PollFlags::OUT) || trouble),
        })
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
        Ok(())
    }

    /// Whether one direction can end while the other goes on.
    pub fn ends_by_halves(&self) -> bool {
        true
    }

    /// Whether no thread may read while another writes.
    pub fn takes_turns(&self) -> bool {
        false
    }

    /// Ends the writing direction: the peer reads what was sent, then the end.
    pub fn shutdown_write(&self) {
        // It may be shut already.
        let _ = rustix::net::shutdown(&self.fd, Shutdown::Write);
    }

    /// Ends both directions for every holder of the socket.
    pub fn shutdown(&self) {
        // It may be shut already.
        let _ = rustix::net::shutdown(&self.fd, Shutdown::Both);
    }

    /// Ends both directions for every holder, although some may go on for long.
    pub fn cut(&self) {
        self.shutdown();
    }
}

/// A duration as the system wants it.
pub(super) fn timespec(duration: Duration) -> Timespec {
    Timespec {
        tv_sec: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: duration.subsec_nanos().into(),
    }
}
