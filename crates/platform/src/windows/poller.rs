//! Owns waiting for many streams from many threads: each event wakes one thread.
//!
//! Does not own the streams or what is done with them.
//!
//! One thread at a time, the leader, waits for the events of all; who comes meanwhile waits for the
//! leader's place. A leader that was woken serves at once, without handing over what it learnt.

use super::apart::Apart;
use super::event::{Event, WAIT_MAX, wait_any};
use super::source::{News, Source};
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use windows_sys::Win32::Foundation::HANDLE;

/// Readiness for reading, shared by threads.
#[derive(Debug)]
pub struct Poller(Arc<Shared>);

/// What woke a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// The stream of that token has bytes, connections or its end.
    Ready {
        /// As given to [`Poller::add`].
        token: u64,
        /// The peer will send no more, and nothing else will tell. Never so here: the end is told
        /// by a read of its own.
        hangup: bool,
    },
    /// A [`Waker`] was used; it stays used.
    Waker,
    /// The timeout passed.
    Timeout,
}

/// Wakes every thread that waits or will ever wait on its [`Poller`].
#[derive(Clone, Debug)]
pub struct Waker(Arc<Shared>);

#[derive(Debug)]
pub(super) struct Shared {
    /// What is waited for has changed, or something was told.
    changed: Event,
    state: Mutex<State>,
    /// The leader's place is free.
    is_free: Condvar,
}

#[derive(Debug, Default)]
struct State {
    sources: Vec<Entry>,
    told: VecDeque<u64>,
    is_awake: bool,
    has_leader: bool,
    /// The leader waits for something else than `sources` says.
    is_stale: bool,
    /// The source that woke a leader last: the next wait begins behind it, so that each gets its
    /// turn.
    last: usize,
}

#[derive(Debug)]
struct Entry {
    token: u64,
    news: News,
    is_paused: bool,
    /// Beyond what one wait takes: a thread of the system's waits for it.
    apart: Option<Apart>,
}

/// Sources that the leader itself waits for; one place is for `changed`.
const DIRECT_MAX: usize = WAIT_MAX - 1;

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the leader look again.
    fn stir(&self, state: &mut State) {
        state.is_stale = true;
        if state.has_leader {
            self.changed.set();
        } else {
            self.is_free.notify_one();
        }
    }

    pub(super) fn tell(&self, token: u64) {
        let mut state = self.lock();
        state.told.push_back(token);
        self.stir(&mut state);
    }
}

impl Poller {
    /// A poller that waits for nothing yet.
    ///
    /// # Errors
    /// When the system is out of events.
    pub fn new() -> io::Result<Self> {
        let (state, is_free) = (Mutex::default(), Condvar::new());
        Ok(Self(Arc::new(Shared { changed: Event::automatic()?, state, is_free })))
    }

    /// The waker of this poller.
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.0))
    }

    /// Begins to report a source. What is readable already is reported, too.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add(&self, source: &impl Source, token: u64) -> io::Result<()> {
        let news = source.news();
        let mut state = self.0.lock();
        let is_direct = state.sources.iter().filter(|entry| entry.apart.is_none()).count();
        let apart = if is_direct < DIRECT_MAX {
            None
        } else {
            Some(Apart::wait(&self.0, news.clone(), token)?)
        };
        state.sources.push(Entry { token, news, is_paused: false, apart });
        self.0.stir(&mut state);
        drop(state);
        source.expect();
        Ok(())
    }

    /// As [`Self::add`], and reports the source once although nothing may have come: for a stream
    /// from which bytes were read before.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_and_tell(&self, source: &impl Source, token: u64) -> io::Result<()> {
        self.add(source, token)?;
        self.0.tell(token);
        Ok(())
    }

    /// As [`Self::add`]: a listener or channel tells again as long as there is something.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn add_level(&self, source: &impl Source, token: u64) -> io::Result<()> {
        self.add(source, token)
    }

    /// Reports nothing of a stream until [`Self::resume`]. `false` when that was so already.
    ///
    /// # Errors
    /// None here.
    pub fn pause(&self, _source: &impl Source, token: u64) -> io::Result<bool> {
        Ok(self.set_paused(token, true))
    }

    /// Reports it again; what came meanwhile counts.
    ///
    /// # Errors
    /// None here.
    pub fn resume(&self, source: &impl Source, token: u64) -> io::Result<()> {
        if self.set_paused(token, false) && source.has_come() {
            self.0.tell(token);
        }
        Ok(())
    }

    /// Whether it was otherwise before.
    fn set_paused(&self, token: u64, is_paused: bool) -> bool {
        let mut state = self.0.lock();
        let Some(entry) = state.sources.iter_mut().find(|entry| entry.token == token) else {
            return false;
        };
        let was = std::mem::replace(&mut entry.is_paused, is_paused);
        if was && !is_paused {
            self.0.stir(&mut state);
        }
        was != is_paused
    }

    /// Ends reporting.
    pub fn remove(&self, source: &impl Source) {
        let event = source.news().event;
        let mut state = self.0.lock();
        let Some(at) = state.sources.iter().position(|e| Arc::ptr_eq(&e.news.event, &event)) else {
            return;
        };
        let entry = state.sources.swap_remove(at);
        // The leader's copy keeps the event open; its news would be of no token.
        state.is_stale = true;
        drop(state);
        drop(entry);
    }

    /// Waits for one event.
    ///
    /// # Errors
    /// As `WaitForMultipleObjects`.
    pub fn wait(&self, timeout: Option<Duration>) -> io::Result<Woken> {
        let shared = &*self.0;
        let end = timeout.map(|timeout| Instant::now() + timeout);
        let left = || end.map(|end| end.saturating_duration_since(Instant::now()));
        let mut state = shared.lock();
        loop {
            if state.is_awake {
                shared.is_free.notify_one();
                return Ok(Woken::Waker);
            }
            if let Some(token) = state.told.pop_front() {
                return Ok(Woken::Ready { token, hangup: false });
            }
            if !state.has_leader {
                break;
            }
            state = match left() {
                None => shared.is_free.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => return Ok(Woken::Timeout),
                Some(left) => {
                    let waited = shared.is_free.wait_timeout(state, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        state.has_leader = true;
        let result = self.lead(state, left);
        let mut state = shared.lock();
        state.has_leader = false;
        shared.is_free.notify_one();
        drop(state);
        result
    }

    /// Waits for all sources at once.
    fn lead<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        left: impl Fn() -> Option<Duration>,
    ) -> io::Result<Woken> {
        let shared = &*self.0;
        let mut handles: Vec<HANDLE> = Vec::new();
        let mut news: Vec<(u64, News)> = Vec::new();
        loop {
            if state.is_awake {
                return Ok(Woken::Waker);
            }
            if let Some(token) = state.told.pop_front() {
                return Ok(Woken::Ready { token, hangup: false });
            }
            state.is_stale = false;
            handles.clear();
            news.clear();
            handles.push(shared.changed.raw());
            let (before, after) = state.sources.split_at(state.last.min(state.sources.len()));
            for entry in after.iter().chain(before) {
                if !entry.is_paused && entry.apart.is_none() {
                    handles.push(entry.news.event.raw());
                    news.push((entry.token, entry.news.clone()));
                }
            }
            drop(state);
            let woken = wait_any(&handles, left())?;
            state = shared.lock();
            let Some(index) = woken else {
                return Ok(if state.is_awake { Woken::Waker } else { Woken::Timeout });
            };
            let Some(index) = index.checked_sub(1) else { continue };
            let (token, of) = &news[index];
            if let Some(waiting) = &of.waiting {
                waiting.pass_on();
            }
            let at = state.sources.iter().position(|entry| entry.token == *token);
            let Some(at) = at.filter(|at| Arc::ptr_eq(&state.sources[*at].news.event, &of.event))
            else {
                continue;
            };
            if !state.sources[at].is_paused {
                state.last = at + 1;
                return Ok(Woken::Ready { token: *token, hangup: false });
            }
        }
    }
}

impl Waker {
    /// Wakes everyone, for good.
    pub fn wake(&self) {
        let mut state = self.0.lock();
        state.is_awake = true;
        self.0.changed.set();
        self.0.is_free.notify_all();
        drop(state);
    }
}
