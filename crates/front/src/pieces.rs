//! Owns the pieces of a response's body that wait for the client: passed on at once, or gathered
//! until there are enough.
//!
//! Does not own where they come from or go to.

use std::collections::VecDeque;

use bytes::Bytes;

/// Pieces that wait.
#[derive(Debug)]
pub(crate) struct Pieces {
    /// So many bytes are gathered before any leaves; 0 for none.
    limit_bytes: usize,
    waiting: VecDeque<Bytes>,
    gathered_bytes: usize,
    /// What waits may leave, all of it.
    is_released: bool,
}

impl Pieces {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Pieces { limit_bytes, waiting: VecDeque::new(), gathered_bytes: 0, is_released: false }
    }

    /// Whether any are ever held back.
    pub(crate) fn are_gathered(&self) -> bool {
        self.limit_bytes > 0
    }

    pub(crate) fn push(&mut self, piece: Bytes) {
        self.gathered_bytes += piece.len();
        self.waiting.push_back(piece);
        self.is_released |= self.gathered_bytes >= self.limit_bytes;
    }

    /// No more are awaited: what is there may leave.
    pub(crate) fn release(&mut self) {
        self.is_released = true;
    }

    /// Whether a piece may leave now.
    pub(crate) fn has_due(&self) -> bool {
        self.is_released && !self.waiting.is_empty()
    }

    /// The next piece that may leave. After the last one gathering begins anew.
    pub(crate) fn next_due(&mut self) -> Option<Bytes> {
        let piece = if self.is_released { self.waiting.pop_front() } else { None };
        if self.waiting.is_empty() {
            self.clear();
        }
        piece
    }

    /// All that waits, unless it is more than one piece.
    pub(crate) fn only(&self) -> Option<Bytes> {
        (self.waiting.len() <= 1).then(|| self.waiting.front().cloned().unwrap_or_default())
    }

    /// Forgets what waits.
    pub(crate) fn clear(&mut self) {
        *self = Pieces::new(self.limit_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::Pieces;

    fn due(pieces: &mut Pieces) -> Vec<&'static str> {
        let text = |piece: bytes::Bytes| match &*piece {
            b"abc" => "abc",
            _ => "de",
        };
        std::iter::from_fn(|| pieces.next_due()).map(text).collect()
    }

    #[test]
    fn without_a_limit_pieces_leave_at_once() {
        let mut pieces = Pieces::new(0);
        assert!(!pieces.are_gathered() && !pieces.has_due());
        pieces.push("abc".into());
        assert!(pieces.has_due());
        assert_eq!(due(&mut pieces), ["abc"]);
        assert!(!pieces.has_due());
    }

    #[test]
    fn with_a_limit_they_are_gathered_until_it_is_reached_or_they_are_released() {
        let mut pieces = Pieces::new(5);
        for _ in 0..2 {
            pieces.push("abc".into());
            assert!(!pieces.has_due());
            assert_eq!(pieces.next_due(), None);
            pieces.push("de".into());
            assert_eq!(due(&mut pieces), ["abc", "de"]);
        }
        pieces.push("abc".into());
        pieces.release();
        assert_eq!(due(&mut pieces), ["abc"]);
        pieces.push("abc".into());
        pieces.clear();
        pieces.release();
        assert!(!pieces.has_due());
    }
}
