//! Owns how an instance is ended: asked, given time, killed.
//!
//! Does not decide when, nor remember which instances there are.

use std::time::Duration;

use crate::instance::{Link, Running};
use crate::runtime::timeout;

/// How long an instance may take at least to end when the stand-in itself does. That is no rule of
/// IIS, and whoever presses Ctrl-C wants the app to say goodbye.
const STOP_GRACE: Duration = Duration::from_secs(3);

/// How an instance is made to end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Farewell {
    /// As IIS without `signalBeforeTerminateSeconds`: it is killed.
    Kill,
    /// As IIS with it: it is asked, and killed after so long.
    Ask(Duration),
    /// Its pipe closes and it is asked: the stand-in itself ends.
    Close(Duration),
}

impl Farewell {
    /// By `signalBeforeTerminateSeconds`.
    pub(super) fn new(signal_before_terminate_secs: u32) -> Self {
        match signal_before_terminate_secs {
            0 => Farewell::Kill,
            secs => Farewell::Ask(Duration::from_secs(secs.into())),
        }
    }

    /// For when the stand-in itself ends.
    pub(super) fn at_the_end(self) -> Self {
        match self {
            Farewell::Kill => Farewell::Close(STOP_GRACE),
            Farewell::Ask(grace) | Farewell::Close(grace) => Farewell::Close(grace.max(STOP_GRACE)),
        }
    }
}

/// Ends an instance and waits until it has ended. `link` is our end of its pipe.
pub(super) async fn end(mut running: Running, mut link: Option<Link>, farewell: Farewell) {
    let id = running.process.id();
    let grace = match farewell {
        Farewell::Kill => None,
        Farewell::Ask(grace) => Some(grace),
        Farewell::Close(grace) => {
            drop(link.take());
            Some(grace)
        }
    };
    if let Some(grace) = grace {
        running.process.terminate();
        if timeout(grace, running.exit.wait_for(Option::is_some)).await.is_err() {
            log::warn!("instance {id}: did not end within {} s, killed", grace.as_secs());
        }
    }
    if running.exit.borrow().is_none() {
        running.process.kill_group();
        let _ = running.exit.wait_for(Option::is_some).await;
    }
    drop(link);
    let status = running.exit.borrow().as_ref().map(|ended| ended.told.clone());
    log::info!("instance {id}: ended, {}", status.unwrap_or_default());
}
