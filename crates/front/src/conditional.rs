//! Owns ETags of files as IIS makes them, and whether a request's conditions hold (RFC 9110 §13).
//!
//! Does not read files.

use std::fmt::Write;
use std::time::SystemTime;

use crate::runtime::{HeaderMap, header};

/// From 1601, where Windows begins to count, to 1970, in its steps of 100 nanoseconds.
const EPOCH_STEPS: u128 = 116_444_736_000_000_000;

/// What a client may know a file by.
#[derive(Debug)]
pub(crate) struct Validators {
    /// With its quotes; `None` when `setEtag` forbids it or the file has no date.
    pub(crate) etag: Option<String>,
    pub(crate) modified: Option<SystemTime>,
}

/// What a request's conditions come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Proceed,
    /// 304.
    NotModified,
    /// 412.
    Failed,
}

/// The time of the last change as Windows counts it, byte by byte, lowest first, each in as few
/// digits as it needs; behind the colon the number of configuration changes, which nobody sees.
pub(crate) fn etag(modified: SystemTime) -> Option<String> {
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let steps = u64::try_from(since.as_nanos() / 100 + EPOCH_STEPS).ok()?;
    let mut etag = "\"".to_owned();
    for byte in steps.to_le_bytes() {
        let _ = write!(etag, "{byte:x}");
    }
    Some(etag + ":0\"")
}

impl Validators {
    /// Weighs the conditions of a GET or HEAD in the order of RFC 9110 §13.2.2.
    pub(crate) fn weigh(&self, headers: &HeaderMap) -> Verdict {
        let modified = self.modified.and_then(seconds);
        if let Some(wanted) = text(headers, header::IF_MATCH) {
            if !self.is_among(&wanted, false) {
                return Verdict::Failed;
            }
        } else if let Some((modified, since)) =
            modified.zip(date(headers, header::IF_UNMODIFIED_SINCE))
            && modified > since
        {
            return Verdict::Failed;
        }
        let is_unchanged = match text(headers, header::IF_NONE_MATCH) {
            Some(known) => self.is_among(&known, true),
            None => modified
                .zip(date(headers, header::IF_MODIFIED_SINCE))
                .is_some_and(|(modified, since)| modified <= since),
        };
        if is_unchanged { Verdict::NotModified } else { Verdict::Proceed }
    }

    /// Whether a part may be sent: not when the file has changed since the client got its own.
    pub(crate) fn allow_range(&self, headers: &HeaderMap) -> bool {
        match text(headers, header::IF_RANGE) {
            None => true,
            Some(known) if known.contains('"') => self.is_among(&known, false),
            Some(_) => date(headers, header::IF_RANGE) == self.modified.and_then(seconds),
        }
    }

    /// Whether our ETag is in a list of them. A weak one, `W/"…"`, is equal only where that is enough.
    fn is_among(&self, list: &str, weak_is_enough: bool) -> bool {
        let Some(ours) = &self.etag else { return list.trim() == "*" };
        list.trim() == "*"
            || list.split(',').map(str::trim).any(|other| {
                let strong = other.strip_prefix("W/");
                strong.filter(|_| weak_is_enough).unwrap_or(other) == ours
            })
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    let values: Vec<_> =
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.join(","))
}

/// HTTP dates have whole seconds.
fn seconds(time: SystemTime) -> Option<u64> {
    time.duration_since(SystemTime::UNIX_EPOCH).ok().map(|duration| duration.as_secs())
}

fn date(headers: &HeaderMap, name: header::HeaderName) -> Option<u64> {
    seconds(httpdate::parse_http_date(headers.get(name)?.to_str().ok()?).ok()?)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{Validators, Verdict, etag};
    use crate::runtime::{HeaderMap, HeaderName, HeaderValue};

    fn file() -> Validators {
        // Sat, 07 Nov 2009 12:00:00 GMT
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(1_257_595_200);
        Validators { etag: etag(modified), modified: Some(modified) }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn etags_look_as_those_of_iis() {
        // Seen on an IIS with its Last-Modified of Thu, 23 Jun 2011 04:56:00 GMT.
        let seen = SystemTime::UNIX_EPOCH + Duration::from_secs(1_308_804_960);
        let tag = etag(seen).unwrap();
        let steps: u64 = 1_308_804_960 * 10_000_000 + 116_444_736_000_000_000;
        let bytes: Vec<String> = steps.to_le_bytes().iter().map(|b| format!("{b:x}")).collect();
        assert_eq!(tag, format!("\"{}:0\"", bytes.concat()));
        assert!(tag.ends_with("cc1:0\"") || tag.ends_with("31cc1:0\""), "{tag}");
    }

    #[test]
    fn conditions() {
        let file = file();
        let ours = file.etag.clone().unwrap();
        let weak = format!("W/{ours}");
        let both = format!("\"x\", {ours}");
        let (same, before, after) = (
            "Sat, 07 Nov 2009 12:00:00 GMT",
            "Sat, 07 Nov 2009 11:59:59 GMT",
            "Sun, 08 Nov 2009 12:00:00 GMT",
        );
        use Verdict::{Failed, NotModified, Proceed};
        for (pairs, expected) in [
            (&[][..], Proceed),
            (&[("if-none-match", ours.as_str())], NotModified),
            (&[("if-none-match", weak.as_str())], NotModified),
            (&[("if-none-match", both.as_str())], NotModified),
            (&[("if-none-match", "*")], NotModified),
            (&[("if-none-match", "\"x\"")], Proceed),
            // The ETag says more than the date.
            (&[("if-none-match", "\"x\""), ("if-modified-since", after)], Proceed),
            (&[("if-modified-since", same)], NotModified),
            (&[("if-modified-since", before)], Proceed),
            (&[("if-modified-since", "yesterday")], Proceed),
            (&[("if-match", ours.as_str())], Proceed),
            (&[("if-match", "*")], Proceed),
            (&[("if-match", weak.as_str())], Failed),
            (&[("if-match", "\"x\"")], Failed),
            (&[("if-unmodified-since", before)], Failed),
            (&[("if-unmodified-since", same)], Proceed),
            (&[("if-match", ours.as_str()), ("if-unmodified-since", before)], Proceed),
        ] {
            assert_eq!(file.weigh(&headers(pairs)), expected, "{pairs:?}");
        }
        for (value, expected) in [
            (ours.as_str(), true),
            (weak.as_str(), false),
            ("\"x\"", false),
            (same, true),
            (after, false),
            (before, false),
        ] {
            assert_eq!(file.allow_range(&headers(&[("if-range", value)])), expected, "{value}");
        }
        assert!(file.allow_range(&headers(&[])));
    }
}
