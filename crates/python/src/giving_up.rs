//! Owns giving a call of the app up: 504 for a client that has got nothing yet, the end of the
//! connection for another, and the connection's way to somebody who can serve it.
//!
//! Does not decide when (`iisgate.limits`).

use crate::calls::Place;
use crate::exchange::Ticket;
use crate::failure;
use crate::response::Response;
use crate::shared::Shared;
use pyo3::prelude::*;
use std::sync::{Arc, MutexGuard, TryLockError};
use std::time::Duration;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It ended just now.
    Over,
    /// The client was told.
    Answered,
    /// Its answer had begun and is cut off.
    Cut,
}

impl Outcome {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Answered => "answered",
            Self::Cut => "cut",
        }
    }
}

/// How often, and after which pause, a response is tried that its thread holds: starting one takes
/// less, sending takes as long as the client does.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(5);

/// Gives a request up, if it is still under way.
pub(crate) fn give_up(py: Python<'_>, shared: &Shared, place: &Place, number: u64) -> Outcome {
    let found = place.call().as_ref().filter(|call| call.number.is(number)).map(|call| {
        (Arc::clone(&call.connection), Arc::clone(&call.response), call.environ.clone_ref(py))
    });
    let Some((connection, response, environ)) = found else { return Outcome::Over };
    let mut guard = None;
    for _ in 0..TRIES {
        match response.try_lock() {
            Ok(free) => guard = Some(free),
            Err(TryLockError::Poisoned(free)) => guard = Some(free.into_inner()),
            Err(TryLockError::WouldBlock) => {
                py.detach(|| std::thread::sleep(PAUSE));
                continue;
            }
        }
        break;
    }
    // From here on its thread keeps its hands off the connection.
    {
        let mut call = place.call();
        match call.as_mut().filter(|call| call.number.is(number)) {
            Some(call) => call.is_given_up = true,
            None => return Outcome::Over,
        }
    }
    let accept = failure::accept(environ.bind(py));
    if let Some(response) = &mut guard
        && let Some(ticket) = response.untouched()
        && answer(py, response, ticket, accept.as_deref())
    {
        py.detach(|| shared.pass_on(&connection));
        return Outcome::Answered;
    }
    // Who is sending at the moment is freed by this, too.
    py.detach(|| {
        connection.stream.cut();
        shared.close(&connection);
    });
    Outcome::Cut
}

/// Whether the client could be told.
fn answer(
    py: Python<'_>,
    response: &mut MutexGuard<'_, Response>,
    ticket: Ticket,
    accept: Option<&str>,
) -> bool {
    let lead =
        "The app did not answer in time. Its log tells where it was, under the number below.";
    let answer = failure::plain("504 Gateway Timeout", lead, ticket.number, accept);
    let sent = crate::call::send_answer(py, response, &answer).is_ok();
    response.end();
    sent
}

/// Lets a call's thread not count any more, so that another one takes its place. Whether it was there
/// and had counted.
pub(crate) fn let_stick(shared: &Shared, place: &Place, number: u64) -> bool {
    let connection = {
        let mut call = place.call();
        let Some(call) = call.as_mut().filter(|call| call.number.is(number)) else { return false };
        if std::mem::replace(&mut call.is_stuck, true) {
            return false;
        }
        shared.stuck_begins();
        (!call.is_given_up).then(|| {
            call.is_given_up = true;
            Arc::clone(&call.connection)
        })
    };
    if let Some(connection) = connection {
        shared.close(&connection);
    }
    shared.relieve();
    true
}
