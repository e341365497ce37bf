//! Owns where feeds and installers are: web addresses, `file:` addresses, paths.
//!
//! Does not own fetching from there (`fetch`, `http`).

use std::fmt;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stays as it is in a segment of an address (RFC 3986, §3.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A place to read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// `http:` or `https:`.
    Web(String),
    /// A file of this machine, or of one in its network.
    File(PathBuf),
}

impl Location {
    /// Reads an address or a path; `None` for addresses of another kind.
    ///
    /// `file:` addresses were written with two and with three slashes; both are understood.
    pub fn parse(text: &str) -> Option<Location> {
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once(':') else {
            return (!text.is_empty()).then(|| Location::File(text.into()));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => {
                let is_whole = rest.starts_with("//") && rest.len() > 2;
                is_whole.then(|| Location::Web(text.to_owned()))
            }
            "file" => Some(Location::File(file(rest))),
            // A drive's letter.
            drive if drive.len() == 1 => Some(Location::File(text.into())),
            _ => None,
        }
    }

    /// What `text` means in a feed that was read from here; `None` for what it may not name.
    pub fn join(&self, text: &str) -> Option<Location> {
        let is_relative = !text.contains(':') && !text.starts_with(['/', '\\']);
        match (self, is_relative) {
            (Location::Web(base), true) => {
                let end = base.split(['?', '#']).next().unwrap_or(base).rfind('/')? + 1;
                let encoded: Vec<String> =
                    text.replace('\\', "/").split('/').map(segment).collect();
                Some(Location::Web(format!("{}{}", &base[..end], encoded.join("/"))))
            }
            (Location::File(base), true) => {
                let parts = text.split(['/', '\\']);
                let folder = base.parent().unwrap_or(Path::new(""));
                Some(Location::File(parts.fold(folder.to_owned(), |path, part| path.join(part))))
            }
            // A feed from the web must not have files of this network opened, for that tells who asks.
            (Location::Web(_), false) => {
                Location::parse(text).filter(|place| matches!(place, Location::Web(_)))
            }
            (Location::File(_), false) => Location::parse(text),
        }
    }

    /// The file's name, fit for any system.
    pub fn file_name(&self) -> String {
        let name = match self {
            Location::Web(url) => {
                let path = url.split(['?', '#']).next().unwrap_or_default();
                let last = path.rsplit('/').next().unwrap_or_default();
                percent_decode_str(last).decode_utf8_lossy().into_owned()
            }
            Location::File(path) => {
                path.file_name().unwrap_or_default().to_string_lossy().into_owned()
            }
        };
        safe_name(&name)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Location::Web(url) => f.write_str(url),
            Location::File(path) => path.display().fmt(f),
        }
    }
}

/// A name that is a name and nothing else on any system: no path, no device, no hidden file.
pub fn safe_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
    let name: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let name = name.trim_matches('.');
    if name.is_empty() { "file".to_owned() } else { format!("{}{name}", device_guard(name)) }
}

/// What makes a device's name (`CON`, `NUL.txt`, `COM1`) a file's.
fn device_guard(name: &str) -> &'static str {
    let stem = name.split('.').next().unwrap_or(name).to_ascii_uppercase();
    let is_numbered = |kind: &str| {
        stem.strip_prefix(kind).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    let is_device = ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str());
    if is_device || is_numbered("COM") || is_numbered("LPT") { "_" } else { "" }
}

/// A segment of an address.
pub fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// The `file:` address of an absolute path: three slashes, as WebPI takes it.
pub fn file_url(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let text = text.strip_prefix("//?/").unwrap_or(&text);
    if let Some(share) = text.strip_prefix("//") {
        let parts: Vec<String> = share.split('/').map(segment).collect();
        return format!("file://{}", parts.join("/"));
    }
    let parts: Vec<String> = text
        .trim_start_matches('/')
        .split('/')
        .enumerate()
        .map(|(at, part)| {
            let is_drive = at == 0 && part.len() == 2 && part.ends_with(':');
            if is_drive { part.to_owned() } else { segment(part) }
        })
        .collect();
    format!("file:///{}", parts.join("/"))
}

/// The path of what follows `file:`.
fn file(rest: &str) -> PathBuf {
    let rest = percent_decode_str(rest).decode_utf8_lossy().replace('\\', "/");
    let has_drive = |text: &str| text.as_bytes().get(1) == Some(&b':');
    if let Some(path) = rest.strip_prefix("///") {
        let path = path.trim_start_matches('/');
        return if has_drive(path) { path.into() } else { format!("/{path}").into() };
    }
    match rest.strip_prefix("//") {
        Some(path) if has_drive(path) => path.into(),
        Some(path) if path.starts_with("localhost/") => file(&path["localhost".len()..]),
        Some(share) => format!("//{share}").into(),
        None => rest.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_all_kinds_that_feeds_had_are_read() {
        for (text, expected) in [
            ("https://a.b/c.xml", Some(Location::Web("https://a.b/c.xml".into()))),
            ("HTTP://a", Some(Location::Web("HTTP://a".into()))),
            ("http://", None),
            ("ftp://a/b", None),
            ("javascript:x", None),
            ("file:///C:/a%20b/c.xml", Some(Location::File("C:/a b/c.xml".into()))),
            ("file://C:/a/c.xml", Some(Location::File("C:/a/c.xml".into()))),
            ("file:///srv/a.xml", Some(Location::File("/srv/a.xml".into()))),
            ("file://localhost/srv/a.xml", Some(Location::File("/srv/a.xml".into()))),
            ("file://server/share/a.xml", Some(Location::File("//server/share/a.xml".into()))),
            ("C:\\a\\c.xml", Some(Location::File("C:\\a\\c.xml".into()))),
            ("a/b.xml", Some(Location::File("a/b.xml".into()))),
            ("", None),
        ] {
            assert_eq!(Location::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_feed_from_the_web_names_nothing_but_the_web() {
        let web = Location::Web("https://a.b/feeds/x.xml?y=/z".into());
        let joined = |text: &str| web.join(text).map(|place| place.to_string());
        assert_eq!(joined("dl/a b.zip").as_deref(), Some("https://a.b/feeds/dl/a%20b.zip"));
        assert_eq!(joined("https://c.d/e").as_deref(), Some("https://c.d/e"));
        for text in ["file:///etc/passwd", "\\\\server\\share\\a", "C:\\a", "/etc/passwd"] {
            assert_eq!(joined(text), None, "{text}");
        }
        let file = Location::File("/srv/feeds/x.xml".into());
        assert_eq!(file.join("dl/a.zip"), Some(Location::File("/srv/feeds/dl/a.zip".into())));
    }

    #[test]
    fn paths_become_addresses() {
        for (path, expected) in [
            ("/srv/a b.zip", "file:///srv/a%20b.zip"),
            ("C:\\a\\b.zip", "file:///C:/a/b.zip"),
            ("\\\\server\\share\\b.zip", "file://server/share/b.zip"),
        ] {
            assert_eq!(file_url(Path::new(path)), expected);
        }
    }

    #[test]
    fn names_are_names_and_nothing_else() {
        for (name, expected) in [
            ("a-1.0.zip", "a-1.0.zip"),
            ("..", "file"),
            ("../../x", "_.._x"),
            ("a\\b:c", "a_b_c"),
            ("NUL.txt", "_NUL.txt"),
            ("com1", "_com1"),
            ("é", "_"),
        ] {
            assert_eq!(safe_name(name), expected, "{name}");
        }
        let place = Location::Web("https://a/b/c%2F..%2Fd.zip?x=/e.exe".into());
        assert_eq!(place.file_name(), "c_.._d.zip");
    }
}
