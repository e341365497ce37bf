//! Owns bytes as text: two hex digits each, runs of one byte as `78*500`, blanks without meaning.
//!
//! Does not own lines.

use crate::limits::CHUNK_BYTES_MAX;
use std::fmt::Write;

/// So many of one byte are written as a run.
const RUN_MIN: usize = 9;

/// Appends the text of `bytes`.
pub(super) fn encode(bytes: &[u8], out: &mut String) {
    let mut rest = bytes;
    let mut is_apart = true;
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|byte| *byte == first).count();
        let is_run = run >= RUN_MIN;
        if (is_run || is_apart) && rest.len() < bytes.len() {
            out.push(' ');
        }
        let count = if is_run { run } else { 1 };
        let _ = write!(out, "{first:02x}");
        if is_run {
            let _ = write!(out, "*{run}");
        }
        is_apart = is_run;
        rest = &rest[count..];
    }
}

/// Reads the text; the error is a sentence about it.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    for word in text.split_whitespace() {
        let (digits, count) = match word.split_once('*') {
            Some((digits, count)) => {
                let count = count.parse().map_err(|_| format!("not a count: {word}"))?;
                if digits.len() != 2 {
                    return Err(format!("a run has one byte before its count: {word}"));
                }
                (digits, count)
            }
            None => (word, 1),
        };
        if digits.len() % 2 == 1 {
            return Err("an odd number of hex digits: something is cut off".to_owned());
        }
        if bytes.len() + digits.len() / 2 * count.min(CHUNK_BYTES_MAX) > CHUNK_BYTES_MAX
            || count > CHUNK_BYTES_MAX
        {
            return Err(format!("more than {CHUNK_BYTES_MAX} bytes in one line"));
        }
        for pair in digits.as_bytes().chunks_exact(2) {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else {
                return Err(format!("not hex: {}", pair.escape_ascii()));
            };
            bytes.extend(std::iter::repeat_n((high * 16 + low) as u8, count));
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_round_trip() {
        let runs = [&[1, 2][..], &[0; 9], &[3], &[b'x'; 70_000], &[4; 8], &[5; 9]].concat();
        let all: Vec<u8> = (0..=255).collect();
        for bytes in [&b""[..], &[0], &[0; 9], &runs, &all] {
            let mut text = String::new();
            encode(bytes, &mut text);
            assert_eq!(decode(&text).as_deref(), Ok(bytes), "{text}");
        }
        let mut text = String::new();
        encode(&runs, &mut text);
        assert_eq!(text, "0102 00*9 03 78*70000 0404040404040404 05*9");
    }

    #[test]
    fn what_is_no_hex_is_told() {
        for (text, told) in [
            ("0", "an odd number of hex digits: something is cut off"),
            ("0g", "not hex: 0g"),
            ("aabb*3", "a run has one byte before its count: aabb*3"),
            ("aa*x", "not a count: aa*x"),
            ("aa*-1", "not a count: aa*-1"),
            ("aa*99999999", "more than 1048576 bytes in one line"),
            ("aa*1048576 00", "more than 1048576 bytes in one line"),
            ("é", "not hex: \\xc3\\xa9"),
        ] {
            assert_eq!(decode(text), Err(told.to_owned()));
        }
        assert_eq!(decode("AA bb*2  cc "), Ok(vec![0xAA, 0xBB, 0xBB, 0xCC]));
    }
}
