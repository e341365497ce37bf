//! Owns that links in Markdown lead to files that exist.
//!
//! Does not own links to the web: they break without our doing.

use std::path::{Component, Path, PathBuf};

use super::{Breach, Source};

/// Every link to a file or folder of the checkout leads somewhere.
pub(super) fn lead(sources: &[Source]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in sources.iter().filter(|source| source.name.ends_with(".md")) {
        let folder = Path::new(&source.name).parent().unwrap_or(Path::new(""));
        let mut in_code = false;
        for (index, line) in source.text.lines().enumerate() {
            if line.trim_start().starts_with("```") {
                in_code = !in_code;
            }
            if in_code {
                continue;
            }
            for link in targets(line) {
                let path = link.split('#').next().unwrap_or_default();
                if path.is_empty() || path.contains(':') {
                    continue;
                }
                let wanted = plain(&folder.join(path));
                if !sources.iter().any(|known| known.is_under(&wanted.to_string_lossy())) {
                    breaches.push(source.breach(index + 1, format!("`{link}` leads nowhere")));
                }
            }
        }
    }
    breaches
}

/// The targets of `[text](target)` and of `[name]: target` in a line.
fn targets(line: &str) -> Vec<&str> {
    let mut found: Vec<&str> =
        line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()).collect();
    if line.starts_with('[')
        && let Some((_, target)) = line.split_once("]: ")
    {
        found.push(target.trim());
    }
    found
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::Normal(name) => plain.push(name),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nothing_is_told() {
        let text = "[a](../README.md#top) [b](nowhere.md)\n```\n[c](x)\n```\n[d](https://a.b/c)\n\
                    [e](../crates/page)\n[f]: gone.md\n";
        let sources = [
            Source::new("docs/a.md", text),
            Source::new("README.md", ""),
            Source::new("crates/page/src/lib.rs", "//! Owns pages.\n"),
        ];
        let lines: Vec<usize> = lead(&sources).iter().map(|breach| breach.line).collect();
        assert_eq!(lines, [1, 7]);
    }
}
