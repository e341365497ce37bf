//! Owns the channel between gate and worker: messages that keep their borders and may carry
//! descriptors (`SCM_RIGHTS` over a `SOCK_SEQPACKET` socket).
//!
//! Does not know what the messages mean: see the gate's `control`.

use crate::retry;
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketAddrUnix, SocketFlags, SocketType,
};
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::time::Duration;

/// Most bytes of one message: params that the gate had to read before it knew the site (64 KiB,
/// one read) and a few more. Linux lets a message be as large as the send buffer, 208 KiB.
pub const MESSAGE_BYTES_MAX: usize = 96 * 1024;

/// Most descriptors in one message: a stream and its status cell.
pub const DESCRIPTORS_MAX: usize = 2;

/// One end of a channel.
#[derive(Debug)]
pub struct Channel {
    fd: OwnedFd,
}

/// A message and what came with it.
#[derive(Debug, Default)]
pub struct Message {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The descriptors, now ours.
    pub descriptors: Vec<OwnedFd>,
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl From<OwnedFd> for Channel {
    fn from(fd: OwnedFd) -> Self {
        Self { fd }
    }
}

impl From<Channel> for OwnedFd {
    fn from(channel: Channel) -> Self {
        channel.fd
    }
}

impl Channel {
    /// Two ends joined.
    ///
    /// # Errors
    /// When the process is out of descriptors.
    pub fn pair() -> io::Result<(Self, Self)> {
        let (a, b) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok((Self { fd: a }, Self { fd: b }))
    }

    /// Connects to a [`Rendezvous`].
    ///
    /// # Errors
    /// `NotFound` or `ConnectionRefused` when nobody is there; `PermissionDenied` when the socket
    /// belongs to someone else.
    pub fn connect(path: &Path) -> io::Result<Self> {
        let fd = socket()?;
        retry(|| rustix::net::connect(&fd, &SocketAddrUnix::new(path)?))?;
        let peer = rustix::net::sockopt::socket_peercred(&fd)?;
        if peer.uid != rustix::process::geteuid() {
            let message = format!("{} is held by another user", path.display());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, message));
        }
        Ok(Self { fd })
    }

    /// Sends one message with its descriptors.
    ///
    /// # Errors
    /// `BrokenPipe` when the other end has gone; `InvalidInput` for a message over the bounds.
    pub fn send(&self, bytes: &[u8], descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        if bytes.len() > MESSAGE_BYTES_MAX || descriptors.len() > DESCRIPTORS_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "message over its bounds"));
        }
        let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
        let mut control = SendAncillaryBuffer::new(&mut room);
        if !descriptors.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        let slices = [IoSlice::new(bytes)];
        retry(|| rustix::net::sendmsg(&self.fd, &slices, &mut control, SendFlags::NOSIGNAL))?;
        Ok(())
    }

    /// Receives one message; `None` when the other end has gone, or `timeout` passed with
    /// [`io::ErrorKind::TimedOut`].
    ///
    /// # Errors
    /// As `recvmsg(2)`.
    pub fn receive(&self, timeout: Option<Duration>) -> io::Result<Option<Message>> {
        if let Some(timeout) = timeout {
            let mut fds = [PollFd::new(&self.fd, PollFlags::IN)];
            let timeout = crate::stream::timespec(timeout);
            if retry(|| poll(&mut fds, Some(&timeout)))? == 0 {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        let mut message = Message { bytes: vec![0; MESSAGE_BYTES_MAX], ..Message::default() };
        let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(DESCRIPTORS_MAX))];
        let mut control = RecvAncillaryBuffer::new(&mut room);
        let received = loop {
            let mut slices = [IoSliceMut::new(&mut message.bytes)];
            let flags = RecvFlags::CMSG_CLOEXEC;
            match rustix::net::recvmsg(&self.fd, &mut slices, &mut control, flags) {
                Err(Errno::INTR) => {}
                Err(Errno::CONNRESET) => return Ok(None),
                other => break other?,
            }
        };
        for part in control.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = part {
                message.descriptors.extend(descriptors);
            }
        }
        if received.bytes == 0 {
            return Ok(None);
        }
        message.bytes.truncate(received.bytes);
        Ok(Some(message))
    }

    /// Whether the other end has gone, without taking a message.
    pub fn is_closed(&self) -> bool {
        let mut byte = [0; 1];
        let flags = RecvFlags::PEEK | RecvFlags::DONTWAIT;
        matches!(rustix::net::recv(&self.fd, &mut byte, flags), Ok((_, 0)) | Err(Errno::CONNRESET))
    }

    /// Ends the channel for both sides.
    pub fn shutdown(&self) {
        let _ = rustix::net::shutdown(&self.fd, rustix::net::Shutdown::Both);
    }
}

fn socket() -> io::Result<OwnedFd> {
    let (family, kind) = (AddressFamily::UNIX, SocketType::SEQPACKET);
    Ok(rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, None)?)
}

/// Where gates find their worker: a listening socket at a private path.
#[derive(Debug)]
pub struct Rendezvous {
    fd: OwnedFd,
}

/// Gates that may wait to be accepted: IIS starts at most some hundreds at once.
const BACKLOG: i32 = 512;

impl Rendezvous {
    /// Listens at a path; a file that is in the way is removed, so hold the site's lock.
    ///
    /// # Errors
    /// As `bind(2)`.
    pub fn bind(path: &Path) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let fd = socket()?;
        rustix::net::bind(&fd, &SocketAddrUnix::new(path)?)?;
        rustix::net::listen(&fd, BACKLOG)?;
        Ok(Self { fd })
    }

    /// Waits for the next gate. A peer of another user is turned away.
    ///
    /// # Errors
    /// As `accept(2)`.
    pub fn accept(&self) -> io::Result<Channel> {
        loop {
            let fd = retry(|| rustix::net::accept_with(&self.fd, SocketFlags::CLOEXEC))?;
            let peer = rustix::net::sockopt::socket_peercred(&fd)?;
            if peer.uid == rustix::process::geteuid() {
                return Ok(Channel { fd });
            }
            log::warn!("a process of another user ({:?}) was turned away", peer.uid);
        }
    }

    /// Stops listening: a waiting [`Self::accept`] fails, gates that wait are told at once.
    pub fn shutdown(&self) {
        let _ = rustix::net::shutdown(&self.fd, rustix::net::Shutdown::Both);
    }
}

impl AsFd for Rendezvous {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl From<OwnedFd> for Rendezvous {
    fn from(fd: OwnedFd) -> Self {
        Self { fd }
    }
}

impl From<Rendezvous> for OwnedFd {
    fn from(rendezvous: Rendezvous) -> Self {
        rendezvous.fd
    }
}

/// Whether a descriptor is a rendezvous (listening) rather than a channel (connected).
pub fn is_rendezvous(fd: &impl AsFd) -> bool {
    rustix::net::sockopt::socket_acceptconn(fd).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

    #[test]
    fn descriptors_travel_with_their_message() {
        let _no_fork = crate::FORKING.read();
        let (giver, taker) = Channel::pair().expect("a pair");
        let (mut near, far) = std::os::unix::net::UnixStream::pair().expect("a pair");
        giver.send(b"take this", &[far.as_fd()]).expect("sent");
        drop(far);
        let message = taker.receive(None).expect("received").expect("not the end");
        assert_eq!(message.bytes, b"take this");
        let [fd] = <[OwnedFd; 1]>::try_from(message.descriptors).expect("one descriptor");
        std::fs::File::from(fd).write_all(b"through").expect("written");
        let mut text = [0; 7];
        near.read_exact(&mut text).expect("read");
        assert_eq!(&text, b"through");
    }

    #[test]
    fn the_end_and_the_wait_are_told_apart() {
        let _no_fork = crate::FORKING.read();
        let (giver, taker) = Channel::pair().expect("a pair");
        let waited = taker.receive(Some(Duration::from_millis(1)));
        assert_eq!(waited.expect_err("nothing came").kind(), io::ErrorKind::TimedOut);
        assert!(!taker.is_closed());
        drop(giver);
        assert!(taker.is_closed());
        assert!(taker.receive(None).expect("the end").is_none());
    }

    #[test]
    fn a_rendezvous_is_found_by_its_path() {
        let _no_fork = crate::FORKING.read();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("r.sock");
        assert_eq!(Channel::connect(&path).expect_err("nobody").kind(), io::ErrorKind::NotFound);
        let rendezvous = Rendezvous::bind(&path).expect("bound");
        let gate = Channel::connect(&path).expect("connected");
        gate.send(b"hello", &[]).expect("sent");
        let worker = rendezvous.accept().expect("accepted");
        assert_eq!(worker.receive(None).expect("received").expect("a message").bytes, b"hello");
        drop(rendezvous);
        let refused = Channel::connect(&path).expect_err("dead");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }
}
