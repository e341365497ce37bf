//! Owns the read buffer of a connection: what was received and not yet consumed.
//!
//! Does not know what a record is, except that a range may be held until it is gathered.

use crate::limits::INPUT_BUFFER_BYTES;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

/// A fixed buffer with a window of unread bytes.
#[derive(Debug, Default)]
pub(crate) struct Input {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Stream offset of `start`.
    pub(crate) offset: u64,
}

impl Input {
    /// Bytes received and not consumed.
    pub(crate) fn unread(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Consumes `count` bytes and says where in the buffer they lie.
    pub(crate) fn consume(&mut self, count: usize) -> Range<usize> {
        let range = self.start..self.start + count;
        debug_assert!(range.end <= self.end, "consumed more than was received");
        self.start = range.end;
        self.offset += count as u64;
        range
    }

    /// The bytes of a range that [`Self::consume`] gave, valid until [`Self::space`] is called.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        &self.buffer[range]
    }

    /// Room for reading. Moves what is unread to the front, so ranges given out are void after it.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        if self.buffer.is_empty() {
            self.buffer = vec![0; INPUT_BUFFER_BYTES];
        }
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        } else if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        &mut self.buffer[self.end..]
    }

    /// Tells how much of [`Self::space`] was filled.
    pub(crate) fn filled(&mut self, count: usize) {
        self.end += count;
        assert!(
            self.end <= self.buffer.len(),
            "the caller filled more than the space it was given"
        );
    }
}
