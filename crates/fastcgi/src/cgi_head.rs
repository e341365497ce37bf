//! Owns the head of a CGI response as it comes out of STDOUT: lines, `Status:`, the blank line.
//!
//! Does not own HTTP: what a server makes of status and headers is its own matter.

use crate::error::{Error, Result};
use crate::limits::{HEAD_BYTES_MAX, HEAD_LINES_MAX};
use alloc::string::String;
use alloc::vec::Vec;

/// A parsed head. Names and values are borrowed, in the order sent, duplicates kept.
#[derive(Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// From `Status:`; without one, 302 if there is a `Location:`, else 200 (RFC 3875 §6).
    pub status: u16,
    /// The words behind the status number, maybe none.
    pub reason: &'a [u8],
    /// All header lines but `Status:`.
    pub headers: Vec<(&'a [u8], &'a [u8])>,
    /// Bytes of the head, blank line included: the body begins there.
    pub length: usize,
}

/// Most bytes of an offending line that an error quotes.
const QUOTED_BYTES_MAX: usize = 80;

fn malformed(line: usize, why: &'static str, text: &[u8]) -> Error {
    let text = &text[..text.len().min(QUOTED_BYTES_MAX)];
    Error::PeerHead { line, why, text: String::from_utf8_lossy(text).into_owned() }
}

/// Whether a byte may stand in a header name (RFC 9110 §5.6.2, token).
pub const fn is_token_byte(byte: u8) -> bool {
    TOKEN_BYTES[byte as usize]
}

/// Each byte's answer: every byte of every header name is asked for.
static TOKEN_BYTES: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0);
    while byte < table.len() {
        table[byte] = matches!(byte as u8, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'z'
            | b'|' | b'~' | b'0'..=b'9' | b'A'..=b'Z');
        byte += 1;
    }
    table
};

/// Reads a head from the start of `bytes`; `None` when its blank line is not there yet. Lines end
/// with CRLF or LF, as all servers allow.
///
/// # Errors
/// [`Error::PeerHead`] for a malformed line, [`Error::PeerLimit`] over a bound.
pub fn parse(bytes: &[u8]) -> Result<Option<Head<'_>>> {
    let mut head = Head { status: 0, reason: b"", headers: Vec::new(), length: 0 };
    let mut has_location = false;
    for number in 1.. {
        let rest = &bytes[head.length..];
        let line_end = rest.iter().position(|byte| *byte == b'\n');
        if head.length + line_end.unwrap_or(rest.len()) > HEAD_BYTES_MAX {
            let (what, limit) = ("the size of the response head", HEAD_BYTES_MAX);
            return Err(Error::PeerLimit { at: 0, what, limit });
        }
        let Some(line_end) = line_end else { return Ok(None) };
        if number > HEAD_LINES_MAX {
            let (what, limit) = ("the number of response header lines", HEAD_LINES_MAX);
            return Err(Error::PeerLimit { at: head.length as u64, what, limit });
        }
        let line = &rest[..line_end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        head.length += line_end + 1;
        if line.is_empty() {
            break;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Err(malformed(number, "no colon", line));
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.is_empty() || !name.iter().copied().all(is_token_byte) {
            return Err(malformed(number, "bad header name", line));
        }
        if value.iter().any(|byte| matches!(byte, 0 | b'\r')) {
            return Err(malformed(number, "control character in a header value", line));
        }
        if name.eq_ignore_ascii_case(b"status") {
            let digits = value.get(..3).filter(|d| d.iter().all(u8::is_ascii_digit));
            let ends = value.get(3).is_none_or(|byte| *byte == b' ');
            let (Some(&[h, t, o]), true) = (digits, ends) else {
                return Err(malformed(number, "bad status", line));
            };
            head.status =
                u16::from(h - b'0') * 100 + u16::from(t - b'0') * 10 + u16::from(o - b'0');
            if head.status < 100 {
                return Err(malformed(number, "bad status", line));
            }
            head.reason = value[3..].trim_ascii();
            continue;
        }
        has_location |= name.eq_ignore_ascii_case(b"location");
        head.headers.push((name, value));
    }
    if head.status == 0 {
        head.status = if has_location { 302 } else { 200 };
    }
    Ok(Some(head))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_line_ends_and_duplicates() {
        let text = b"Status: 404 Not Found\r\nSet-Cookie: a=1\nSet-Cookie:b=2\r\n\r\nbody";
        let head = parse(text).expect("well formed").expect("complete");
        assert_eq!((head.status, head.reason), (404, &b"Not Found"[..]));
        let cookies: [(&[u8], &[u8]); 2] = [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")];
        assert_eq!(head.headers, cookies);
        assert_eq!(&text[head.length..], b"body");
    }

    #[test]
    fn every_cut_before_the_blank_line_asks_for_more() {
        let text = b"Status: 200\r\nA: b\r\n\r\n";
        for cut in 0..text.len() {
            assert_eq!(parse(&text[..cut]), Ok(None), "cut at {cut}");
        }
        assert_eq!(parse(text).expect("well formed").expect("complete").status, 200);
    }

    #[test]
    fn defaults_of_rfc_3875() {
        assert_eq!(parse(b"Location: /x\n\n").unwrap().unwrap().status, 302);
        assert_eq!(parse(b"\n").unwrap().unwrap().status, 200);
    }

    #[test]
    fn bad_lines_are_told_with_their_number() {
        for (text, line) in [
            (&b"<html>\n"[..], 1),
            (b"A: b\nB C: d\n", 2),
            (b"Status: OK\n", 1),
            (b"Status: 2000\n", 1),
            (b"Status: 000 x\n", 1),
            (b"A: b\rc\n", 1),
            (b": x\n", 1),
        ] {
            match parse(text) {
                Err(Error::PeerHead { line: told, .. }) => assert_eq!(told, line),
                other => panic!("{other:?} for {text:?}"),
            }
        }
        let endless = [b'x'; HEAD_BYTES_MAX + 1];
        assert!(matches!(parse(&endless), Err(Error::PeerLimit { .. })));
    }
}
