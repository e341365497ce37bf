//! Owns the reading of choices from bytes: numbers and pieces, zeros when there are no more.
//!
//! Does not own what they choose.

/// Takes choices from the front of some bytes.
#[derive(Debug)]
pub(crate) struct Taker<'a>(pub(crate) &'a [u8]);

impl<'a> Taker<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A size: mostly small, sometimes at the borders where formats change.
    pub(crate) fn size(&mut self) -> usize {
        const BORDERS: [usize; 8] = [0, 127, 128, 255, 4096, 65_528, 65_535, 70_000];
        match self.byte() {
            short @ 0..=199 => short.into(),
            other => BORDERS[usize::from(other) % BORDERS.len()],
        }
    }

    pub(crate) fn piece(&mut self, most: usize) -> &'a [u8] {
        let (piece, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        piece
    }

    /// So many bytes: what there is, repeated as far as needed.
    pub(crate) fn content(&mut self, size: usize) -> Vec<u8> {
        let piece = self.piece(size.min(16));
        if piece.is_empty() {
            return vec![b'x'; size];
        }
        piece.iter().copied().cycle().take(size).collect()
    }
}
