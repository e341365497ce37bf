//! Owns what of a value is masked: cookies' values, secrets in queries, user and password in URLs,
//! the value of a header's line.
//!
//! Does not own which names are secret (`names`), nor where in a stream values stand (`mask`).

use super::names::{self, Kind};
use fastcgi::cgi_head::is_token_byte;
use std::ops::Range;

/// Masks the value of a param or response header: each byte of a secret becomes `with`.
pub(super) fn mask(name: &[u8], value: &mut [u8], with: u8) {
    match names::kind(name) {
        Kind::Whole => value.fill(with),
        Kind::Cookies => mask_cookies(value, with),
        Kind::SetCookie => mask_set_cookie(value, with),
        Kind::Plain => mask_plain(value, with),
    }
}

/// What a line of a response's head is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A header, or the continuation of one.
    Header,
    /// The blank line: the body follows.
    Blank,
    /// No header: what follows is not understood.
    Malformed,
}

/// Masks a line of a response's head, which includes its end.
pub(super) fn mask_line(line: &mut [u8], with: u8) -> Line {
    let length = line.trim_ascii_end().len();
    if line.strip_suffix(b"\n").is_some_and(|line| line.is_empty() || line == b"\r") {
        return Line::Blank;
    }
    let text = &mut line[..length];
    if matches!(text.first(), Some(b' ' | b'\t')) {
        // It goes on with a header of whatever kind.
        text.fill(with);
        return Line::Header;
    }
    let colon = text.iter().position(|byte| *byte == b':').unwrap_or(0);
    let (name, value) = text.split_at_mut(colon);
    if name.is_empty() || !name.iter().copied().all(is_token_byte) {
        text.fill(with);
        return Line::Malformed;
    }
    let blanks = value[1..].len() - value[1..].trim_ascii_start().len();
    mask(name, &mut value[1 + blanks..], with);
    Line::Header
}

/// `name=value; name=value`: the values. From a quotation mark on all is masked, for a value in
/// quotes may hold what separates.
fn mask_cookies(value: &mut [u8], with: u8) {
    if let Some(quote) = value.iter().position(|byte| *byte == b'"') {
        value[quote..].fill(with);
        let before = &mut value[..quote];
        return mask_cookies(before, with);
    }
    for piece in value.split_mut(|byte| *byte == b';') {
        let is_name = |bytes: &[u8]| bytes.trim_ascii().iter().copied().all(is_token_byte);
        match piece.iter().position(|byte| *byte == b'=') {
            Some(equals) if is_name(&piece[..equals]) => piece[equals + 1..].fill(with),
            _ => {
                let blanks = piece.len() - piece.trim_ascii_start().len();
                piece[blanks..].fill(with);
            }
        }
    }
}

/// What may follow a cookie's value in `Set-Cookie`, and is no secret.
const ATTRIBUTES: &[&str] = &[
    "domain",
    "expires",
    "httponly",
    "max-age",
    "partitioned",
    "path",
    "priority",
    "samesite",
    "secure",
];

fn mask_set_cookie(value: &mut [u8], with: u8) {
    let is_attribute = |piece: &[u8]| {
        let name = piece.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
        ATTRIBUTES.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
    };
    let pair = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
    let has_quotes = value.contains(&b'"');
    let (pair, rest) = value.split_at_mut(pair);
    mask_cookies(pair, with);
    if has_quotes {
        // What looks like an attribute may be a part of the value.
        return rest.fill(with);
    }
    for piece in rest.split_mut(|byte| *byte == b';').filter(|piece| !is_attribute(piece)) {
        piece.fill(with);
    }
}

/// A character of a value, percent-decoded, and the bytes it was written with.
type Decoded = (u8, Range<usize>);

/// How often an address inside an address inside an address is decoded.
const DECODINGS: usize = 3;

fn decoded(value: &[u8]) -> Vec<Decoded> {
    let mut all: Vec<Decoded> =
        value.iter().enumerate().map(|(at, byte)| (*byte, at..at + 1)).collect();
    for _ in 0..DECODINGS {
        let mut next = Vec::with_capacity(all.len());
        let mut at = 0;
        while at < all.len() {
            let digit =
                |at: usize| all.get(at).and_then(|(byte, _)| char::from(*byte).to_digit(16));
            match (all[at].0, digit(at + 1), digit(at + 2)) {
                (b'%', Some(high), Some(low)) => {
                    next.push(((high * 16 + low) as u8, all[at].1.start..all[at + 2].1.end));
                    at += 3;
                }
                _ => {
                    next.push(all[at].clone());
                    at += 1;
                }
            }
        }
        if next.len() == all.len() {
            break;
        }
        all = next;
    }
    all
}

/// What names in values begin behind. Blanks, brackets and quotation marks are taken for a part.
const SEPARATORS: &[u8] = b"&;,?#/\\({\n";

/// Masks `token=…` and the like wherever it stands, and `user:password@` of URLs.
fn mask_plain(value: &mut [u8], with: u8) {
    if !value.iter().any(|byte| matches!(byte, b'=' | b':' | b'%')) {
        return;
    }
    let all = decoded(value);
    let mut secrets: Vec<Range<usize>> = Vec::new();
    let mut name = 0;
    for (at, (byte, written)) in all.iter().enumerate() {
        match byte {
            b'=' | b':' => {
                let text: Vec<u8> = all[name..at].iter().map(|(byte, _)| *byte).collect();
                if names::is_secret_in_query(&text) {
                    // Only a bare `&` surely is no part of the value.
                    let rest = &value[written.end..];
                    let length = rest.iter().position(|byte| *byte == b'&').unwrap_or(rest.len());
                    secrets.push(written.end..written.end + length);
                }
                if all[at..].iter().map(|(byte, _)| *byte).take(3).eq(*b"://") {
                    secrets.extend(user_of_url(&all[at + 3..]));
                }
                name = at + 1;
            }
            byte if SEPARATORS.contains(byte) => name = at + 1,
            _ => {}
        }
    }
    for secret in secrets {
        value[secret].fill(with);
    }
}

/// Where user and password are written, in what follows `//` of a URL.
fn user_of_url(rest: &[Decoded]) -> Option<Range<usize>> {
    let ends = |byte: &u8| matches!(byte, b'/' | b'?' | b'#' | b' ');
    let length = rest.iter().position(|(byte, _)| ends(byte)).unwrap_or(rest.len());
    let at = rest[..length].iter().rposition(|(byte, _)| *byte == b'@')?;
    Some(rest[0].1.start..rest[at].1.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, value: &str, expected: &str) {
        let mut masked = value.as_bytes().to_vec();
        mask(name.as_bytes(), &mut masked, b'x');
        assert_eq!(String::from_utf8_lossy(&masked), expected, "{name}: {value}");
    }

    #[test]
    fn values_keep_their_lengths_and_lose_their_secrets() {
        for (name, value, expected) in [
            ("HTTP_AUTHORIZATION", "Basic dTpw", "xxxxxxxxxx"),
            ("HTTP_COOKIE", "a=1; session=abc=d;lone; e=", "a=x; session=xxxxx;xxxx; e="),
            ("HTTP_COOKIE", "a=1; b=\"c; d=e\"; f=g", "a=x; b=xxxxxxxxxxxxx"),
            ("HTTP_COOKIE", "s e c=ret", "xxxxxxxxx"),
            ("Set-Cookie", "id=abc; Path=/; HttpOnly", "id=xxx; Path=/; HttpOnly"),
            ("Set-Cookie", "id=abc; other=def; Secure", "id=xxx;xxxxxxxxxx; Secure"),
            ("Set-Cookie", "id=\"a;Path=b\"; Path=/", "id=xxxxxxxxxxxxxxxxxx"),
            ("Set-Cookie", "id=\"a; Path=secret", "id=xxxxxxxxxxxxxxx"),
            ("Set-Cookie", "id; Path=/", "xx; Path=/"),
            ("QUERY_STRING", "a=1&token=abc&b=2", "a=1&token=xxx&b=2"),
            ("QUERY_STRING", "password=a;b,c%26d&b=2", "password=xxxxxxxxx&b=2"),
            ("QUERY_STRING", "pass%77ord=abc", "pass%77ord=xxx"),
            ("QUERY_STRING", "user[password]=abc&q=x:y", "user[password]=xxx&q=x:y"),
            ("QUERY_STRING", "a;pwd=abc", "a;pwd=xxx"),
            ("REQUEST_URI", "/login?key=abc&x=1", "/login?key=xxx&x=1"),
            ("REQUEST_URI", "/a?next=%2Fb%3Ftoken%3Dabc%26y%3D1&z=2", {
                "/a?next=%2Fb%3Ftoken%3Dxxxxxxxxxxx&z=2"
            }),
            ("REQUEST_URI", "/a?n=%252Fb%253Ftoken%253Dabc", "/a?n=%252Fb%253Ftoken%253Dxxx"),
            ("REQUEST_URI", "/a?x=token=abc", "/a?x=token=xxx"),
            ("Location", "https://h/cb#access_token=abc&x=1", "https://h/cb#access_token=xxx&x=1"),
            ("Location", "http://user:pw@h:80/p?q=a@b", "http://xxxxxxx@h:80/p?q=a@b"),
            ("DATABASE_URL", "pg://u:p@ss@h/db", "pg://xxxxxx@h/db"),
            ("HTTP_X_NOTE", "{\"token\": \"abc\"}", "{\"token\":xxxxxxx"),
            ("HTTP_X_NOTE", "{'a': 1, 'api key' : 'b'}", "{'a': 1, 'api key' :xxxxx"),
            ("HTTP_HOST", "localhost:8000", "localhost:8000"),
            ("HTTP_USER_AGENT", "A/1.0 (B; C=d)", "A/1.0 (B; C=d)"),
            ("HTTP_ACCEPT", "text/html;q=0.9,*/*;q=0.8", "text/html;q=0.9,*/*;q=0.8"),
            ("APPL_PHYSICAL_PATH", r"C:\inetpub\site\", r"C:\inetpub\site\"),
            ("REMOTE_ADDR", "", ""),
            ("QUERY_STRING", "%", "%"),
            ("QUERY_STRING", "http://", "http://"),
        ] {
            check(name, value, expected);
        }
    }

    #[test]
    fn what_was_masked_is_masked_the_same_again() {
        for (name, value) in [
            ("HTTP_COOKIE", "a=x; session=xxxxx;xxxx; e="),
            ("Location", "http://xxxxxxx@h:80/p?q=a@b&token=xxx"),
            ("Set-Cookie", "id=xxx;xxxxxxxxxx; Secure"),
        ] {
            check(name, value, value);
        }
    }

    #[test]
    fn lines_of_a_head() {
        for (line, masked, kind) in [
            ("Set-Cookie: a=b; Path=/\r\n", "Set-Cookie: a=x; Path=/\r\n", Line::Header),
            ("X-Token:abc\n", "X-Token:xxx\n", Line::Header),
            ("X-Empty:\n", "X-Empty:\n", Line::Header),
            (" folded\n", "xxxxxxx\n", Line::Header),
            ("\r\n", "\r\n", Line::Blank),
            ("\n", "\n", Line::Blank),
            ("Traceback in a line\n", "xxxxxxxxxxxxxxxxxxx\n", Line::Malformed),
            ("my dog: rex\n", "xxxxxxxxxxx\n", Line::Malformed),
            (": rex\n", "xxxxx\n", Line::Malformed),
        ] {
            let mut bytes = line.as_bytes().to_vec();
            assert_eq!(mask_line(&mut bytes, b'x'), kind, "{line:?}");
            assert_eq!(String::from_utf8_lossy(&bytes), masked);
        }
    }
}
