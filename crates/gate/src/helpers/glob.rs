//! Owns finding files by names with `*` and `?`.
//!
//! Does not know what is looked for; `**` is no more than `*`.

use super::limits::MATCHES_MAX;
use std::path::{Component, Path, PathBuf};

/// Files that match, in the order of their names.
pub(super) fn find(base: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![base.to_owned()];
    for part in Path::new(pattern).components() {
        let name = part.as_os_str().to_string_lossy();
        let is_plain = !matches!(part, Component::Normal(_)) || !name.contains(['*', '?']);
        found = if is_plain {
            found.into_iter().map(|path| path.join(part)).collect()
        } else {
            found.iter().flat_map(|folder| entries(folder, &name)).collect()
        };
        found.truncate(MATCHES_MAX);
    }
    found.retain(|path| path.symlink_metadata().is_ok());
    found.sort();
    found
}

fn entries(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name());
    let matching = names.filter(|name| {
        let name = name.to_string_lossy();
        // As shells have it, what is hidden must be meant.
        (!name.starts_with('.') || pattern.starts_with('.')) && matches(pattern, &name)
    });
    matching.map(|name| folder.join(name)).collect()
}

/// Whether a name matches, without regard to case on Windows.
fn matches(pattern: &str, name: &str) -> bool {
    let letters = |text: &str| -> Vec<char> {
        if cfg!(windows) { text.to_lowercase().chars().collect() } else { text.chars().collect() }
    };
    let (pattern, name) = (letters(pattern), letters(name));
    // Where the last star stood, and what it had swallowed.
    let mut star: Option<(usize, usize)> = None;
    let (mut at, mut in_name) = (0, 0);
    while in_name < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, in_name));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[in_name] => {
                at += 1;
                in_name += 1;
            }
            _ => {
                let Some((stood, swallowed)) = star else { return false };
                star = Some((stood, swallowed + 1));
                at = stood + 1;
                in_name = swallowed + 1;
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name, expected) in [
            ("*.lock", "Data.fs.lock", true),
            ("*.lock", "Data.fs.locked", false),
            ("*", "", true),
            ("a*b*c", "a.b.b.c", true),
            ("a*b*c", "a.c.b", false),
            ("?.pid", "a.pid", true),
            ("?.pid", ".pid", false),
            ("plain", "plain", true),
            ("plain", "plai", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn files_are_found_below_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let base = folder.path();
        for name in ["var/a.lock", "var/b.lock", "var/.hidden.lock", "run/a.lock", "a.pid"] {
            let path = base.join(name);
            std::fs::create_dir_all(path.parent().expect("below")).expect("made");
            std::fs::write(path, "").expect("written");
        }
        let found = |pattern: &str| {
            let found = find(base, pattern);
            let name = |path: &PathBuf| {
                path.strip_prefix(base).expect("below").to_string_lossy().replace('\\', "/")
            };
            found.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(found("var/*.lock"), ["var/a.lock", "var/b.lock"]);
        assert_eq!(found("*/a.lock"), ["run/a.lock", "var/a.lock"]);
        assert_eq!(found("a.pid"), ["a.pid"]);
        assert_eq!(found("nothing/*"), [""; 0]);
        assert_eq!(find(Path::new("/"), &format!("{}/*.pid", base.display())).len(), 1);
    }
}
