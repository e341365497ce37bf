//! Owns where gates find their worker: a listening socket at a private path.
//!
//! Does not own the path (`private`).

use super::handover::{Channel, Gift, socket};
use super::retry;
use rustix::net::{SocketAddrUnix, SocketFlags};
use rustix::process::Signal;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Where gates find their worker: a listening socket at a private path.
#[derive(Debug)]
pub struct Rendezvous {
    fd: OwnedFd,
}

/// Gates that may wait to be accepted: IIS starts at most some hundreds at once.
const BACKLOG: i32 = 512;

impl Rendezvous {
    /// Waits for the next gate. A peer of another user is turned away.
    ///
    /// # Errors
    /// As `accept(2)`.
    pub fn accept(&self) -> io::Result<Channel> {
        loop {
            let fd = retry(|| rustix::net::accept_with(&self.fd, SocketFlags::CLOEXEC))?;
            let peer = rustix::net::sockopt::socket_peercred(&fd)?;
            if peer.uid == rustix::process::geteuid() {
                return Ok(Channel::new(fd));
            }
            log::warn!("a process of another user ({:?}) was turned away", peer.uid);
        }
    }

    /// Stops listening: a waiting [`Self::accept`] fails, gates that wait are told at once.
    pub fn shutdown(&self) {
        let _ = rustix::net::shutdown(&self.fd, rustix::net::Shutdown::Both);
    }

    /// Ends this process at once, and all that it started, if it has a process group of its own.
    pub fn end_all(&self) {
        end_this_process();
    }
}

/// Ends this process at once, and all that it started, if it has a process group of its own.
pub fn end_this_process() {
    let ours = rustix::process::getpid();
    if rustix::process::getpgrp() == ours {
        let _ = rustix::process::kill_process_group(ours, Signal::KILL);
    }
    let _ = rustix::process::kill_process(ours, Signal::KILL);
}

impl AsFd for Rendezvous {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// Listens at a path, for a worker that is about to be started; a file that is in the way is
/// removed, so hold the site's lock.
///
/// # Errors
/// As `bind(2)`.
pub fn bind(path: &Path) -> io::Result<ForChild> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let fd = socket()?;
    rustix::net::bind(&fd, &SocketAddrUnix::new(path)?)?;
    rustix::net::listen(&fd, BACKLOG)?;
    Ok(ForChild { fd })
}

/// What a child is started with, as its descriptor 0: a rendezvous, or a channel's end.
#[derive(Debug)]
pub struct ForChild {
    fd: OwnedFd,
}

impl From<Gift> for ForChild {
    fn from(fd: Gift) -> Self {
        Self { fd }
    }
}

impl ForChild {
    /// Before the child is started.
    ///
    /// # Errors
    /// When the system is out of descriptors.
    pub fn prepare(&self, command: &mut Command) -> io::Result<()> {
        command.stdin(Stdio::from(self.fd.try_clone()?));
        Ok(())
    }

    /// As soon as it is: nothing is left to do here.
    ///
    /// # Errors
    /// None here.
    pub fn give_to(self, _child: &mut Child) -> io::Result<()> {
        Ok(())
    }
}

/// What a worker was started with.
#[derive(Debug)]
pub enum Started {
    /// Gates will come.
    ByGate(Rendezvous),
    /// One channel, to a supervisor.
    BySupervisor(Channel),
}

/// Takes over what a gate or a supervisor gave as descriptor 0.
///
/// # Errors
/// When the system is out of descriptors.
pub fn started() -> io::Result<Started> {
    let fd = super::inherited::take_descriptor_0()?;
    let is_listening = rustix::net::sockopt::socket_acceptconn(&fd).unwrap_or(false);
    Ok(if is_listening {
        Started::ByGate(Rendezvous { fd })
    } else {
        Started::BySupervisor(Channel::new(fd))
    })
}

/// A channel of the end that [`Channel::pair`] makes for a child.
///
/// # Errors
/// None here.
pub fn channel(gift: Gift) -> io::Result<Channel> {
    Ok(Channel::new(gift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rendezvous_is_found_by_its_path() {
        let _no_fork = crate::FORKING.read();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("r.sock");
        assert_eq!(Channel::connect(&path).expect_err("nobody").kind(), io::ErrorKind::NotFound);
        let rendezvous = Rendezvous { fd: bind(&path).expect("bound").fd };
        let gate = Channel::connect(&path).expect("connected");
        gate.send(b"hello", &[]).expect("sent");
        let worker = rendezvous.accept().expect("accepted");
        assert_eq!(worker.receive(None).expect("received").expect("a message").bytes, b"hello");
        drop(rendezvous);
        let refused = Channel::connect(&path).expect_err("dead");
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }
}
