//! Owns the other way to give a pipe to a worker: a stream is offered by name, and the bytes are
//! passed on between that and the pipe.
//!
//! Does not own passing on (`relay`), nor when this way is taken (`pipe`).

use crate::control::ToWorker;
use crate::limits::TAKE_TIMEOUT;
use crate::relay::Relay;
use platform::Stream;
use platform::handover::Channel;
use platform::offer::Offer;
use std::io;
use std::sync::mpsc::{self, Receiver};

/// A pipe that is passed on, once the worker has taken the offer.
#[derive(Debug)]
pub(crate) struct Passing(Receiver<Relay>);

impl Passing {
    /// Offers a stream to the worker. From now on the pipe is the relay's.
    ///
    /// # Errors
    /// When no offer can be made, or the worker has gone.
    pub(crate) fn start(pipe: &Stream, channel: &Channel, preface: &[u8]) -> io::Result<Self> {
        let offer = Offer::new()?;
        let pipe = pipe.try_clone()?;
        ToWorker::send_offer(channel, offer.name(), preface)?;
        let (sender, receiver) = mpsc::channel();
        let join = move || {
            // The worker may be starting Python first, and who waits for it must hear of signals.
            let relay = offer.accept(TAKE_TIMEOUT).and_then(|ours| Relay::start(pipe, ours, None));
            match relay {
                Ok(relay) => drop(sender.send(relay)),
                Err(error) => log::debug!("the worker did not take the offered pipe: {error}"),
            }
        };
        std::thread::Builder::new().name("offer".into()).spawn(join)?;
        Ok(Self(receiver))
    }

    /// Passes on what is left of an answer, and ends.
    pub(crate) fn finish(self) {
        if let Ok(relay) = self.0.try_recv() {
            relay.finish();
        }
    }
}
