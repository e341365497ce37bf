//! Owns the decoding of a request's URL path, as HTTP.sys and IIS decode it before any module, and
//! the paths that HTTP.sys refuses.
//!
//! Does not own request filtering (double escapes, high-bit characters) and looks at no file.

use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};

use percent_encoding::percent_decode;

/// The longest segment, and the most of them: HTTP.sys's `UrlSegmentMaxLength` and
/// `UrlSegmentMaxCount`, unless the registry says otherwise.
const SEGMENT_CHARACTERS_MAX: usize = 260;
const SEGMENTS_MAX: usize = 255;

/// A decoded URL path: starts with a slash, has no `.` or `..` segments, no backslashes, no NUL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UrlPath(Vec<u8>);

impl UrlPath {
    /// Decodes a raw path; `None` when no web server would take it (400).
    pub(crate) fn decode(raw: &str) -> Option<UrlPath> {
        if has_broken_escape(raw) {
            return None;
        }
        let mut decoded: Vec<u8> = percent_decode(raw.as_bytes()).collect();
        if decoded.iter().any(u8::is_ascii_control) {
            return None;
        }
        decoded.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
        if decoded.first() != Some(&b'/') {
            return None;
        }
        let mut segments: Vec<&[u8]> = Vec::new();
        let mut is_directory = false;
        for segment in decoded[1..].split(|byte| *byte == b'/') {
            is_directory = matches!(segment, b"." | b"..");
            match segment {
                b"." => {}
                b".." => drop(segments.pop()?),
                segment => segments.push(segment),
            }
        }
        let is_long = |segment: &&[u8]| {
            String::from_utf8_lossy(segment).encode_utf16().count() > SEGMENT_CHARACTERS_MAX
        };
        if segments.len() > SEGMENTS_MAX || segments.iter().any(is_long) {
            return None;
        }
        let mut path = b"/".to_vec();
        path.extend(segments.join(&b'/'));
        if is_directory && !path.ends_with(b"/") {
            path.push(b'/');
        }
        Some(UrlPath(path))
    }

    /// A path that is decoded already.
    pub(crate) fn decoded(path: &str) -> UrlPath {
        UrlPath(path.as_bytes().to_vec())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// For matching and messages; invalid UTF-8 shows as replacement characters.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

/// Whether a percent sign is followed by something else than two hexadecimal digits.
fn has_broken_escape(raw: &str) -> bool {
    raw.split('%').skip(1).any(|rest| {
        let mut digits = rest.bytes();
        !(0..2).all(|_| digits.next().is_some_and(|digit| digit.is_ascii_hexdigit()))
    })
}

/// Where a decoded path lies below a folder, with the system's separators as IIS writes them.
///
/// Never elsewhere: joined as a path, `C:/x` would leave the folder.
pub(crate) fn below(root: &Path, path: &str) -> PathBuf {
    let mut below = root.join("").into_os_string();
    below.push(path.trim_start_matches('/').replace('/', MAIN_SEPARATOR_STR));
    below.into()
}

#[cfg(test)]
mod tests {
    use std::path::{MAIN_SEPARATOR_STR, Path};

    use super::{UrlPath, below};

    #[test]
    fn places_below_a_folder() {
        let root = Path::new("/srv/site");
        for (path, expected) in [("/a/b", "a/b"), ("/", ""), ("", ""), ("//C:/x", "C:/x")] {
            let found = below(root, path).to_string_lossy().into_owned();
            let expected = expected.replace('/', MAIN_SEPARATOR_STR);
            assert_eq!(found, format!("/srv/site{MAIN_SEPARATOR_STR}{expected}"), "{path}");
        }
        assert_eq!(below(Path::new("/srv/site/"), "/a"), Path::new("/srv/site/a"));
    }

    #[test]
    fn paths() {
        for (raw, expected) in [
            ("/", Some("/")),
            ("/a/b", Some("/a/b")),
            ("/a%20b/%C3%A9", Some("/a b/é")),
            ("/a/./b/../c", Some("/a/c")),
            ("/a/..", Some("/")),
            ("/a/b/..", Some("/a/")),
            ("/a/.", Some("/a/")),
            ("/a//b/", Some("/a//b/")),
            ("/a\\b%5Cc", Some("/a/b/c")),
            ("/%2e%2e/etc", None),
            ("/..%2fetc", None),
            ("/a/../../etc", None),
            ("/..\\etc", None),
            ("/a%00b", None),
            ("/a%2Fb", Some("/a/b")),
            ("/100%", None),
            ("/100%2", None),
            ("/%zz", None),
            ("/100%25", Some("/100%")),
            ("/a%0d%0ab", None),
            ("/a%7fb", None),
            ("*", None),
            ("", None),
        ] {
            let decoded = UrlPath::decode(raw).map(|path| path.text());
            assert_eq!(decoded.as_deref(), expected, "{raw}");
        }
        let (longest, most) = ("é".repeat(260), "/a".repeat(255));
        assert!(UrlPath::decode(&format!("/{longest}")).is_some());
        assert!(UrlPath::decode(&format!("/{longest}x")).is_none());
        assert!(UrlPath::decode(&most).is_some() && UrlPath::decode(&(most + "/a")).is_none());
        assert_eq!(UrlPath::decode("/%ff").unwrap().as_bytes(), b"/\xff");
    }
}
