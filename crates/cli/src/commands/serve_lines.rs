//! Owns printing a line for each request on a thread of its own: whoever reads them slowly, or has stopped to
//! read, holds up no request and no Ctrl-C.
//!
//! Does not own how a line looks (`serve`).

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// So many wait to be printed. More come only while nobody reads.
const WAITING_MAX: usize = 4096;

/// How long what waits may take to be printed at the end.
const LAST_LINES: Duration = Duration::from_secs(1);

/// The way to the thread. Once it is dropped, the thread prints what waits and ends.
#[derive(Debug)]
pub(super) struct Lines<Request> {
    sender: SyncSender<(u64, Request)>,
    /// Requests that were left out since the last one that was not.
    untold: Mutex<u64>,
}

/// Waits for the last lines.
#[derive(Debug)]
pub(super) struct End(Receiver<()>);

impl<Request: Send + 'static> Lines<Request> {
    /// Begins to have requests printed, each with how many were left out before it.
    pub(super) fn begin(
        print: impl Fn(u64, &Request) + Send + 'static,
    ) -> std::io::Result<(Self, End)> {
        let (sender, receiver) = sync_channel::<(u64, Request)>(WAITING_MAX);
        let (ending, end) = channel();
        std::thread::Builder::new().name("lines".into()).spawn(move || {
            receiver.iter().for_each(|(untold, request)| print(untold, &request));
            drop(ending);
        })?;
        Ok((Lines { sender, untold: Mutex::new(0) }, End(end)))
    }

    /// Has a request printed, unless too many wait.
    pub(super) fn tell(&self, request: Request) {
        let mut untold = self.untold.lock().unwrap_or_else(PoisonError::into_inner);
        match self.sender.try_send((*untold, request)) {
            Ok(()) => *untold = 0,
            Err(_) => *untold += 1,
        }
    }
}

impl End {
    /// Waits until all is printed, though not for ever; whether it is.
    pub(super) fn wait(self) -> bool {
        matches!(self.0.recv_timeout(LAST_LINES), Err(RecvTimeoutError::Disconnected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_does_not_read_holds_up_nobody_and_learns_how_many_were_left_out() {
        let (sender, told) = channel();
        let (held, hold) = channel::<()>();
        let (lines, end) = Lines::begin(move |untold, (): &()| {
            let _ = hold.recv();
            let _ = sender.send(untold);
        })
        .expect("a thread");
        // One may be with the thread already.
        (0..WAITING_MAX + 3).for_each(|_| lines.tell(()));
        let left_out = *lines.untold.lock().expect("whole");
        assert!((2..=3).contains(&left_out));
        drop(held);
        assert_eq!(told.iter().take(WAITING_MAX).sum::<u64>(), 0);
        while *lines.untold.lock().expect("whole") > 0 {
            lines.tell(());
        }
        drop(lines);
        assert!(end.wait());
        assert!(told.iter().sum::<u64>() >= left_out);
    }
}
