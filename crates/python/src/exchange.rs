//! Owns the reading half of a connection: the protocol core, the requests open on it and what was
//! received of their bodies.
//!
//! Does not own whose turn it is (`connection`) nor sending (`sending`).

use crate::body::Body;
use crate::journal::RequestNumber;
use fastcgi::{Event, RequestId};
use platform::Stream;
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::io;

/// Why a connection cannot go on.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The web server closed it or does not want the answer any more: nobody's fault.
    Gone,
    /// The web server broke the protocol.
    Protocol(fastcgi::Error),
    /// The system refused.
    Io(io::Error),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted => Self::Gone,
            _ => Self::Io(error),
        }
    }
}

impl From<fastcgi::Error> for Broken {
    fn from(error: fastcgi::Error) -> Self {
        Self::Protocol(error)
    }
}

/// A request that came while another one was running on the same connection.
pub(crate) struct Waiting {
    pub(crate) id: RequestId,
    pub(crate) keep: bool,
    pub(crate) params: Result<Vec<u8>, fastcgi::Error>,
}

/// A request's place in the connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    pub(crate) id: RequestId,
    pub(crate) number: RequestNumber,
    pub(crate) keep_connection: bool,
}

/// A request and what was made of its params, or why they are refused.
pub(crate) type Offered<T> = (Ticket, Result<T, fastcgi::Error>);

/// An open request.
pub(crate) struct Open {
    pub(crate) id: RequestId,
    pub(crate) number: RequestNumber,
    pub(crate) body: Body,
    /// END_REQUEST was sent: the id may be used again.
    pub(crate) is_answered: bool,
}

impl Open {
    pub(crate) fn new(id: RequestId, number: RequestNumber) -> Self {
        Self { id, number, body: Body::default(), is_answered: false }
    }
}

/// The reading half: protocol state and bodies.
pub(crate) struct Exchange {
    pub(crate) core: fastcgi::Connection,
    pub(crate) open: SmallVec<[Open; 1]>,
    pub(crate) waiting: VecDeque<Waiting>,
    /// The web server will send no more.
    pub(crate) ended: bool,
}

/// What reading found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Bytes came and nothing more is there.
    All,
    /// Bytes came and the buffer is full: more may be there.
    Some,
    /// Nothing is there.
    Nothing,
    /// The web server will send no more.
    End,
}

/// Stores one event away.
pub(crate) fn absorb(
    open: &mut SmallVec<[Open; 1]>,
    waiting: &mut VecDeque<Waiting>,
    event: Event<'_>,
) -> io::Result<()> {
    let mut begin = |id, keep, params| {
        waiting.push_back(Waiting { id, keep, params });
        open.push(Open::new(id, RequestNumber::next()));
    };
    match event {
        Event::Request { id, keep_connection, params } => {
            begin(id, keep_connection, Ok(params.bytes().to_vec()));
        }
        Event::Refused { id, keep_connection, error } => begin(id, keep_connection, Err(error)),
        Event::Stdin { id, data } => {
            if let Some(open) = Exchange::of_id(open, id) {
                open.body.push(data)?;
            }
        }
        Event::EndOfStdin { id } => {
            if let Some(open) = Exchange::of_id(open, id) {
                open.body.ended = true;
            }
        }
        Event::Abort { id } => {
            if let Some(open) = Exchange::of_id(open, id) {
                open.body.aborted = true;
            }
        }
        _ => {}
    }
    Ok(())
}

impl Exchange {
    pub(crate) fn fill(&mut self, stream: &Stream) -> io::Result<Fill> {
        let space = self.core.space();
        let size = space.len();
        if size == 0 {
            return Ok(Fill::Some);
        }
        Ok(match stream.try_read(space)? {
            None => Fill::Nothing,
            Some(0) => {
                self.ended = true;
                Fill::End
            }
            Some(count) => {
                self.core.filled(count);
                if count < size { Fill::All } else { Fill::Some }
            }
        })
    }

    pub(crate) fn of_id(open: &mut SmallVec<[Open; 1]>, id: RequestId) -> Option<&mut Open> {
        open.iter_mut().find(|open| open.id == id && !open.is_answered)
    }

    /// Stores away what was received while a request runs: bodies, aborts, further requests.
    pub(crate) fn settle(&mut self) -> Result<(), Broken> {
        while let Some(event) = self.core.poll_event()? {
            absorb(&mut self.open, &mut self.waiting, event)?;
        }
        Ok(())
    }

    pub(crate) fn body(&mut self, number: RequestNumber) -> Option<&mut Open> {
        self.open.iter_mut().find(|open| open.number == number)
    }
}
