//! Owns which names of entries are harmless: they stay inside, and Windows can hold them.
//!
//! Does not own reading them (`contents`).

use std::collections::HashMap;

use super::limits::{FOLDER_DEPTH_MAX, NAME_UNITS_MAX, NAMES_BYTES_MAX, PATH_UNITS_MAX};

/// What is wrong with one entry's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The finding that explains it.
    pub code: &'static str,
    /// The name and what is wrong with it.
    pub message: String,
}

/// Names that lead to a device in every folder of Windows, whatever their extension.
const DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"];

/// A name as we know it: `/` between its parts, none at its end.
pub(super) fn normal(raw: &str) -> String {
    raw.replace('\\', "/").trim_end_matches('/').to_owned()
}

/// What is wrong with a name alone; `name` is normal.
pub(super) fn refusal(name: &str) -> Option<Refusal> {
    let escapes = |why: &str| refused("package-name-escapes", name, why);
    let cannot = |why: &str| refused("package-name-refused", name, why);
    if name.starts_with('/') {
        return Some(escapes("is absolute"));
    }
    let bytes = name.as_bytes();
    if bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':') {
        return Some(escapes("begins with a drive"));
    }
    if name.encode_utf16().count() > PATH_UNITS_MAX {
        let why = format!("is longer than {PATH_UNITS_MAX} characters");
        return Some(refused("package-name-refused", &beginning(name), &why));
    }
    for part in name.split('/') {
        if part == ".." {
            return Some(escapes("leads out of its folder by `..`"));
        }
        if let Some(why) = part_refusal(part) {
            return Some(cannot(&why));
        }
    }
    let is_deep = name.split('/').nth(FOLDER_DEPTH_MAX).is_some();
    is_deep.then(|| {
        let why = format!("has more than {FOLDER_DEPTH_MAX} parts");
        refused("package-name-refused", &beginning(name), &why)
    })
}

/// As much of a long name as tells which one it is.
fn beginning(name: &str) -> String {
    let start: String = name.chars().take(60).collect();
    format!("{start}…")
}

fn refused(code: &'static str, name: &str, why: &str) -> Refusal {
    // Control characters in a name would forge lines of a terminal.
    Refusal { code, message: format!("{} {why}", name.escape_debug()) }
}

/// Why Windows cannot hold a file or folder of that name.
fn part_refusal(part: &str) -> Option<String> {
    if part.is_empty() || part == "." {
        return Some("has an empty part, `//` or `/./`".to_owned());
    }
    if let Some(c) = part.chars().find(|c| c.is_control() || "<>:\"|?*".contains(*c)) {
        let why = if c == ':' { ", which names a stream beside the file" } else { "" };
        return Some(format!("holds `{}`{why}", c.escape_debug()));
    }
    if part.ends_with(['.', ' ']) {
        return Some("has a part that ends with a dot or blank, which Windows drops".to_owned());
    }
    if part.encode_utf16().count() > NAME_UNITS_MAX {
        return Some(format!("has a part longer than {NAME_UNITS_MAX} characters"));
    }
    is_device(part).then(|| format!("has the part {part}, which is a device on Windows"))
}

/// Whether Windows takes a part of a path for a device. What stands behind the first dot, and blanks
/// before it, do not count.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = |port: &str| {
        let mut rest = stem.strip_prefix(port).unwrap_or_default().chars();
        // The superscripts are digits to Windows, too.
        matches!((rest.next(), rest.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    DEVICES.contains(&stem.as_str()) || numbered("COM") || numbered("LPT")
}

/// Two of these paths of which the second lies in the first, or is the same: Windows knows no case.
pub(crate) fn overlap<'a>(paths: &[&'a str]) -> Option<(&'a str, &'a str)> {
    // With a slash at its end, so that `var` is none of `various`.
    let plain = |path: &str| format!("{}/", path.to_lowercase());
    paths.iter().enumerate().find_map(|(at, outer)| {
        let mut others = paths.iter().enumerate().filter(|(other, _)| *other != at);
        let (_, inner) = others.find(|(_, it)| plain(it).starts_with(&plain(outer)))?;
        Some((*outer, *inner))
    })
}

/// Which names are in each other's way on a disk where case does not count: the same name twice, or
/// a file where another name has a folder.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// By lower-case name: the name as written, and whether it is a folder. The folders above each one
    /// are there, too.
    names: HashMap<String, (String, bool)>,
    /// Bytes of the names as written.
    bytes: usize,
}

impl Taken {
    /// Adds a name and the folders above it.
    pub(super) fn add(&mut self, name: &str, is_folder: bool) -> Option<Refusal> {
        let lower = name.to_lowercase();
        match self.names.get(&lower) {
            // Folders of the same name are one folder, in whatever case they are written.
            Some((_, true)) if is_folder => return None,
            Some((other, _)) => return Some(collides(name, other)),
            None => {}
        }
        let mut fresh = vec![(lower.as_str(), name, is_folder)];
        // From below: above a folder that is known all are known.
        for ((end, _), (lower_end, _)) in name.rmatch_indices('/').zip(lower.rmatch_indices('/')) {
            match self.names.get(&lower[..lower_end]) {
                Some((_, true)) => break,
                Some((other, false)) => return Some(collides(name, other)),
                None => fresh.push((&lower[..lower_end], &name[..end], true)),
            }
        }
        for (lower, name, is_folder) in fresh {
            self.bytes += name.len();
            if self.bytes > NAMES_BYTES_MAX {
                let message = format!(
                    "the names of its files and folders take more than {NAMES_BYTES_MAX} bytes"
                );
                return Some(Refusal { code: "package-too-large", message });
            }
            self.names.insert(lower.to_owned(), (name.to_owned(), is_folder));
        }
        None
    }
}

fn collides(name: &str, other: &str) -> Refusal {
    let why = if name == other {
        "is there twice".to_owned()
    } else {
        format!("and {} are in each other's way on Windows", other.escape_debug())
    };
    refused("package-name-collides", name, &why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_out_or_that_windows_cannot_hold() {
        for (name, code) in [
            ("site/app.py", ""),
            ("site/.hidden", ""),
            ("site/été ☃.txt", ""),
            ("site/console.py", ""),
            ("site/com10/nulls.txt", ""),
            ("../x", "package-name-escapes"),
            ("a/../../x", "package-name-escapes"),
            ("/etc/passwd", "package-name-escapes"),
            ("//server/share", "package-name-escapes"),
            ("C:/Windows/x", "package-name-escapes"),
            ("c:x", "package-name-escapes"),
            ("a//b", "package-name-refused"),
            ("a/./b", "package-name-refused"),
            ("", "package-name-refused"),
            ("a/NUL", "package-name-refused"),
            ("a/nul.txt", "package-name-refused"),
            ("a/Com1 .log", "package-name-refused"),
            ("aux/x", "package-name-refused"),
            ("LPT³", "package-name-refused"),
            ("a/x.txt:stream", "package-name-refused"),
            ("a/x.", "package-name-refused"),
            ("a /x", "package-name-refused"),
            ("a/x\n", "package-name-refused"),
            ("a/what?", "package-name-refused"),
        ] {
            let found = refusal(name).map_or("", |refusal| refusal.code);
            assert_eq!(found, code, "{name:?}");
        }
        assert!(refusal(&"x".repeat(256)).is_some() && refusal(&"x".repeat(255)).is_none());
        assert!(refusal(&"xy/".repeat(400)[..1199]).is_some());
        let deep = |parts: usize| vec!["x"; parts].join("/");
        assert!(refusal(&deep(FOLDER_DEPTH_MAX)).is_none());
        let found = refusal(&deep(FOLDER_DEPTH_MAX + 1)).map(|refusal| refusal.code);
        assert_eq!(found, Some("package-name-refused"));
    }

    #[test]
    fn backslashes_are_slashes() {
        assert_eq!(normal("a\\b\\"), "a/b");
        assert_eq!(refusal(&normal("..\\x")).map(|r| r.code), Some("package-name-escapes"));
    }

    #[test]
    fn names_collide_without_regard_to_case() {
        let mut taken = Taken::default();
        for (name, is_folder, message) in [
            ("site", true, ""),
            ("Site/app.py", false, ""),
            (
                "site/app.PY",
                false,
                "site/app.PY and Site/app.py are in each other's way on Windows",
            ),
            ("Site/app.py", false, "Site/app.py is there twice"),
            (
                "site/app.py/x",
                false,
                "site/app.py/x and Site/app.py are in each other's way on Windows",
            ),
            ("site/static", false, ""),
            ("site/static", true, "site/static is there twice"),
            ("SITE", true, ""),
            ("site", false, "site is there twice"),
        ] {
            let found = taken.add(name, is_folder).map_or(String::new(), |r| r.message);
            assert_eq!(found, message, "{name}");
        }
    }

    #[test]
    fn names_are_kept_once_and_not_without_end() {
        let mut taken = Taken::default();
        for number in 0..1000 {
            assert_eq!(taken.add(&format!("a/b/{number:04}"), false), None);
        }
        assert_eq!(taken.bytes, "a".len() + "a/b".len() + 1000 * "a/b/0000".len());
        // Sixty folders above each file, and none of them shared.
        let rest = "0123456789abcde/".repeat(60);
        let refusal = (0..65_535).find_map(|number| taken.add(&format!("{number}/{rest}x"), false));
        assert_eq!(refusal.map(|refusal| refusal.code), Some("package-too-large"));
        assert!(taken.names.len() < 100_000, "{}", taken.names.len());
    }
}
