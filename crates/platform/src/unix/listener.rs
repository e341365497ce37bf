//! Owns listening sockets and accepting from them.
//!
//! Does not own endpoint names (`endpoint`).

use super::retry;
use super::stream::Stream;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::SocketFlags;
use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

/// Connections that may wait to be accepted; the system caps it at `somaxconn`.
const BACKLOG: i32 = 1024;

/// A listening stream socket. Accepting never blocks.
#[derive(Debug)]
pub struct Listener {
    fd: OwnedFd,
}

impl TryFrom<TcpListener> for Listener {
    type Error = io::Error;

    /// Takes a listening socket over.
    fn try_from(listener: TcpListener) -> io::Result<Self> {
        Self::listening(listener.into())
    }
}

impl TryFrom<OwnedFd> for Listener {
    type Error = io::Error;

    /// Takes a listening socket over. It is made non-blocking: several processes may accept from
    /// it, and whoever comes second must not hang.
    fn try_from(fd: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        // Accepted sockets inherit it: a peer that is gone without a word is noticed in the end. Other
        // sockets than TCP's have no use for it.
        let _ = rustix::net::sockopt::set_socket_keepalive(&fd, true);
        Ok(Self { fd })
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Listener {
    /// Listens at a path. A dead socket file in the way is replaced, a living one is respected.
    pub(crate) fn at_path(path: &Path) -> io::Result<Self> {
        let is_socket =
            std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket());
        if is_socket {
            if UnixStream::connect(path).is_ok() {
                let message = format!("another process listens on {}", path.display());
                return Err(io::Error::new(io::ErrorKind::AddrInUse, message));
            }
            std::fs::remove_file(path)?;
        }
        Self::listening(UnixListener::bind(path)?.into())
    }

    /// std's backlog of 128 is small for a web server that opens hundreds at once; listening again
    /// only changes it.
    fn listening(fd: OwnedFd) -> io::Result<Self> {
        rustix::net::listen(&fd, BACKLOG)?;
        Self::try_from(fd)
    }

    /// Takes a waiting connection, if there is one.
    ///
    /// # Errors
    /// As `accept(2)`; running out of descriptors among them.
    pub fn try_accept(&self) -> io::Result<Option<Stream>> {
        loop {
            match retry(|| rustix::net::accept_with(&self.fd, SocketFlags::CLOEXEC)) {
                Ok(fd) => return Stream::new(fd).map(Some),
                Err(Errno::AGAIN) => return Ok(None),
                // The peer gave up before it was accepted.
                Err(Errno::CONNABORTED) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits for a connection; `false` when `timeout` passes without one.
    ///
    /// # Errors
    /// As `poll(2)`.
    pub fn wait(&self, timeout: Duration) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.fd, PollFlags::IN)];
        let timeout = super::stream::timespec(timeout);
        Ok(retry(|| poll(&mut fds, Some(&timeout)))? > 0)
    }

    /// The port of a TCP socket.
    pub fn port(&self) -> Option<u16> {
        let address = rustix::net::getsockname(&self.fd).ok()?;
        std::net::SocketAddr::try_from(address).ok().map(|address| address.port())
    }
}

#[cfg(test)]
mod tests {
    use crate::Endpoint;
    use std::io;

    #[test]
    fn a_dead_socket_file_is_replaced_a_living_one_respected() {
        let _no_fork = crate::FORKING.read();
        let folder = tempfile::tempdir().expect("a folder");
        let endpoint = Endpoint::Unix(folder.path().join("a.sock"));
        let first = endpoint.listen().expect("fresh");
        assert_eq!(endpoint.listen().expect_err("in use").kind(), io::ErrorKind::AddrInUse);
        drop(first);
        endpoint.listen().expect("dead");
    }
}
