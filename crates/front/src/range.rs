//! Owns the reading of a `Range` header for one range of bytes (RFC 9110 §14.1).
//!
//! Does not own multipart ranges: several ranges are answered with the whole, as the RFC allows.

/// What part of a file is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Range {
    /// All of it: also for ranges that we do not understand.
    Whole,
    /// A part that lies within it and is not empty.
    Part { start: u64, length: u64 },
    /// A part that lies outside (416).
    Unsatisfiable,
}

/// Parses a header's value for a file of that size.
pub(crate) fn parse(value: &str, size: u64) -> Range {
    parse_one(value, size).unwrap_or(Range::Whole)
}

fn parse_one(value: &str, size: u64) -> Option<Range> {
    let (unit, range) = value.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let number = |text: &str| {
        let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than a u64 holds are beyond any end.
        is_digits.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (start, end) = match (first.trim(), last.trim()) {
        ("", suffix) => (size - number(suffix)?.min(size), size),
        (first, "") => (number(first)?, size),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            (first, last.saturating_add(1).min(size))
        }
    };
    let is_within = start < end;
    Some(if is_within { Range::Part { start, length: end - start } } else { Range::Unsatisfiable })
}

#[cfg(test)]
mod tests {
    use super::{Range, parse};

    #[test]
    fn ranges() {
        let part = |start, length| Range::Part { start, length };
        for (value, expected) in [
            ("bytes=0-0", part(0, 1)),
            ("bytes=0-99", part(0, 10)),
            ("bytes=3-5", part(3, 3)),
            ("bytes=7-", part(7, 3)),
            ("bytes=-4", part(6, 4)),
            ("bytes=-40", part(0, 10)),
            ("Bytes = 1-2", part(1, 2)),
            ("bytes=0-99999999999999999999999", part(0, 10)),
            ("bytes=10-", Range::Unsatisfiable),
            ("bytes=10-12", Range::Unsatisfiable),
            ("bytes=-0", Range::Unsatisfiable),
            ("bytes=5-3", Range::Whole),
            ("bytes=0-1,3-4", Range::Whole),
            ("bytes=-", Range::Whole),
            ("bytes=+1-2", Range::Whole),
            ("lines=1-2", Range::Whole),
            ("", Range::Whole),
        ] {
            assert_eq!(parse(value, 10), expected, "{value}");
        }
        assert_eq!(parse("bytes=0-", 0), Range::Unsatisfiable);
    }
}
