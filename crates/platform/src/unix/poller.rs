//! Owns waiting for many sockets from many threads: each event wakes one thread.
//!
//! Does not own the sockets or what is done with them.

use super::retry;
use rustix::event::{EventfdFlags, epoll, eventfd};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

/// Edge-triggered readiness for reading, shared by threads. (Edges, not levels: a connection that
/// one thread serves must not wake the others, and no call is needed to arm it again.)
#[derive(Debug)]
pub struct Poller {
    epoll: OwnedFd,
    waker: Arc<OwnedFd>,
}

/// What woke a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// The socket of that token has bytes or connections; with `hangup`, its end came too.
    Ready {
        /// As given to [`Poller::add`].
        token: u64,
        /// The peer will send no more: read to the end now, no other edge will tell.
        hangup: bool,
    },
    /// A [`Waker`] was used; it stays used.
    Waker,
    /// The timeout passed.
    Timeout,
}

/// Wakes every thread that waits or will ever wait on its [`Poller`].
#[derive(Clone, Debug)]
pub struct Waker(Arc<OwnedFd>);

/// The token of the waker.
const WAKER: u64 = u64::MAX;

impl Poller {
    /// A poller that waits for nothing yet.
    ///
    /// # Errors
    /// When the process is out of descriptors.
    pub fn new() -> io::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let waker = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        // Level-triggered and never read: once used it wakes everyone.
        epoll::add(&epoll, &*waker, epoll::EventData::new_u64(WAKER), epoll::EventFlags::IN)?;
        Ok(Self { epoll, waker })
    }

    /// The waker of this poller.
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.waker))
    }

    /// Begins to report edges of a stream. What is readable already counts as an edge.
    ///
    /// # Errors
    /// As `epoll_ctl(2)`.
    pub fn add(&self, source: &impl AsFd, token: u64) -> io::Result<()> {
        Ok(epoll::add(&self.epoll, source, epoll::EventData::new_u64(token), edges())?)
    }

    /// As [`Self::add`], and reports the stream once although it may have nothing to read: for one
    /// from which bytes were read before.
    ///
    /// # Errors
    /// As `epoll_ctl(2)`.
    pub fn add_and_tell(&self, source: &impl AsFd, token: u64) -> io::Result<()> {
        let data = epoll::EventData::new_u64(token);
        // A stream is writable at once, which is an edge.
        Ok(epoll::add(&self.epoll, source, data, edges() | epoll::EventFlags::OUT)?)
    }

    /// Reports a source for as long as it is readable, not only at edges: for listeners and for what
    /// one thread alone waits for.
    ///
    /// Listeners are not told to one waiting process alone (`EPOLLEXCLUSIVE`): the one that is
    /// woken may be about to let the listener go, and then nobody else would know of the connection.
    ///
    /// # Errors
    /// As `epoll_ctl(2)`.
    pub fn add_level(&self, source: &impl AsFd, token: u64) -> io::Result<()> {
        let data = epoll::EventData::new_u64(token);
        Ok(epoll::add(&self.epoll, source, data, epoll::EventFlags::IN)?)
    }

    /// Reports nothing of a stream, but for a hang-up, until [`Self::resume`]. `false` when that was
    /// so already.
    ///
    /// # Errors
    /// As `epoll_ctl(2)`.
    pub fn pause(&self, source: &impl AsFd, token: u64) -> io::Result<bool> {
        let data = epoll::EventData::new_u64(token);
        // Hang-ups cannot be silenced; as an edge they come once.
        epoll::modify(&self.epoll, source, data, epoll::EventFlags::ET)?;
        Ok(true)
    }

    /// Reports edges again; what came meanwhile counts as one.
    ///
    /// # Errors
    /// As `epoll_ctl(2)`.
    pub fn resume(&self, source: &impl AsFd, token: u64) -> io::Result<()> {
        Ok(epoll::modify(&self.epoll, source, epoll::EventData::new_u64(token), edges())?)
    }

    /// Ends reporting. Needed because other holders of the socket may keep it alive.
    pub fn remove(&self, source: &impl AsFd) {
        // It may have been removed already.
        let _ = epoll::delete(&self.epoll, source);
    }

    /// Waits for one event.
    ///
    /// # Errors
    /// As `epoll_wait(2)`. An interrupting signal is a [`Woken::Timeout`].
    pub fn wait(&self, timeout: Option<Duration>) -> io::Result<Woken> {
        let mut events = [epoll::Event {
            flags: epoll::EventFlags::empty(),
            data: epoll::EventData::new_u64(0),
        }];
        let timeout = timeout.map(super::stream::timespec);
        let count = match epoll::wait(&self.epoll, &mut events, timeout.as_ref()) {
            Ok(count) => count,
            Err(rustix::io::Errno::INTR) => 0,
            Err(error) => return Err(error.into()),
        };
        if count == 0 {
            return Ok(Woken::Timeout);
        }
        let (flags, data) = (events[0].flags, events[0].data);
        let end = epoll::EventFlags::RDHUP | epoll::EventFlags::HUP | epoll::EventFlags::ERR;
        Ok(match data.u64() {
            WAKER => Woken::Waker,
            token => Woken::Ready { token, hangup: flags.intersects(end) },
        })
    }
}

fn edges() -> epoll::EventFlags {
    epoll::EventFlags::IN | epoll::EventFlags::RDHUP | epoll::EventFlags::ET
}

impl Waker {
    /// Wakes everyone, for good.
    pub fn wake(&self) {
        // It fails only when the counter is at its top, and then it is awake.
        let _ = retry(|| rustix::io::write(&*self.0, &1u64.to_ne_bytes()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    #[test]
    fn an_edge_is_told_once_and_a_pause_holds_it_back() {
        let _no_fork = crate::FORKING.read();
        let poller = Poller::new().expect("a poller");
        let (mut peer, stream) = UnixStream::pair().expect("a pair");
        poller.add(&stream, 7).expect("added");
        let now = Some(Duration::ZERO);
        assert_eq!(poller.wait(now).expect("waited"), Woken::Timeout);
        peer.write_all(b"x").expect("written");
        let ready = Woken::Ready { token: 7, hangup: false };
        assert_eq!(poller.wait(now).expect("waited"), ready);
        assert_eq!(poller.wait(now).expect("waited"), Woken::Timeout);
        poller.pause(&stream, 7).expect("paused");
        peer.write_all(b"y").expect("written");
        assert_eq!(poller.wait(now).expect("waited"), Woken::Timeout);
        poller.resume(&stream, 7).expect("resumed");
        assert_eq!(poller.wait(now).expect("waited"), ready);
        drop(peer);
        assert_eq!(poller.wait(now).expect("waited"), Woken::Ready { token: 7, hangup: true });
        poller.waker().wake();
        assert_eq!(poller.wait(now).expect("waited"), Woken::Waker);
        assert_eq!(poller.wait(None).expect("waited"), Woken::Waker);
    }
}
