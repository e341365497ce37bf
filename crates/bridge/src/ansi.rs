//! Owns the repair of text that IIS wrote in the system's ANSI code page.
//!
//! Does not know which code page that is, nor any system: what reads it is given.

use crate::names::{Name, Special};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

type Decode = dyn Fn(&[u8]) -> Option<String> + Send + Sync;

/// Reads what IIS sends of names and paths.
///
/// Inside IIS they are Unicode. FastCGI's params are bytes, so IIS converts: to UTF-8 those that the
/// registry lists (`FastCGIUtf8ServerVariables`), all others to the system's ANSI code page, which is
/// 1252 in Western Europe. A request does not tell which one it was. So what is UTF-8 is taken as
/// UTF-8, and what is not is read in the code page: text beyond ASCII is hardly ever both. Apps get
/// UTF-8 either way.
///
/// What the code page lacks arrives as `?`, and no repair brings it back: `iis_path` prefers params
/// in which a path is whole.
#[derive(Clone, Default)]
pub struct Ansi(Option<Arc<Decode>>);

impl fmt::Debug for Ansi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Ansi(known)" } else { "Ansi(unknown)" })
    }
}

fn is_utf8(value: &[u8]) -> bool {
    std::str::from_utf8(value).is_ok()
}

impl Ansi {
    /// Reads by `decode`, which answers `None` for bytes that it cannot read. By default no code page
    /// is known, and bytes that are no UTF-8 stay as they are.
    pub fn new(decode: impl Fn(&[u8]) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(decode)))
    }

    /// The value as UTF-8; `None` when it is neither that nor in the code page.
    pub(crate) fn read<'a>(&self, value: Cow<'a, [u8]>) -> Option<Cow<'a, [u8]>> {
        if is_utf8(&value) {
            return Some(value);
        }
        let text = self.0.as_ref()?(&value)?;
        Some(Cow::Owned(text.into_bytes()))
    }

    /// The value as UTF-8, or as it is when it cannot be read.
    pub fn repaired<'a>(&self, value: &'a [u8]) -> Cow<'a, [u8]> {
        self.read(value.into()).unwrap_or(value.into())
    }

    /// Whether a param of IIS's is to be [repaired](Self::repaired_param).
    pub fn is_damaged(name: Name, value: &[u8]) -> bool {
        name.is_text() && !is_utf8(value)
    }

    /// A param of IIS's as UTF-8. Of `REQUEST_URI` that is the path: the query is the client's own,
    /// byte for byte.
    pub fn repaired_param<'a>(&self, name: Name, value: &'a [u8]) -> Cow<'a, [u8]> {
        let query = match name {
            Name::Special(Special::RequestUri) => value.iter().position(|byte| *byte == b'?'),
            _ => None,
        };
        let Some(query) = query else { return self.repaired(value) };
        let (path, query) = value.split_at(query);
        let mut path = self.repaired(path).into_owned();
        path.extend_from_slice(query);
        path.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify;

    fn latin1() -> Ansi {
        Ansi::new(|bytes| Some(bytes.iter().map(|byte| char::from(*byte)).collect()))
    }

    #[test]
    fn only_what_is_no_utf8_is_read_in_the_code_page() {
        let picky = Ansi::new(|bytes| (!bytes.contains(&b'\xFF')).then(|| "read".to_owned()));
        for (ansi, value, expected) in [
            (latin1(), &b"DOMAIN\\j\xF8rgen"[..], "DOMAIN\\jørgen".as_bytes()),
            (latin1(), "DOMAIN\\jørgen".as_bytes(), "DOMAIN\\jørgen".as_bytes()),
            (latin1(), b"", b""),
            (picky.clone(), b"\xF8", b"read"),
            (picky, b"\xF8\xFF", b"\xF8\xFF"),
            (Ansi::default(), b"j\xF8rgen", b"j\xF8rgen"),
        ] {
            assert_eq!(&*ansi.repaired(value), expected, "{ansi:?} {value:?}");
        }
    }

    #[test]
    fn what_the_client_sent_stays_as_it_is() {
        for (name, value, expected) in [
            ("REMOTE_USER", &b"j\xF8"[..], "jø".as_bytes()),
            ("AUTH_USER", b"j\xF8", "jø".as_bytes()),
            ("PATH_TRANSLATED", b"C:\\s\xF8\\x", "C:\\sø\\x".as_bytes()),
            ("SCRIPT_FILENAME", b"C:\\s\xF8\\x", "C:\\sø\\x".as_bytes()),
            ("APPL_PHYSICAL_PATH", b"C:\\s\xF8\\", "C:\\sø\\".as_bytes()),
            ("REQUEST_URI", b"/\xF8", "/ø".as_bytes()),
            ("REQUEST_URI", b"/\xF8?\xF8?", b"/\xC3\xB8?\xF8?"),
            ("REQUEST_URI", b"/x?\xF8", b"/x?\xF8"),
            ("QUERY_STRING", b"\xF8", b"\xF8"),
            ("HTTP_X_NAME", b"\xF8", b"\xF8"),
            ("HTTP_REFERER", b"/\xF8", b"/\xF8"),
            ("UNENCODED_URL", b"/\xF8", b"/\xF8"),
            ("CONTENT_TYPE", b"x/\xF8", b"x/\xF8"),
        ] {
            let kind = classify(name.as_bytes());
            let got = match Ansi::is_damaged(kind, value) {
                true => latin1().repaired_param(kind, value),
                false => value.into(),
            };
            assert_eq!(&*got, expected, "{name}={value:?}");
        }
    }
}
