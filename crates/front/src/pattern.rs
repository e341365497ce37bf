//! Owns the matching of a handler mapping's path patterns and verbs.
//!
//! Does not look at files, nor choose among mappings.

use iis::handlers::HandlerMapping;

/// Matches a mapping's verb list. `*` is all; verbs differ by case, as in the schema.
pub(crate) fn matches_verb(mapping: &HandlerMapping, method: &str) -> bool {
    mapping.verbs.iter().any(|verb| verb == "*" || verb == method)
}

/// Matches a mapping's patterns against a URL path below the application's root (it starts with a
/// slash). Returns how many characters of it are the script; what follows is path info.
pub(crate) fn matches_path(mapping: &HandlerMapping, path: &str) -> Option<usize> {
    mapping.path_patterns.iter().find_map(|pattern| matches_pattern(pattern, path))
}

fn matches_pattern(pattern: &str, path: &str) -> Option<usize> {
    if pattern == "*" {
        return Some(path.len());
    }
    if pattern.contains('/') {
        // Below the application's root, with or without its slash.
        let pattern = pattern.strip_prefix('/').unwrap_or(pattern);
        return wildcard(pattern, &path[1..]).then_some(path.len());
    }
    if pattern == "*." {
        // Names without an extension.
        let name = path.rsplit('/').next().unwrap_or_default();
        return (!name.is_empty() && !name.contains('.')).then_some(path.len());
    }
    // A file name: the first segment that matches is the script.
    let mut end = 0;
    for segment in path.split_inclusive('/') {
        let name = segment.trim_end_matches('/');
        if !name.is_empty() && wildcard(pattern, name) {
            return Some(end + name.len());
        }
        end += segment.len();
    }
    None
}

/// `*` is any run of characters, `?` any one; letters match in either case.
fn wildcard(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some('?') => (p, t) = (p + 1, t + 1),
            Some(c) if *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                // Let the last star take one character more.
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    (p, t) = (at + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// What the stars of a pattern stand for in a text, each as little as it can; `None` when it does
/// not match. ASCII letters match in either case.
pub(crate) fn captures<'a>(pattern: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let (pattern, lower) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let mut literals = pattern.split('*');
    let first = literals.next().unwrap_or_default();
    let literals: Vec<&str> = literals.collect();
    lower.strip_prefix(first)?;
    let mut at = first.len();
    let mut found = Vec::new();
    for (index, literal) in literals.iter().enumerate() {
        let is_last = index + 1 == literals.len();
        let end = match is_last {
            true if lower[at..].ends_with(literal) => text.len() - literal.len(),
            true => return None,
            false => at + lower[at..].find(literal)?,
        };
        found.push(&text[at..end]);
        at = end + literal.len();
    }
    (at == text.len()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::{captures, matches_pattern, wildcard};

    #[test]
    fn what_stars_stand_for() {
        for (pattern, text, expected) in [
            ("*.php", "/a/B.PHP", Some(&["/a/B"][..])),
            ("/docs/*/v*", "/Docs/x/v3", Some(&["x", "3"])),
            ("*", "", Some(&[""])),
            ("/a", "/a", Some(&[])),
            ("/a", "/ab", None),
            ("a*a", "a", None),
            ("*é*", "xéy", Some(&["x", "y"])),
            ("**", "x", Some(&["", "x"])),
        ] {
            assert_eq!(captures(pattern, text).as_deref(), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, path, script) in [
            ("*", "/", Some("/")),
            ("*", "/a/b.c/d", Some("/a/b.c/d")),
            ("*.py", "/a.PY", Some("/a.PY")),
            ("*.py", "/x/a.py/rest/of.it", Some("/x/a.py")),
            ("*.py", "/a.pyc", None),
            ("*.py", "/", None),
            ("static/*", "/static/a/b.css", Some("/static/a/b.css")),
            ("/static/*", "/Static/a.css", Some("/Static/a.css")),
            ("static/*", "/x/static/a.css", None),
            ("static/*", "/static", None),
            ("trace.axd", "/x/trace.axd", Some("/x/trace.axd")),
            ("*.", "/users/list", Some("/users/list")),
            ("*.", "/users/list.htm", None),
            ("*.", "/users/", None),
            ("a?c", "/abc", Some("/abc")),
        ] {
            let found = matches_pattern(pattern, path).map(|end| &path[..end]);
            assert_eq!(found, script, "{pattern} on {path}");
        }
    }

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("**", "", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXc", false),
            ("*a", "aaab", false),
            ("?", "", false),
            ("é*", "Éa", true),
        ] {
            assert_eq!(wildcard(pattern, text), expected, "{pattern} on {text}");
        }
        // Many stars cost no exponential time.
        assert!(!wildcard(
            &"*a".repeat(50),
            &"a".repeat(5000).replace("aaaaa", "aaaab")[..4999].replace('a', "b")
        ));
    }
}
