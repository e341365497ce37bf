//! Owns the head of a response: a status line and headers checked as PEP 3333 and RFC 9110 want,
//! written in CGI form.
//!
//! Does not own the body: see `body` for what the head says about it.

use crate::limits::HEAD_BYTES_MAX;
use fastcgi::cgi_head::is_token_byte;
use std::fmt;
use std::io::Write;

/// Why a status or a header is refused. Shown to the developer, never to the visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeadError {
    /// Not `NNN reason` with 100 ≤ NNN.
    Status(String),
    /// A name that is no token.
    Name(String),
    /// A value with CR, LF, NUL or another control character.
    Value {
        /// Of which header.
        name: String,
        /// The value, escaped.
        value: String,
    },
    /// A `Content-Length` that is no number, or a second, different one.
    ContentLength(String),
    /// Too many bytes.
    TooLarge,
}

impl fmt::Display for HeadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(text) => {
                write!(f, "bad status: {text:?}: it must be three digits, a space and a reason")
            }
            Self::Name(name) => write!(f, "bad header name: {name:?}"),
            Self::Value { name, value } => {
                write!(f, "control character in the value of header {name}: {value:?}")
            }
            Self::ContentLength(value) => write!(f, "bad Content-Length: {value:?}"),
            Self::TooLarge => write!(f, "the response head is over its limit: {HEAD_BYTES_MAX}"),
        }
    }
}

impl std::error::Error for HeadError {}

/// A head under construction; its buffer is reused from response to response.
#[derive(Debug, Default)]
pub struct Head {
    bytes: Vec<u8>,
    status: u16,
    content_length: Option<u64>,
}

fn quoted(bytes: &[u8]) -> String {
    /// Enough to recognise it in a log line.
    const QUOTED_BYTES_MAX: usize = 120;
    String::from_utf8_lossy(&bytes[..bytes.len().min(QUOTED_BYTES_MAX)]).into_owned()
}

/// Headers between two neighbours on the way, which the web server sets for its own connection.
/// PEP 3333 forbids them to apps; IIS and nginx frame the body themselves.
fn is_hop_by_hop(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [
        b"Connection",
        b"Keep-Alive",
        b"Proxy-Authenticate",
        b"Proxy-Authorization",
        b"TE",
        b"Trailer",
        b"Trailers",
        b"Transfer-Encoding",
        b"Upgrade",
    ];
    // Their first letters let almost every other header pass at once.
    matches!(
        name.first(),
        Some(b'c' | b'C' | b'k' | b'K' | b'p' | b'P' | b't' | b'T' | b'u' | b'U')
    ) && NAMES.iter().any(|hop| name.eq_ignore_ascii_case(hop))
}

/// Whether a value has a control character other than a tab. All bytes are looked at, many at a time:
/// hardly a value has one.
fn has_control(value: &[u8]) -> bool {
    value.iter().fold(false, |found, byte| found | (byte.is_ascii_control() & (*byte != b'\t')))
}

impl Head {
    /// Begins with a status line, `200 OK` or, as wfastcgi's users write, `200`.
    ///
    /// # Errors
    /// [`HeadError::Status`].
    pub fn begin(&mut self, status: &[u8]) -> Result<(), HeadError> {
        self.clear();
        let digits =
            status.first_chunk::<3>().filter(|digits| digits.iter().all(u8::is_ascii_digit));
        let rest = status.get(3..).unwrap_or_default();
        let (Some([h, t, o]), true) = (digits, rest.is_empty() || rest[0] == b' ') else {
            return Err(HeadError::Status(quoted(status)));
        };
        let number = u16::from(h - b'0') * 100 + u16::from(t - b'0') * 10 + u16::from(o - b'0');
        if number < 100 || rest.iter().any(u8::is_ascii_control) {
            return Err(HeadError::Status(quoted(status)));
        }
        self.status = number;
        self.bytes.extend_from_slice(b"Status: ");
        self.bytes.extend_from_slice(status);
        self.bytes.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.status = 0;
        self.content_length = None;
    }

    /// Whether [`Self::begin`] was called since the last [`Self::clear`].
    pub const fn has_begun(&self) -> bool {
        self.status != 0
    }

    /// Adds a header. Hop-by-hop headers are left out: `false` is returned for them.
    ///
    /// # Errors
    /// [`HeadError`] for bad names and values, and when the head gets too large.
    pub fn header(&mut self, name: &[u8], value: &[u8]) -> Result<bool, HeadError> {
        if name.is_empty() || !name.iter().copied().all(is_token_byte) {
            return Err(HeadError::Name(quoted(name)));
        }
        if has_control(value) {
            return Err(HeadError::Value { name: quoted(name), value: quoted(value) });
        }
        if is_hop_by_hop(name) {
            return Ok(false);
        }
        if name.len() == 14 && name.eq_ignore_ascii_case(b"content-length") {
            let length = std::str::from_utf8(value).ok().map(str::trim).and_then(|text| {
                text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
            });
            match (length, self.content_length) {
                (Some(length), None) => self.content_length = Some(length),
                (Some(length), Some(before)) if length == before => return Ok(true),
                _ => return Err(HeadError::ContentLength(quoted(value))),
            }
            if self.forbids_length() {
                return Ok(false);
            }
        } else if name.eq_ignore_ascii_case(b"status") {
            // CGI's own word: a second one would override the status line.
            return Ok(false);
        }
        if self.bytes.len() + name.len() + value.len() + 6 > HEAD_BYTES_MAX {
            return Err(HeadError::TooLarge);
        }
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(b": ");
        self.bytes.extend_from_slice(value);
        self.bytes.extend_from_slice(b"\r\n");
        Ok(true)
    }

    /// Adds a `Content-Length` if there is none and the status allows one.
    pub fn set_length(&mut self, length: u64) {
        if self.content_length.is_none() && !self.forbids_length() {
            self.content_length = Some(length);
            write!(self.bytes, "Content-Length: {length}\r\n").expect("a vector takes all");
        }
    }

    /// RFC 9110 §8.6: neither 1xx nor 204 may carry a length.
    const fn forbids_length(&self) -> bool {
        self.status < 200 || self.status == 204
    }

    /// The status number.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The `Content-Length`, if there is one.
    pub const fn content_length(&self) -> Option<u64> {
        self.content_length
    }

    /// The whole head, its blank line added.
    pub fn finish(&mut self) -> &[u8] {
        self.bytes.extend_from_slice(b"\r\n");
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: &str, headers: &[(&str, &str)]) -> Result<String, HeadError> {
        let mut head = Head::default();
        head.begin(status.as_bytes())?;
        for (name, value) in headers {
            head.header(name.as_bytes(), value.as_bytes())?;
        }
        Ok(String::from_utf8(head.finish().to_vec()).expect("ASCII in these tests"))
    }

    #[test]
    fn a_head_is_written_as_given() {
        let written = head("200 OK", &[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X", "")]);
        assert_eq!(
            written.expect("valid"),
            "Status: 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX: \r\n\r\n"
        );
        assert_eq!(head("200", &[]).expect("as wfastcgi bore"), "Status: 200\r\n\r\n");
    }

    #[test]
    fn injections_are_refused() {
        for status in ["", "20 OK", "200OK", "2000 X", "099 X", "200 a\r\nX: y", "abc x", "200 a\n"]
        {
            assert!(matches!(head(status, &[]), Err(HeadError::Status(_))), "{status:?}");
        }
        for name in ["", "A B", "A:", "A\r\n", "Ä", "A\0"] {
            assert!(matches!(head("200 OK", &[(name, "x")]), Err(HeadError::Name(_))), "{name:?}");
        }
        for value in ["a\r\nSet-Cookie: b", "a\nb", "\0", "\u{1b}[0m", "\u{7f}"] {
            let got = head("200 OK", &[("X", value)]);
            assert!(matches!(got, Err(HeadError::Value { .. })), "{value:?}");
        }
    }

    #[test]
    fn hop_by_hop_headers_are_left_out() {
        for name in ["Connection", "keep-alive", "Transfer-Encoding", "UPGRADE", "Status"] {
            assert_eq!(head("200 OK", &[(name, "x")]).expect("valid"), "Status: 200 OK\r\n\r\n");
        }
    }

    #[test]
    fn lengths_are_numbers_and_agree() {
        for value in ["-1", "x", "", "1 2", "+5", "99999999999999999999"] {
            let got = head("200 OK", &[("Content-Length", value)]);
            assert!(matches!(got, Err(HeadError::ContentLength(_))), "{value:?}");
        }
        let twice = [("Content-Length", "5"), ("content-length", "5")];
        assert_eq!(
            head("200 OK", &twice).expect("equal"),
            "Status: 200 OK\r\nContent-Length: 5\r\n\r\n"
        );
        assert!(head("200 OK", &[("Content-Length", "5"), ("Content-Length", "6")]).is_err());
        assert_eq!(
            head("204 No", &[("Content-Length", "0")]).expect("valid"),
            "Status: 204 No\r\n\r\n"
        );
    }

    #[test]
    fn a_head_has_an_end() {
        let mut head = Head::default();
        head.begin(b"200 OK").expect("valid");
        let large = vec![b'x'; 100_000];
        head.header(b"A", &large).expect("fits");
        head.header(b"B", &large).expect("fits");
        assert_eq!(head.header(b"C", &large), Err(HeadError::TooLarge));
    }
}
