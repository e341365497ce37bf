//! Owns what descriptor 0 is when a web server or a process manager started us.
//!
//! Does not decide what to do with it.

use super::listener::Listener;
use super::stream::Stream;
use rustix::io::Errno;
use rustix::net::{SocketType, sockopt};
use std::io;
use std::os::fd::{AsFd, OwnedFd};

/// What descriptor 0 turned out to be.
#[derive(Debug)]
pub enum Inherited {
    /// A connected stream, as IIS's pipe is: one web server, one request at a time.
    Connected(Stream),
    /// A listening socket, as lighttpd, mod_fcgid, spawn-fcgi and `cgi-fcgi -start` give.
    Listening(Listener),
    /// A terminal: a person started us.
    Terminal,
    /// Something else, or nothing: a file, an anonymous pipe, `/dev/null`, closed.
    Other,
}

/// Takes descriptor 0 over, leaving `/dev/null` in its place, so that no child process and no
/// stray read of "standard input" can touch the web server's bytes.
///
/// # Errors
/// When the system refuses to duplicate the descriptor.
pub fn take() -> io::Result<Inherited> {
    let stdin = std::io::stdin();
    let is_listening = match sockopt::socket_acceptconn(stdin.as_fd()) {
        Ok(is_listening) => is_listening,
        Err(Errno::NOTSOCK | Errno::BADF) => {
            let is_terminal = rustix::termios::isatty(stdin.as_fd());
            return Ok(if is_terminal { Inherited::Terminal } else { Inherited::Other });
        }
        Err(error) => return Err(error.into()),
    };
    if !is_listening && sockopt::socket_type(stdin.as_fd())? != SocketType::STREAM {
        return Ok(Inherited::Other);
    }
    let fd = take_descriptor_0()?;
    Ok(if is_listening {
        Inherited::Listening(Listener::try_from(fd)?)
    } else {
        Inherited::Connected(Stream::new(fd)?)
    })
}

/// Moves descriptor 0 out of the way, whatever it is, and puts `/dev/null` there.
///
/// # Errors
/// When the system refuses to duplicate the descriptor.
pub fn take_descriptor_0() -> io::Result<OwnedFd> {
    let fd = rustix::io::fcntl_dupfd_cloexec(std::io::stdin().as_fd(), 3)?;
    let null = std::fs::File::open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    Ok(fd)
}
