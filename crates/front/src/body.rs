//! Owns the body of a response on its way to the client, and its tally for the access log.
//!
//! Does not own where the bytes come from: a page, a file, an instance.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;

use crate::access::Tally;
use crate::runtime::{Frame, HttpBody, SizeHint, mpsc};

/// How many pieces may wait for a slow client. With pieces of at most 64 KiB that is 256 KiB for
/// each response, however large.
pub(crate) const PIECES_MAX: usize = 4;

/// Why a body ended before it was complete; the client sees its connection break.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Truncated(pub(crate) String);

/// A piece of a body, or the reason why there is no more.
pub(crate) type Piece = Result<Bytes, Truncated>;

#[derive(Debug)]
enum Kind {
    Whole(Option<Bytes>),
    /// As whole, of an application: its length is for the application to tell. Whether it was taken.
    Came(Option<Bytes>, bool),
    /// A first piece that was looked at already, and those that follow.
    Pieces(Option<Piece>, mpsc::Receiver<Piece>),
}

/// A response's body.
#[derive(Debug)]
pub(crate) struct Body {
    kind: Kind,
    tally: Option<Tally>,
    /// Whether what came before a failure had a chance to leave.
    has_paused: bool,
}

impl Body {
    pub(crate) fn whole(bytes: impl Into<Bytes>) -> Self {
        Body {
            kind: Kind::Whole(Some(bytes.into()).filter(|b| !b.is_empty())),
            tally: None,
            has_paused: false,
        }
    }

    /// All of a body that an application sent. As with pieces, it is not told how long it is.
    pub(crate) fn all_that_came(bytes: Bytes) -> Self {
        let bytes = Some(bytes).filter(|bytes| !bytes.is_empty());
        Body { kind: Kind::Came(bytes, false), tally: None, has_paused: false }
    }

    pub(crate) fn empty() -> Self {
        Self::whole(Bytes::new())
    }

    pub(crate) fn pieces(receiver: mpsc::Receiver<Piece>) -> Self {
        Body { kind: Kind::Pieces(None, receiver), tally: None, has_paused: false }
    }

    pub(crate) fn tallied(self, tally: Tally) -> Self {
        Body { tally: Some(tally), ..self }
    }

    /// The next piece; `None` at the end.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        let piece = match &mut self.kind {
            Kind::Whole(bytes) => bytes.take().map(Ok),
            Kind::Came(bytes, is_taken) => {
                *is_taken = true;
                bytes.take().map(Ok)
            }
            Kind::Pieces(first, receiver) => match first.take() {
                Some(first) => Some(first),
                None => ready!(receiver.poll_recv(context)),
            },
        };
        if let Some(tally) = &mut self.tally {
            match &piece {
                Some(Ok(bytes)) => tally.sent(bytes.len()),
                Some(Err(_)) => {}
                None => tally.complete(),
            }
        }
        Poll::Ready(piece)
    }

    /// Whether there is anything in it; awaits the first piece of one that is still coming.
    pub(crate) async fn has_piece(&mut self) -> bool {
        match &mut self.kind {
            Kind::Whole(bytes) | Kind::Came(bytes, _) => bytes.is_some(),
            Kind::Pieces(first, receiver) => {
                if first.is_none() {
                    *first = receiver.recv().await;
                }
                first.is_some()
            }
        }
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Piece> {
        std::future::poll_fn(|context| self.poll_piece(context)).await
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Truncated;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Truncated>>> {
        let piece = ready!(self.poll_piece(context));
        // A failure breaks the connection at once. Without a pause, a head that is not flushed yet
        // would be lost, and the client would see no answer at all.
        if matches!(piece, Some(Err(_))) && !self.has_paused {
            self.has_paused = true;
            if let Kind::Pieces(first, _) = &mut self.kind {
                *first = piece;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        // A whole body is not asked a second time when its length was told.
        if matches!(self.kind, Kind::Whole(None) | Kind::Came(None, _))
            && let Some(tally) = &mut self.tally
        {
            tally.complete();
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.kind, Kind::Whole(None) | Kind::Came(None, true))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, |b| b.len() as u64))
            }
            Kind::Came(..) | Kind::Pieces(..) => SizeHint::default(),
        }
    }
}
