//! Owns the sending half of a connection: answers in one vectored write, reading on while it is
//! stuck, the end of a request, lingering before a close.
//!
//! Does not own what is sent (`response`).

use crate::connection::{Connection, at_rest, unpoisoned};
use crate::exchange::{Broken, Fill, Ticket};
use fastcgi::{EndRequest, Frames, Padding};
use gate::control::status;
use pyo3::prelude::*;
use pyo3::sync::MutexExt;
use smallvec::SmallVec;
use std::io::IoSlice;
use std::time::{Duration, Instant};

/// While a response streams, the input is looked at this often for an abort: soon enough to spare
/// work nobody wants, rarely enough not to cost a call per chunk.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Reads per look at most: a sender that never pauses must not keep the answer from leaving.
const FILLS_PER_LOOK: usize = 16;

/// Slices per vectored write: Linux allows 1024 (IOV_MAX).
const SLICES_MAX: usize = 1024;

/// After an early answer the web server may still be sending a body nobody reads. Closing at once
/// would reset the connection and lose the answer: so the rest is read and thrown away, for at most
/// so long.
const LINGER: Duration = Duration::from_secs(5);

/// The writing half.
pub(crate) struct Output {
    frames: Frames,
    looked: Instant,
}

impl Output {
    pub(crate) fn new() -> Self {
        Self { frames: Frames::default(), looked: Instant::now() }
    }
}

impl Connection {
    /// Sends STDOUT bytes and, with `end`, the request's end: all in one write if it fits.
    pub(crate) fn send(
        &self,
        py: Python<'_>,
        ticket: Ticket,
        parts: &[&[u8]],
        end: Option<EndRequest>,
    ) -> Result<(), Broken> {
        crate::forking::end_child(py);
        let mut output = unpoisoned(self.output.lock_py_attached(py));
        let output = &mut *output;
        let total = parts.iter().map(|part| part.len()).sum();
        let (ending, rests) = {
            let mut exchange = self.exchange(py);
            if end.is_none() && output.looked.elapsed() > LOOK_EVERY {
                for _ in 0..FILLS_PER_LOOK {
                    let found = exchange.fill(&self.stream)?;
                    exchange.settle()?;
                    if matches!(found, Fill::Nothing | Fill::End) {
                        break;
                    }
                }
                output.looked = Instant::now();
            }
            let aborted = exchange.body(ticket.number).is_none_or(|open| open.body.aborted);
            if exchange.ended || (aborted && total > 0) {
                return Err(Broken::Gone);
            }
            let core = &mut exchange.core;
            let ending =
                core.plan_stdout(ticket.id, total, end, Padding::None, &mut output.frames)?;
            let rests = ending.is_some() && core.is_idle();
            if let (Some(open), true) = (exchange.body(ticket.number), end.is_some()) {
                open.is_answered = true;
            }
            (ending, rests)
        };
        if let Some(cell) = &self.cell {
            cell.set(cell.get() | status::OUTPUT_STARTED);
        }
        self.may_end(rests);
        let mut slices = SmallVec::<[IoSlice<'_>; 8]>::new();
        output.frames.emit(parts, |piece| slices.push(IoSlice::new(piece)));
        if let Some(ending) = &ending {
            slices.push(IoSlice::new(ending.bytes()));
        }
        let mut rest = &mut slices[..];
        if !platform::STAYS && self.send_at_once(&mut rest)? {
            // Without leaving Python: a response that fits the socket's buffer is gone.
        } else {
            // A pipe's write is a call that others need not wait for.
            py.detach(|| self.send_rest(rest, rests))?;
        }
        self.has_ended(rests);
        Ok(())
    }

    /// Tells that the next write may be the last of an answer after which the connection rests.
    fn may_end(&self, rests: bool) {
        if let (Some(cell), true) = (&self.cell, rests) {
            cell.set(cell.get() | status::ENDING);
        }
    }

    /// Tells that it was. At once, even before Python may be run again: a worker that is killed from
    /// here on loses nothing of this connection.
    fn has_ended(&self, rests: bool) {
        if let (Some(cell), true) = (&self.cell, rests) {
            cell.set(at_rest());
        }
    }

    /// Writes what fits; `true` when that is all, and it has left.
    fn send_at_once(&self, rest: &mut &mut [IoSlice<'_>]) -> Result<bool, Broken> {
        if let Some(count) = self.stream.try_write(&rest[..rest.len().min(SLICES_MAX)])? {
            IoSlice::advance_slices(rest, count);
        }
        Ok(rest.is_empty() && self.stream.is_written()?)
    }

    /// Writes what did not fit, reading meanwhile: the web server may itself be stuck sending us
    /// the body.
    fn send_rest(&self, mut rest: &mut [IoSlice<'_>], rests: bool) -> Result<(), Broken> {
        let mut is_sent = self.send_at_once(&mut rest)?;
        let mut input_open = true;
        while !is_sent {
            // What has left whole may be read at any moment, even if we are not told yet.
            if let (Some(cell), false) = (&self.cell, rest.is_empty()) {
                cell.set(cell.get() & !status::ENDING);
            }
            let ready = self.stream.wait(input_open, true, None)?;
            if ready.readable {
                let mut exchange = self.exchange_detached();
                input_open = !matches!(exchange.fill(&self.stream)?, Fill::End);
                exchange.settle()?;
                if exchange.ended {
                    return Err(Broken::Gone);
                }
            }
            if ready.writable || rest.is_empty() {
                self.may_end(rests);
                is_sent = self.send_at_once(&mut rest)?;
            }
        }
        self.has_ended(rests);
        Ok(())
    }

    /// Sends answers to management records, if there are any; whether the web server wants the
    /// connection closed after a refusal.
    pub(crate) fn send_replies(&self, py: Python<'_>) -> Result<bool, Broken> {
        let (replies, must_close) = {
            let core = &mut self.exchange(py).core;
            (core.take_replies(), core.must_close())
        };
        if !replies.is_empty() {
            let _output = unpoisoned(self.output.lock_py_attached(py));
            py.detach(|| self.stream.write_all(&replies))?;
        }
        Ok(must_close)
    }

    /// Forgets a request that is over. If it was not ended on the wire it is now, unless the
    /// connection is going to be closed, which tells that the answer is not whole. Whether its body
    /// is still coming while nobody will read it, and what became of the end.
    pub(crate) fn finish(
        &self,
        py: Python<'_>,
        ticket: Ticket,
        closing: bool,
    ) -> (bool, Result<(), Broken>) {
        let mut exchange = self.exchange(py);
        let is_connected = !exchange.ended;
        let (is_input_open, is_answered) = exchange
            .body(ticket.number)
            .map_or((false, true), |open| (!open.body.ended, open.is_answered));
        let mut sent = Ok(());
        if is_connected && !closing && !is_answered {
            drop(exchange);
            let end = EndRequest { app_status: 1, ..EndRequest::COMPLETE };
            sent = self.send(py, ticket, &[], Some(end));
            exchange = self.exchange(py);
        }
        exchange.open.retain(|open| open.number != ticket.number);
        if let (Some(cell), true) = (&self.cell, exchange.core.is_idle()) {
            cell.set(at_rest());
        }
        (is_connected && is_input_open, sent)
    }

    /// Before closing: reads and throws away what the web server is still sending, so that it gets
    /// to read the answer.
    pub(crate) fn linger(&self, py: Python<'_>) {
        if self.exchange(py).ended {
            return;
        }
        py.detach(|| {
            let end = Instant::now() + LINGER;
            let mut waste = [0; 16 * 1024];
            self.stream.shutdown_write();
            while let Some(left) = end.checked_duration_since(Instant::now()) {
                match self.stream.try_read(&mut waste) {
                    Ok(Some(0)) | Err(_) => return,
                    Ok(Some(_)) => {}
                    Ok(None) => match self.stream.wait(true, false, Some(left)) {
                        Ok(ready) if ready.readable => {}
                        _ => return,
                    },
                }
            }
        });
    }
}
