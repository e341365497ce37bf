//! Owns what is known of each helper at the moment, for those who wait for it.
//!
//! Does not change it by itself (`tending` does) and starts nothing.

use super::asking::HelperStatus;
use super::tending::Note;
use crate::control::StartFailure;
use crate::limits::RETRY_AFTER;
use std::sync::mpsc::Sender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How a helper stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has not been ready yet, or is not again.
    Starting,
    /// It is ready.
    Ready,
    /// It has done what it had to do, and is not started again.
    Done,
    /// It cannot be started, for now.
    Failed(StartFailure),
}

/// One helper.
#[derive(Debug)]
struct Post {
    name: String,
    standing: Standing,
    since: Instant,
    is_stopping: bool,
    notes: Sender<Note>,
}

#[derive(Debug, Default)]
struct Posts {
    posts: Vec<Post>,
    /// Why the site's files cannot be followed.
    misfit: Option<StartFailure>,
}

/// All helpers, in their order.
#[derive(Debug)]
pub(super) struct Board {
    posts: Mutex<Posts>,
    changed: Condvar,
    /// For so long nobody hurries one that has failed.
    retry_after: Duration,
}

impl Default for Board {
    fn default() -> Self {
        Board { posts: Mutex::default(), changed: Condvar::default(), retry_after: RETRY_AFTER }
    }
}

impl Posts {
    fn post(&mut self, name: &str) -> Option<&mut Post> {
        self.posts.iter_mut().find(|post| post.name == name)
    }

    fn are_up(&self, posts: &[Post]) -> bool {
        posts.iter().all(|post| matches!(post.standing, Standing::Ready | Standing::Done))
    }
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, Posts> {
        self.posts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, posts: MutexGuard<'a, Posts>) -> MutexGuard<'a, Posts> {
        self.changed.wait(posts).unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a helper behind the others.
    pub(super) fn add(&self, name: &str, notes: Sender<Note>) {
        let (standing, since) = (Standing::Starting, Instant::now());
        let post = Post { name: name.into(), standing, since, is_stopping: false, notes };
        self.lock().posts.push(post);
    }

    /// Puts them in this order.
    pub(super) fn arrange(&self, names: &[&str]) {
        let place = |post: &Post| names.iter().position(|name| *name == post.name);
        self.lock().posts.sort_by_key(place);
        self.changed.notify_all();
    }

    /// Forgets one.
    pub(super) fn remove(&self, name: &str) {
        self.lock().posts.retain(|post| post.name != name);
        self.changed.notify_all();
    }

    /// Tells one to end.
    pub(super) fn stop(&self, name: &str) {
        if let Some(post) = self.lock().post(name) {
            post.is_stopping = true;
            // One that has ended needs not be told.
            let _ = post.notes.send(Note::Stop);
        }
        self.changed.notify_all();
    }

    /// Whether one was told to end.
    pub(super) fn is_stopping(&self, name: &str) -> bool {
        self.lock().post(name).is_none_or(|post| post.is_stopping)
    }

    /// How all of them stand.
    pub(super) fn tell(&self) -> Vec<HelperStatus> {
        let told = |post: &Post| {
            let (state, why) = match &post.standing {
                Standing::Starting => ("starting", String::new()),
                Standing::Ready => ("ready", String::new()),
                Standing::Done => ("done", String::new()),
                Standing::Failed(failure) => ("failed", failure.title.clone()),
            };
            let since = post.since.elapsed().as_secs_f64();
            HelperStatus { name: post.name.clone(), state: state.into(), since, why }
        };
        self.lock().posts.iter().map(told).collect()
    }

    /// Says how one stands.
    pub(super) fn set(&self, name: &str, standing: Standing) {
        if let Some(post) = self.lock().post(name) {
            post.standing = standing;
            post.since = Instant::now();
        }
        self.changed.notify_all();
    }

    /// Says why the site's files cannot be followed, or that they can.
    pub(super) fn set_misfit(&self, misfit: Option<StartFailure>) {
        self.lock().misfit = misfit;
        self.changed.notify_all();
    }

    /// Waits until one stands otherwise than at that time, and tells how, and since when; `None` when it
    /// is no more.
    pub(super) fn await_change(
        &self,
        name: &str,
        known: Option<Instant>,
    ) -> Option<(Standing, Instant)> {
        let mut posts = self.lock();
        loop {
            let post = posts.post(name)?;
            if known != Some(post.since) {
                return Some((post.standing.clone(), post.since));
            }
            posts = self.wait(posts);
        }
    }

    /// Waits until those before one are ready; `false` when it is told to end.
    pub(super) fn await_turn(&self, name: &str) -> bool {
        let mut posts = self.lock();
        loop {
            let Some(place) = posts.posts.iter().position(|post| post.name == name) else {
                return false;
            };
            if posts.posts[place].is_stopping {
                return false;
            }
            if posts.are_up(&posts.posts[..place]) {
                return true;
            }
            posts = self.wait(posts);
        }
    }

    /// Waits until all are ready, or one has failed. One that failed a while ago is tried again now.
    pub(super) fn answer(&self) -> Result<(), StartFailure> {
        let mut posts = self.lock();
        for post in &mut posts.posts {
            if matches!(post.standing, Standing::Failed(_))
                && post.since.elapsed() >= self.retry_after
            {
                post.standing = Standing::Starting;
                let _ = post.notes.send(Note::Hurry);
            }
        }
        loop {
            if let Some(failure) = &posts.misfit {
                return Err(failure.clone());
            }
            let failed = posts.posts.iter().find_map(|post| match &post.standing {
                Standing::Failed(failure) => Some(failure.clone()),
                _ => None,
            });
            if let Some(failure) = failed {
                return Err(failure);
            }
            if posts.are_up(&posts.posts) {
                return Ok(());
            }
            posts = self.wait(posts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn who_asks_hears_of_all() {
        let hour = Duration::from_secs(3600);
        let board = Board { retry_after: hour, ..Board::default() };
        let (sender, receiver) = channel();
        assert_eq!(board.answer(), Ok(()));
        board.add("b", sender.clone());
        board.add("a", sender);
        board.arrange(&["a", "b"]);
        assert!(board.await_turn("a"));
        let failure = StartFailure::new("it is broken", "");
        std::thread::scope(|scope| {
            let turn = scope.spawn(|| board.await_turn("b"));
            let answer = scope.spawn(|| board.answer());
            board.set("a", Standing::Ready);
            assert!(turn.join().expect("no panic"));
            board.set("b", Standing::Failed(failure.clone()));
            assert_eq!(answer.join().expect("no panic"), Err(failure.clone()));
        });
        // It has just failed: nobody hurries it.
        assert_eq!(board.answer(), Err(failure));
        board.set("b", Standing::Done);
        assert_eq!(board.answer(), Ok(()));
        board.stop("b");
        assert!(board.is_stopping("b") && !board.is_stopping("a"));
        assert!(!board.await_turn("b"));
        assert!(matches!(receiver.try_recv(), Ok(Note::Stop)));
        let misfit = StartFailure::new("the file is broken", "");
        board.set_misfit(Some(misfit.clone()));
        assert_eq!(board.answer(), Err(misfit));
    }
}
