//! Owns turns on a pipe that may be read or written, but not both at once. Who wants to write goes
//! first, for a reader may come again and again.
//!
//! Does not own the pipe (`relay`).

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Turns of one reader and any writers.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    pipe: Mutex<()>,
    writers: Mutex<usize>,
    changed: Condvar,
}

/// A turn of writing; it ends with this value.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    turns: &'a Turns,
    _pipe: MutexGuard<'a, ()>,
}

impl Turns {
    /// Waits for a turn, which ends with the value.
    pub(crate) fn to_read(&self) -> MutexGuard<'_, ()> {
        let writers = self.writers.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_while(writers, |writers| *writers > 0));
        self.pipe.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn.
    pub(crate) fn to_write(&self) -> Writing<'_> {
        *self.writers.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        let pipe = self.pipe.lock().unwrap_or_else(PoisonError::into_inner);
        Writing { turns: self, _pipe: pipe }
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        *self.turns.writers.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.turns.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn who_writes_is_not_kept_waiting_by_one_who_reads_again_and_again() {
        let (turns, is_done) = (Turns::default(), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_done.load(Ordering::Acquire) {
                    drop(turns.to_read());
                }
            });
            (0..1000).for_each(|_| drop(turns.to_write()));
            is_done.store(true, Ordering::Release);
        });
        let writing = turns.to_write();
        assert!(turns.pipe.try_lock().is_err());
        drop(writing);
        drop(turns.to_read());
    }
}
