//! Owns waiting for running workers to tell what becomes of them: they notice the site's file and
//! call the port that stands there. (Their meeting place is private to another user under IIS.)
//!
//! Does not own what is printed about it.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long workers may take to notice: they look once a second.
const NOTICE_TIMEOUT: Duration = Duration::from_secs(3);

/// How often it is looked who calls.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// More is no word of a worker.
const WORDS_BYTES_MAX: u64 = 8192;

/// What became of a worker that ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Another one has taken over.
    Replaced,
    /// It is as it should be.
    Stays,
    /// The other one could not be started, for this reason: it goes on.
    Refused(String),
    /// It has ended, or did not tell any more.
    Ended,
}

/// A port at which workers tell.
#[derive(Debug)]
pub struct Notice {
    listener: TcpListener,
    token: String,
}

impl fmt::Display for Notice {
    /// As it stands in the site's file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.listener.local_addr().map_or(0, |address| address.port());
        write!(f, "tell={port}/{}", self.token)
    }
}

impl Notice {
    /// Opens a port of this machine alone.
    ///
    /// # Errors
    /// When there is none.
    pub fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        // Not a secret: it tells workers' calls from strangers', and one notice from the next.
        let number = || RandomState::new().build_hasher().finish();
        Ok(Self { listener, token: format!("{:016x}{:016x}", number(), number()) })
    }

    /// Waits until each worker that has noticed told what became of it, `most` at most; `told` is
    /// called with the process id and the outcome of each. Tells how many have noticed.
    ///
    /// # Errors
    /// When the port is taken away.
    pub fn wait(&self, most: Duration, mut told: impl FnMut(u32, Outcome)) -> io::Result<usize> {
        let (sender, receiver) = channel();
        let begun = Instant::now();
        let (mut noticed, mut open) = (0, 0);
        loop {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    let (token, sender) = (self.token.clone(), sender.clone());
                    std::thread::Builder::new().name("notice".into()).spawn(move || {
                        listen(stream, &token, most, |word| drop(sender.send(word)));
                    })?;
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            match receiver.recv_timeout(LOOK_EVERY) {
                Ok((_, None)) => {
                    noticed += 1;
                    open += 1;
                }
                Ok((process, Some(outcome))) => {
                    open -= 1;
                    told(process, outcome);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let is_over = open == 0 && begun.elapsed() > NOTICE_TIMEOUT;
                    if is_over || begun.elapsed() > most {
                        return Ok(noticed);
                    }
                }
            }
        }
    }
}

/// Hears one worker out: `TOKEN PID`, then in the end what became of it.
fn listen(stream: TcpStream, token: &str, most: Duration, tell: impl Fn((u32, Option<Outcome>))) {
    let is_set = stream.set_nonblocking(false).and_then(|()| stream.set_read_timeout(Some(most)));
    let mut lines = BufReader::new(stream.take(WORDS_BYTES_MAX)).lines();
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    let process = first.strip_prefix(token).and_then(|rest| rest.trim().parse::<u32>().ok());
    let (Some(process), Ok(())) = (process, is_set) else { return };
    tell((process, None));
    let last = lines.next().and_then(Result::ok).unwrap_or_default();
    tell((
        process,
        Some(match last.split_once(' ').unwrap_or((&last, "")) {
            ("replaced", _) => Outcome::Replaced,
            ("stays", _) => Outcome::Stays,
            ("refused", why) => Outcome::Refused(why.to_owned()),
            _ => Outcome::Ended,
        }),
    ));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn workers_are_heard_and_strangers_are_not() {
        let notice = Notice::open().expect("a port");
        let said = notice.to_string();
        let (port, token) = said["tell=".len()..].split_once('/').expect("both");
        let port: u16 = port.parse().expect("a port");
        let call = |text: String| {
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).expect("open");
            stream.write_all(text.as_bytes()).expect("heard");
        };
        call(format!("{token} 11\nreplaced\n"));
        call(format!("{token} 12\nrefused no module named x\n"));
        call(format!("{token} 13\n"));
        call("GET / HTTP/1.1\r\n\r\n".to_owned());
        call(format!("{token} 14\nstays\n"));
        let mut outcomes = Vec::new();
        let noticed = notice.wait(Duration::from_secs(60), |pid, what| outcomes.push((pid, what)));
        outcomes.sort_by_key(|(pid, _)| *pid);
        assert_eq!(noticed.expect("heard"), 4);
        let refused = Outcome::Refused("no module named x".to_owned());
        let expected = [Outcome::Replaced, refused, Outcome::Ended, Outcome::Stays];
        assert_eq!(outcomes, (11..).zip(expected).collect::<Vec<_>>());
    }
}
