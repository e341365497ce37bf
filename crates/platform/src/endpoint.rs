//! Owns where connections come from: endpoint names (`unix:PATH`, `tcp:HOST:PORT`), listening
//! sockets, accepting.
//!
//! Does not own inherited sockets (`inherited`) beyond wrapping them.

use crate::retry;
use crate::stream::Stream;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::SocketFlags;
use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A Unix socket at a path.
    Unix(PathBuf),
    /// A TCP address, `HOST:PORT`.
    Tcp(String),
}

/// Why a word is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseEndpointError(String);

impl fmt::Display for ParseEndpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an endpoint: {}: expected unix:PATH or tcp:HOST:PORT", self.0)
    }
}

impl std::error::Error for ParseEndpointError {}

impl FromStr for Endpoint {
    type Err = ParseEndpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseEndpointError(text.to_owned());
        match text.split_once(':').ok_or_else(error)? {
            ("unix", path) if !path.is_empty() => Ok(Self::Unix(path.into())),
            ("tcp", address) => {
                let (host, port) = address.rsplit_once(':').ok_or_else(error)?;
                port.parse::<u16>().map_err(|_| error())?;
                if host.is_empty() { Err(error()) } else { Ok(Self::Tcp(address.to_owned())) }
            }
            _ => Err(error()),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp:{address}"),
        }
    }
}

impl Endpoint {
    /// Listens. A dead socket file in the way is replaced, a living one is respected.
    ///
    /// # Errors
    /// `AddrInUse` when another process listens there; as the system's otherwise.
    pub fn listen(&self) -> io::Result<Listener> {
        let fd: OwnedFd = match self {
            Self::Tcp(address) => std::net::TcpListener::bind(address)?.into(),
            Self::Unix(path) => {
                let is_socket = std::fs::symlink_metadata(path)
                    .is_ok_and(|metadata| metadata.file_type().is_socket());
                if is_socket {
                    if UnixStream::connect(path).is_ok() {
                        let message = format!("another process listens on {}", path.display());
                        return Err(io::Error::new(io::ErrorKind::AddrInUse, message));
                    }
                    std::fs::remove_file(path)?;
                }
                UnixListener::bind(path)?.into()
            }
        };
        // std's backlog of 128 is small for a web server that opens hundreds at once; listening
        // again only changes it.
        rustix::net::listen(&fd, BACKLOG)?;
        Listener::try_from(fd)
    }
}

/// Connections that may wait to be accepted; the system caps it at `somaxconn`.
const BACKLOG: i32 = 1024;

/// A listening stream socket. Accepting never blocks.
#[derive(Debug)]
pub struct Listener {
    fd: OwnedFd,
}

impl TryFrom<OwnedFd> for Listener {
    type Error = io::Error;

    /// Takes a listening socket over. It is made non-blocking: several processes may accept from
    /// it, and whoever comes second must not hang.
    fn try_from(fd: OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&fd, true)?;
        Ok(Self { fd })
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Listener {
    /// Another descriptor of the same socket.
    ///
    /// # Errors
    /// When the process is out of descriptors.
    pub fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { fd: self.fd.try_clone()? })
    }

    /// Takes a waiting connection, if there is one.
    ///
    /// # Errors
    /// As `accept(2)`; running out of descriptors among them.
    pub fn try_accept(&self) -> io::Result<Option<Stream>> {
        loop {
            match retry(|| rustix::net::accept_with(&self.fd, SocketFlags::CLOEXEC)) {
                Ok(fd) => return Ok(Some(Stream::from(fd))),
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
        let timeout = crate::stream::timespec(timeout);
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
    use super::*;

    #[test]
    fn endpoints_read_and_print_alike() {
        for text in ["unix:/run/a b.sock", "tcp:127.0.0.1:9000", "tcp:[::1]:0"] {
            assert_eq!(text.parse::<Endpoint>().expect("an endpoint").to_string(), text);
        }
        for text in ["", "unix:", "tcp:9000", "tcp:host:x", "tcp::1", "pipe:x", "/run/x.sock"] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }

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
