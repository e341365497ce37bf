//! Owns what a gate or supervisor waits for: its workers' words and the system's signals, in one
//! queue.
//!
//! Does not own what is done about them.

use crate::StartFailure;
use crate::control::FromWorker;
use crate::helpers;
use platform::handover::Channel;
use platform::termination::{self, Told};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// Something happened.
#[derive(Debug)]
pub(crate) enum Event {
    /// A worker said something; the number is the one given to [`Events::listen`].
    Said(u64, FromWorker),
    /// A worker's channel was closed: it has ended.
    Gone(u64),
    /// A signal or the web server's shutdown event: end.
    Terminate,
    /// SIGHUP: reload.
    HangUp,
    /// What became of a successor that this worker wanted; the channel keeps it company.
    Successor(u64, Result<Channel, StartFailure>),
}

/// For those who wait where no event is seen.
static IS_TOLD_TO_END: AtomicBool = AtomicBool::new(false);

/// Whether this process was told to end.
pub(crate) fn is_told_to_end() -> bool {
    IS_TOLD_TO_END.load(Ordering::Acquire)
}

/// The queue.
pub(crate) struct Events {
    sender: Sender<Event>,
    pub(crate) receiver: Receiver<Event>,
    is_ending: Arc<AtomicBool>,
}

impl Events {
    /// Begins to catch signals and the shutdown event.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn new() -> io::Result<Self> {
        let (sender, receiver) = channel();
        let is_ending = Arc::new(AtomicBool::new(false));
        let (to, ending) = (sender.clone(), Arc::clone(&is_ending));
        termination::watch(move |told| {
            let event = match told {
                Told::HangUp => Event::HangUp,
                Told::Terminate => {
                    ending.store(true, Ordering::Release);
                    IS_TOLD_TO_END.store(true, Ordering::Release);
                    helpers::wake();
                    Event::Terminate
                }
            };
            // Without a receiver nobody needs to know.
            let _ = to.send(event);
        })?;
        Ok(Self { sender, receiver, is_ending })
    }

    /// Whether we were told to end.
    pub(crate) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Acquire)
    }

    /// Where to tell events that come of our own doing.
    pub(crate) fn sender(&self) -> Sender<Event> {
        self.sender.clone()
    }

    /// Begins to listen to a worker.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(crate) fn listen(&self, number: u64, channel: Arc<Channel>) -> io::Result<()> {
        let sender = self.sender.clone();
        let listen = move || {
            let next = || -> io::Result<Option<FromWorker>> {
                channel.receive(None)?.map(|message| FromWorker::decode(&message)).transpose()
            };
            while let Ok(Some(word)) = next() {
                if sender.send(Event::Said(number, word)).is_err() {
                    return;
                }
            }
            let _ = sender.send(Event::Gone(number));
        };
        std::thread::Builder::new().name("worker".into()).spawn(listen)?;
        Ok(())
    }
}
