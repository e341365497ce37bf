//! Owns what is held back of a request's PARAMS or STDOUT until it is known whose bytes they are:
//! the beginning of a pair, or of a line.
//!
//! Does not own records (`mask`), nor what of a value is secret (`values`).

use super::mask::MASK;
use super::values::{Line, mask, mask_line};
use fastcgi::limits::{HEAD_BYTES_MAX, PARAMS_BYTES_MAX};
use fastcgi::pairs;

/// Bytes of a stream of one request about which nothing can be said before more of it has come: the
/// beginning of a pair, or of a line.
#[derive(Debug, Default)]
pub(super) struct Held {
    bytes: Vec<u8>,
    /// Where in the direction's stream each of them stands.
    places: Vec<u64>,
}

impl Held {
    /// Where the first byte stands that is not settled.
    pub(super) fn first_place(&self) -> Option<&u64> {
        self.places.first()
    }

    /// Masks all.
    pub(super) fn give_up(&mut self, window: &mut [u8], taken: u64) {
        self.settle(self.bytes.len(), window, taken, |bytes| bytes.fill(MASK));
    }

    /// More of the stream came; it stands at `place`.
    pub(super) fn push(&mut self, place: u64, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.places.extend(place..place + bytes.len() as u64);
    }

    /// Changes the first `count` bytes and lets them go.
    fn settle(
        &mut self,
        count: usize,
        window: &mut [u8],
        taken: u64,
        change: impl FnOnce(&mut [u8]),
    ) {
        change(&mut self.bytes[..count]);
        for (byte, place) in self.bytes.drain(..count).zip(self.places.drain(..count)) {
            window[(place - taken) as usize] = byte;
        }
    }

    /// Settles the pairs that are complete; `true` when what comes is to be masked.
    pub(super) fn settle_pairs(&mut self, window: &mut [u8], taken: u64) -> bool {
        while let Some(Ok((name, value))) = pairs(&self.bytes).next() {
            let name = name.to_vec();
            // Lengths may be told in one byte or in four: where the value stands tells which.
            let start = value.as_ptr() as usize - self.bytes.as_ptr() as usize;
            self.settle(start + value.len(), window, taken, |pair| {
                mask(&name, &mut pair[start..], MASK);
            });
        }
        self.bytes.len() > PARAMS_BYTES_MAX
    }

    /// Settles the lines that are complete, of which none ends before the last `new` bytes; `true`
    /// when what comes is to be masked.
    pub(super) fn settle_lines(&mut self, new: usize, window: &mut [u8], taken: u64) -> bool {
        let mut old = self.bytes.len() - new;
        while let Some(end) = self.bytes[old..].iter().position(|byte| *byte == b'\n') {
            let mut kind = Line::Header;
            self.settle(old + end + 1, window, taken, |line| kind = mask_line(line, MASK));
            if kind != Line::Header {
                return true;
            }
            old = 0;
        }
        self.bytes.len() > HEAD_BYTES_MAX
    }
}
