//! Owns name–value pairs (§3.4): lengths of one byte up to 127, else four with the top bit set.
//!
//! Does not own how pairs are spread over records: `connection` gathers the stream first.

use crate::error::{Error, Result};
use alloc::vec::Vec;

/// Lengths up to this take one byte.
const SHORT_MAX: usize = 127;

/// The pairs of a complete PARAMS (or GET_VALUES) stream.
pub const fn pairs(stream: &[u8]) -> Pairs<'_> {
    Pairs { stream, at: 0, index: 0 }
}

/// Iterates over name–value pairs, borrowing both from the stream.
#[derive(Clone, Debug)]
pub struct Pairs<'a> {
    stream: &'a [u8],
    at: usize,
    index: usize,
}

/// Reads a length at `at`: its value and the offset behind it.
fn length(stream: &[u8], at: usize) -> Option<(usize, usize)> {
    let first = *stream.get(at)?;
    if usize::from(first) <= SHORT_MAX {
        return Some((first.into(), at + 1));
    }
    let bytes = stream.get(at..at + 4)?;
    let long = u32::from_be_bytes([bytes[0] & 0x7F, bytes[1], bytes[2], bytes[3]]);
    Some((long as usize, at + 4))
}

impl<'a> Pairs<'a> {
    /// Ends the iteration with the error for a pair that claims more than is left.
    fn cut_short(&mut self, claimed: u64) -> Error {
        let (at, left) = (self.at, self.stream.len() - self.at);
        self.at = self.stream.len();
        Error::PeerNameValue { index: self.index, at, claimed, left }
    }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = Result<(&'a [u8], &'a [u8])>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.stream.len() {
            return None;
        }
        let lengths = length(self.stream, self.at).and_then(|(name, next)| {
            length(self.stream, next).map(|(value, start)| (name, value, start))
        });
        let Some((name, value, start)) = lengths else {
            return Some(Err(self.cut_short(2)));
        };
        let claimed = name as u64 + value as u64;
        if claimed > (self.stream.len() - start) as u64 {
            return Some(Err(self.cut_short(claimed)));
        }
        let rest = &self.stream[start..];
        let pair = (&rest[..name], &rest[name..name + value]);
        self.at = start + name + value;
        self.index += 1;
        Some(Ok(pair))
    }
}

fn encode_length(length: usize, out: &mut Vec<u8>) {
    if length <= SHORT_MAX {
        out.push(length as u8);
    } else {
        let long = u32::try_from(length).unwrap_or(u32::MAX) | 0x8000_0000;
        out.extend_from_slice(&long.to_be_bytes());
    }
}

/// Appends one pair. Names and values over 2³¹−1 bytes cannot be told and are not asked for.
pub fn encode_pair(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    encode_length(name.len(), out);
    encode_length(value.len(), out);
    out.extend_from_slice(name);
    out.extend_from_slice(value);
}

/// Bytes that [`encode_pair`] would append.
pub const fn encoded_pair_len(name: &[u8], value: &[u8]) -> usize {
    const fn field(length: usize) -> usize {
        if length <= SHORT_MAX { 1 } else { 4 }
    }
    field(name.len()) + field(value.len()) + name.len() + value.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn lengths_around_the_border_round_trip() {
        for size in [0, 1, 126, 127, 128, 129, 255, 256, 70_000] {
            let (name, value) = (vec![b'N'; size], vec![b'v'; size]);
            let mut out = Vec::new();
            encode_pair(&name, &value, &mut out);
            assert_eq!(out.len(), encoded_pair_len(&name, &value));
            let read: Vec<_> = pairs(&out).collect::<Result<_>>().expect("well formed");
            assert_eq!(read, [(&name[..], &value[..])]);
        }
    }

    #[test]
    fn a_lie_about_lengths_is_told_with_its_place_and_ends_the_iteration() {
        let mut out = Vec::new();
        encode_pair(b"A", b"1", &mut out);
        out.extend_from_slice(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, b'x']);
        let mut all = pairs(&out);
        assert!(matches!(all.next(), Some(Ok((b"A", b"1")))));
        let claimed = 2 * 0x7FFF_FFFF;
        let expected = Error::PeerNameValue { index: 1, at: 4, claimed, left: 9 };
        assert_eq!(all.next(), Some(Err(expected)));
        assert_eq!(all.next(), None);
        assert!(matches!(pairs(&[0x80, 0]).next(), Some(Err(Error::PeerNameValue { .. }))));
    }
}
