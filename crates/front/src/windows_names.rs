//! Owns the names that Windows has no files for, whatever lies on this system's disk: devices, names
//! that end with a dot or a space, streams.
//!
//! Does not own what is hidden or denied on purpose: that is request filtering's.

/// Devices; `com` and `lpt` with a digit besides.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
/// Never in a name. The colon separates a file from its streams: `web.config::$DATA`.
const FORBIDDEN: [char; 7] = ['<', '>', ':', '"', '|', '?', '*'];

/// Tells whether no file or folder on Windows can have such a name.
pub(crate) fn is_impossible(name: &str) -> bool {
    let has_odd_end = name.ends_with(['.', ' ']);
    has_odd_end
        || name.chars().any(|c| FORBIDDEN.contains(&c) || c.is_ascii_control())
        || is_device(name)
}

/// Devices are meant whatever extension follows: `nul.txt`.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_lowercase();
    let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_port = number.is_some_and(|number| {
        let mut rest = number.chars();
        matches!(rest.next(), Some('1'..='9' | '¹' | '²' | '³')) && rest.next().is_none()
    });
    is_port || DEVICES.contains(&stem.as_str())
}

/// Tells whether a path below a folder has such a name among its segments.
pub(crate) fn has_impossible(path: &str) -> bool {
    path.split('/').any(|segment| !segment.is_empty() && is_impossible(segment))
}

#[cfg(test)]
mod tests {
    use super::{has_impossible, is_impossible};

    #[test]
    fn names() {
        for name in [
            "con",
            "NUL",
            "nul.txt",
            "aux.tar.gz",
            "Com1",
            "lpt9.log",
            "com²",
            "CONIN$",
            "con .x",
            "a.",
            "a ",
            "...",
            "web.config::$DATA",
            "a:b",
            "a*",
            "what?",
            "a|b",
            "\u{7}",
        ] {
            assert!(is_impossible(name), "{name}");
        }
        for name in [
            "",
            "con1",
            "com",
            "com0",
            "com10",
            "lpt",
            "console",
            "nullable.js",
            ".a",
            "a b",
            "é.x",
        ] {
            assert!(!is_impossible(name), "{name}");
        }
        assert!(has_impossible("a/nul/b") && has_impossible("x."));
        assert!(!has_impossible("a//b/") && !has_impossible(""));
    }
}
