//! Owns the channel between gate and worker: messages that keep their borders and may carry
//! descriptors (`SCM_RIGHTS` over a `SOCK_SEQPACKET` socket).
//!
//! Does not know what the messages mean: see the gate's `control`.

use super::listener::Listener;
use super::retry;
use super::status_cell::StatusCell;
use super::stream::Stream;
use crate::message::{HANDLES_MAX, MESSAGE_BYTES_MAX};
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

/// What travels: a descriptor that is the receiver's own.
pub type Gift = OwnedFd;

/// What can be given.
pub trait Give {
    /// Its descriptor.
    fn give(&self) -> BorrowedFd<'_>;
}

impl Give for Stream {
    fn give(&self) -> BorrowedFd<'_> {
        self.as_fd()
    }
}

impl Give for Listener {
    fn give(&self) -> BorrowedFd<'_> {
        self.as_fd()
    }
}

impl Give for StatusCell {
    fn give(&self) -> BorrowedFd<'_> {
        self.as_fd()
    }
}

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
    pub gifts: Vec<Gift>,
}

impl AsFd for Channel {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

impl Channel {
    pub(super) fn new(fd: OwnedFd) -> Self {
        Self { fd }
    }

    /// Two ends joined: ours, and one for a child to inherit.
    ///
    /// # Errors
    /// When the process is out of descriptors.
    pub fn pair() -> io::Result<(Self, Gift)> {
        let (a, b) = rustix::net::socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        Ok((Self { fd: a }, b))
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
    pub fn send(&self, bytes: &[u8], gifts: &[&dyn Give]) -> io::Result<()> {
        if bytes.len() > MESSAGE_BYTES_MAX || gifts.len() > HANDLES_MAX {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "message over its bounds"));
        }
        let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(HANDLES_MAX))];
        let mut control = SendAncillaryBuffer::new(&mut room);
        let descriptors: Vec<_> = gifts.iter().map(|gift| gift.give()).collect();
        if !descriptors.is_empty() {
            control.push(SendAncillaryMessage::ScmRights(&descriptors));
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
            let timeout = super::stream::timespec(timeout);
            if retry(|| poll(&mut fds, Some(&timeout)))? == 0 {
                return Err(io::ErrorKind::TimedOut.into());
            }
        }
        let mut message = Message { bytes: vec![0; MESSAGE_BYTES_MAX], ..Message::default() };
        let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(HANDLES_MAX))];
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
                message.gifts.extend(descriptors);
            }
        }
        if received.bytes == 0 {
            return Ok(None);
        }
        message.bytes.truncate(received.bytes);
        Ok(Some(message))
    }

    /// Ends the channel for both sides.
    pub fn shutdown(&self) {
        let _ = rustix::net::shutdown(&self.fd, rustix::net::Shutdown::Both);
    }
}

pub(super) fn socket() -> io::Result<OwnedFd> {
    let (family, kind) = (AddressFamily::UNIX, SocketType::SEQPACKET);
    Ok(rustix::net::socket_with(family, kind, SocketFlags::CLOEXEC, None)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptors_travel_with_their_message() {
        let _no_fork = crate::FORKING.read();
        let (giver, taker) = Channel::pair().expect("a pair");
        let taker = Channel::new(taker);
        let (near, far) = Stream::pair().expect("a pair");
        giver.send(b"take this", &[&far]).expect("sent");
        drop(far);
        let message = taker.receive(None).expect("received").expect("not the end");
        assert_eq!(message.bytes, b"take this");
        let [fd] = <[OwnedFd; 1]>::try_from(message.gifts).expect("one descriptor");
        Stream::new(fd).expect("a stream").write_all(b"through").expect("written");
        let mut text = [0; 8];
        assert_eq!(near.try_read(&mut text).expect("read"), Some(7));
        assert_eq!(&text[..7], b"through");
    }

    #[test]
    fn the_end_and_the_wait_are_told_apart() {
        let _no_fork = crate::FORKING.read();
        let (giver, taker) = Channel::pair().expect("a pair");
        let taker = Channel::new(taker);
        let waited = taker.receive(Some(Duration::from_millis(1)));
        assert_eq!(waited.expect_err("nothing came").kind(), io::ErrorKind::TimedOut);
        drop(giver);
        assert!(taker.receive(None).expect("the end").is_none());
    }
}
